#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/mute_ledger.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// Takes POST /api/v1/mutes, DELETE /api/v1/mutes/{id} and POST /api/v1/deliveries/{id}/retry, one
/// after the other on a thread of its own: server threads must not wait for the ledger. AccessGate
/// has let them in, and says who asks.
class WriteHandler {
 public:
  /// The ledger must outlive it.
  WriteHandler(PageLedger& ledger, std::chrono::milliseconds lasts_max,
               std::function<Timestamp()> now);
  /// Answers what waits with 503.
  ~WriteHandler();

  static bool takes(const http::ServerRequest& request);
  /// 503 at once where too many wait already.
  void ask(const http::ServerRequest& request, http::Respond respond);

 private:
  struct Write {
    std::string retried;  ///< The delivery to be sent again; empty: it is of mutes.
    std::string id;       ///< Of the mute to be ended; empty: one is to be made.
    std::string body;
    std::string caller;
    http::Respond respond;
  };
  void run();
  http::ServerResponse answer(const Write& write);

  PageLedger& ledger_;
  const std::chrono::milliseconds lasts_max_;
  const std::function<Timestamp()> now_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Write> writes_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace walpulse::monitor
