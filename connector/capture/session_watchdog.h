#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "connector/session/publication_drift.h"
#include "connector/stream/wal_source.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

/// Whose doing it is that a session ends by itself.
enum class EndCause {
  stream,     ///< The server or the network, or bytes that break the protocol.
  publisher,  ///< A message can never be delivered: another session would not help.
  sink,       ///< It takes nothing: to be parked.
  server,     ///< It shuts down and is not to be kept waiting.
  newcomer,   ///< A table that the session does not know is in the publication: look anew.
  drift,      ///< All that the log holds for certain is delivered and confirmed.
};

struct SessionEnd {
  EndCause cause = EndCause::stream;
  Error error;
};

/// What goes on beside the stream, as far as a session must know.
struct SessionEnvironment {
  bool nobody_reads = false;                 ///< stdout was closed: enough is seen.
  std::optional<std::string> server_leaves;  ///< Why the server must be let go of.
  std::optional<PublicationDrift> drift;
};

struct WatchdogOptions {
  /// How long a sink may take nothing; 0: for ever, the stream is held back.
  std::chrono::milliseconds park_after{0};
  std::function<SessionEnvironment()> poll_environment;  ///< Empty: there is nothing to see.
};

/// Looks beside the stream twice a second, and says when that ends the session. One thread.
class SessionWatchdog {
 public:
  SessionWatchdog(WatchdogOptions options, publisher::Publisher& publisher);

  /// What there is to see, or nothing where it is not time yet.
  tl::expected<std::optional<SessionEnvironment>, SessionEnd> look(Clock::time_point now);

 private:
  std::optional<SessionEnd> judge_publisher(Clock::time_point now);

  const WatchdogOptions options_;
  publisher::Publisher& publisher_;
  Clock::time_point looked_at_{};
};

}  // namespace walpulse::connector
