#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/api/status_handler.h"
#include "monitor/intake/push_authenticator.h"
#include "monitor/intake/push_intake.h"
#include "monitor/options/options.h"
#include "monitor/service/access_component.h"
#include "monitor/service/api_component.h"
#include "monitor/service/component.h"
#include "monitor/service/intake_components.h"
#include "monitor/service/page_component.h"
#include "publisher/auth/jwks_cache.h"
#include "publisher/http/client.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// Keeps the keys that sign pushes, where signatures are checked. What the constructors of these
/// components take must outlive them.
class PushKeysComponent final : public Component {
 public:
  explicit PushKeysComponent(const ServeOptions& options) : options_(options) {}
  std::string_view name() const override { return "push keys"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

  /// Null where no signatures are checked.
  auth::JwksCache* keys() { return keys_.get(); }

 private:
  const ServeOptions& options_;
  std::unique_ptr<http::Client> http_;
  std::unique_ptr<auth::JwksCache> keys_;
};

/// Answers what people and load balancers ask.
class StatusComponent final : public Component {
 public:
  /// `health` tells of all components; `metrics` are this process's, beside `process`.
  StatusComponent(Ledger& ledger, const ProcessMetrics& process, IntakeComponent& intake,
                  std::function<Health()> health,
                  std::function<std::vector<telemetry::Metric>()> metrics, std::string ledger_name);
  std::string_view name() const override { return "status"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;

  /// Only while it runs.
  StatusHandler& board() { return *board_; }

 private:
  Ledger& ledger_;
  const ProcessMetrics& process_;
  IntakeComponent& intake_;
  const std::function<Health()> health_;
  const std::function<std::vector<telemetry::Metric>()> metrics_;
  const std::string ledger_name_;
  std::optional<StatusHandler> board_;
};

/// The HTTP servers: the one takes pushes and passes questions on, and where --metrics-address is
/// given another shows figures alone, to whoever reaches it.
class HttpComponent final : public Component {
 public:
  HttpComponent(const ServeOptions& options, ProcessMetrics& process, IntakeComponent& intake,
                PushKeysComponent& keys, AccessComponent& access, MuteComponent& mutes,
                StatusComponent& status, ApiComponent& api);
  std::string_view name() const override { return "http"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;

  /// Only while it runs.
  std::uint16_t port() const { return server_->port(); }

 private:
  const ServeOptions& options_;
  ProcessMetrics& process_;
  IntakeComponent& intake_;
  PushKeysComponent& keys_;
  AccessComponent& access_;
  MuteComponent& mutes_;
  StatusComponent& status_;
  ApiComponent& api_;
  std::optional<PushIntake> push_;
  std::optional<PushAuthenticator> authenticator_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> figures_;
};

}  // namespace walpulse::monitor
