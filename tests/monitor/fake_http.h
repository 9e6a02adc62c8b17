#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "publisher/http/client.h"

namespace walpulse::monitor {

struct SentRequest {
  std::string url;
  std::string body;
  std::chrono::milliseconds timeout{};
};

/// Answers each request by a function and remembers them all. Thread-safe.
class FakeHttp : public http::Client {
 public:
  using Answer = std::function<Result<http::Response>(const SentRequest&, std::stop_token)>;
  explicit FakeHttp(Answer answer) : answer_(std::move(answer)) {}

  Result<http::Response> send(const http::Request& request) override {
    if (request.stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped");
    SentRequest sent{request.url, std::string(request.body), request.timeout};
    {
      const std::lock_guard lock(mutex_);
      sent_.push_back(sent);
      changed_.notify_all();
    }
    return answer_(sent, request.stop);
  }

  std::vector<SentRequest> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  /// The first request, past or to come, whose URL ends so.
  SentRequest await(const std::string& url_end) {
    std::unique_lock lock(mutex_);
    const SentRequest* found = nullptr;
    changed_.wait(lock, [&] {
      for (const SentRequest& each : sent_) {
        if (each.url.ends_with(url_end)) found = &each;
        if (found != nullptr) break;
      }
      return found != nullptr;
    });
    return *found;
  }

 private:
  const Answer answer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SentRequest> sent_;
};

/// What never ends by itself, until the request is stopped: a long poll.
inline Result<http::Response> wait_for_stop(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
  return fail(ErrorKind::cancelled, "stopped");
}

}  // namespace walpulse::monitor
