#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "connector/capture/anchor_keeper.h"
#include "connector/capture/shared_status.h"
#include "connector/catalog/catalog.h"
#include "connector/options/options.h"
#include "connector/session/publication_drift.h"
#include "connector/stream/server_address.h"
#include "connector/stream/wakeup.h"

namespace walpulse::connector {

struct WatchOptions {
  SourceOptions source;
  std::chrono::milliseconds slot_interval{10'000};
  std::chrono::milliseconds publication_interval{30'000};
  std::optional<ReplayWindow> replay_window;  ///< Empty: the anchor is not this one's to keep.
};

/// What the watch knows for the session at hand.
struct WatchFindings {
  /// Since when the server lets no ordinary connection in, whoever asks.
  std::optional<Clock::time_point> closed_at;
  std::string closed_reason;
  std::optional<PublicationDrift> drift;
  bool renewed = false;  ///< The publication carries another identity than the session began with.
};

/// A server that shuts down closes ordinary connections and refuses new ones (57P01, 57P03), but
/// waits for its walsenders, and so for whoever confirms slowly. True where the server had its time
/// to end the stream by itself, as it does at once when everything is confirmed. Pure.
bool server_leaves(const WatchFindings& findings, Clock::time_point now);

/// One ordinary connection that stays open beside the stream, and the thread that uses it: the
/// receiving thread never waits for a query. It leaves on the board what the slot retains, holds
/// the publication to the session's identity (every publication_interval, and when look() is
/// called), and notices at once when the server closes the connection. Where that was only this
/// connection, another is opened, sooner or later, and nothing is found. Runs for as long as the
/// object lives; the calls are one thread's.
class ServerMonitor {
 public:
  ServerMonitor(const WatchOptions& options, SharedStatus& board);
  ~ServerMonitor();

  /// A session begins. It hands over the connection on which it was prepared: so it never begins
  /// without one, however few the server has left.
  /// `watched`: the identity, also as the publication was found then. `server`: whose stream it is.
  void attend(std::unique_ptr<Catalog> catalog, const Watched& watched,
              const ServerAddress& server);
  /// The session is over: the server may come and go, and only the slot is asked after.
  void rest();
  /// A Relation message came: the publication is checked at once.
  void look();
  WatchFindings findings() const;
  /// What the last session's watch saw last; empty before the first.
  std::optional<Watched> watched() const;

 private:
  void run(const std::stop_token& stop);
  void take_orders();
  bool connect();
  std::string dsn() const;
  void refused(const std::string& reason);
  void failed(const char* what, const Error& error);
  void ask_slot();
  void keep_anchor(const SlotState& live);
  void check_publication();
  void wait(const std::stop_token& stop);

  const WatchOptions options_;
  SharedStatus& board_;
  Wakeup wake_;

  mutable std::mutex mutex_;
  std::unique_ptr<Catalog> handed_;          ///< For the thread to take.
  std::optional<CaptureIdentity> identity_;  ///< Of the session; empty between two.
  std::optional<Watched> watched_;           ///< Of the last session, too.
  Clock::time_point watched_at_{};           ///< The last check.
  ServerAddress server_;
  bool look_ = false;
  WatchFindings findings_;

  // The thread's alone.
  std::unique_ptr<Catalog> catalog_;
  bool refused_ = false;  ///< It was said that it goes on without this connection.
  std::optional<AnchorKeeper> anchor_;
  bool attending_ = false;
  Clock::time_point next_slot_{};
  Clock::time_point next_publication_{};
  std::jthread thread_;
};

}  // namespace walpulse::connector
