#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "monitor/api/write_handler.h"
#include "monitor/options/options.h"
#include "monitor/service/access_component.h"
#include "monitor/service/api_component.h"
#include "monitor/service/component.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// Takes the writes of those who may. What the constructors of these components take must outlive
/// them.
class MuteComponent final : public Component {
 public:
  MuteComponent(PageLedger& ledger, const ServeOptions& options)
      : ledger_(ledger), options_(options) {}
  std::string_view name() const override { return "mutes"; }
  Result<void> start() override;
  void stop(Clock::time_point) override { handler_.reset(); }

  /// Only while it runs.
  WriteHandler& handler() { return *handler_; }

 private:
  PageLedger& ledger_;
  const ServeOptions& options_;
  std::optional<WriteHandler> handler_;
};

/// The HTTP server of a page that takes no messages.
class PageServerComponent final : public Component {
 public:
  PageServerComponent(const ServeOptions& options, AccessComponent& access, MuteComponent& mutes,
                      ApiComponent& api)
      : options_(options), access_(access), mutes_(mutes), api_(api) {}
  std::string_view name() const override { return "http"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;

  /// Only while it runs.
  std::uint16_t port() const { return server_->port(); }

 private:
  void answer(const http::ServerRequest& request, http::Respond respond);

  const ServeOptions& options_;
  AccessComponent& access_;
  MuteComponent& mutes_;
  ApiComponent& api_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace walpulse::monitor
