#pragma once

#include <chrono>
#include <optional>

#include "monitor/access/decision.h"
#include "monitor/access/reader_authenticator.h"
#include "publisher/http/server.h"
#include "publisher/telemetry/log_limit.h"

namespace walpulse::monitor {

/// Stands before everything that is read or written over HTTP but pushes, and says who asks as the
/// request's caller. Thread-safe, never waits.
class AccessGate {
 public:
  AccessGate(AccessPolicy policy, ReaderAuthenticator authenticator);

  /// Before a byte of the body is kept: nothing where the request is taken.
  std::optional<http::ServerResponse> admit(const http::RequestHead& head);

 private:
  const AccessPolicy policy_;
  const ReaderAuthenticator authenticator_;
  telemetry::LogLimit log_{std::chrono::seconds(10)};
};

}  // namespace walpulse::monitor
