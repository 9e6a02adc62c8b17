#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "monitor/access/access_gate.h"
#include "monitor/options/options.h"
#include "monitor/service/component.h"
#include "publisher/auth/jwks_cache.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// Who may read and who may write: keeps what that is told by, the issuer's keys or the tokens of a
/// file. Keys that are away are a warning: whoever pushes needs none of them.
class AccessComponent final : public Component {
 public:
  /// The options must outlive it.
  explicit AccessComponent(const ServeOptions& options) : options_(options) {}
  std::string_view name() const override { return "access"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

  /// Only while it runs.
  AccessGate& gate() { return *gate_; }

 private:
  const ServeOptions& options_;
  std::unique_ptr<http::Client> http_;
  std::unique_ptr<auth::JwksCache> keys_;
  std::optional<AccessGate> gate_;
};

}  // namespace walpulse::monitor
