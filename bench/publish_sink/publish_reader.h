#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace walpulse::bench {

/// Reads HTTP/1.1 requests with a Content-Length off a byte stream and counts the messages of a
/// publish body on the way, without keeping it. It trusts its client: ours. Pure.
class PublishReader {
 public:
  /// `keep_times`: also keep every message's ce-time attribute, which costs time and memory.
  explicit PublishReader(bool keep_times) : keep_times_(keep_times) {}

  struct Request {
    std::string method;
    std::string path;
    std::size_t message_count = 0;
    std::vector<std::string> times;  ///< RFC 3339.
  };

  /// Takes from the front of `bytes` what belongs to the request at hand; true where that made it
  /// whole: request() is then valid until the next call.
  bool feed(std::string_view& bytes);
  const Request& request() const { return request_; }

 private:
  bool begin();
  void count(std::string_view piece);

  const bool keep_times_;
  std::string head_;
  std::string tail_;  ///< The body's last bytes so far, or with keep_times_ all of it.
  std::size_t body_left_ = 0;
  bool in_body_ = false;
  Request request_;
};

}  // namespace walpulse::bench
