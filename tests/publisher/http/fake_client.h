#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "publisher/http/client.h"

namespace walpulse::http {

struct SentRequest {
  Method method;
  std::string url;
  std::vector<std::string> headers;
  std::string body;
  std::chrono::milliseconds timeout;

  bool has_header(const std::string& header) const {
    for (const std::string& one : headers) {
      if (one == header) return true;
    }
    return false;
  }
};

inline Response answer(int status, std::string body = "{}") {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// Answers by a function and remembers what it was asked. Any number of threads.
class FakeClient final : public Client {
 public:
  using Answer = std::function<Result<Response>(const SentRequest&)>;

  explicit FakeClient(Answer how = [](const SentRequest&) { return answer(200); })
      : how_(std::move(how)) {}

  Result<Response> send(const Request& request) override {
    SentRequest sent{request.method, request.url, request.headers, std::string(request.body),
                     request.timeout};
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(sent);
    }
    return how_(sent);
  }

  std::vector<SentRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  Answer how_;
  mutable std::mutex mutex_;
  std::vector<SentRequest> requests_;
};

}  // namespace walpulse::http
