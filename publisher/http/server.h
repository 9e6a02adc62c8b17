#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/http/query.h"

namespace walpulse::http {

/// Views are valid until the handler returns; `body` may be moved out of.
struct ServerRequest {
  std::string_view method;
  std::string_view path;  ///< Without the query.
  std::string_view authorization;
  std::string_view content_type;
  std::string& body;
  std::string_view traceparent = {};  ///< W3C Trace Context; empty where there is none.
  Query query = {};
  std::string_view caller = {};  ///< Whom Admit took it from; empty where it does not say.
};
class GzipOnce;
struct ServerResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  /// `"..."` or `W/"..."`: another one whenever the body is another. Empty: none. A client that has
  /// it already is answered by 304.
  std::string etag = {};
  /// Further ones: Cache-Control, Location. One with a line break in it has the answer replaced by
  /// 500.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Of an answer that is given many times: its copies share what compressing their body costs.
  std::shared_ptr<GzipOnce> gzipped = {};
};
/// Answers one request; to be called exactly once, from any thread, now or later. Calls after the
/// server is gone do nothing. A request that is never answered gets 503 after `handler_timeout`.
using Respond = std::function<void(ServerResponse)>;
using Handler = std::function<void(const ServerRequest&, Respond)>;

/// Of plain text.
inline ServerResponse text_response(int status, std::string text) {
  return {.status = status, .body = std::move(text)};
}

/// What is known of a request before its body. Valid until the call returns.
struct RequestHead {
  std::string_view method;
  std::string_view path;
  /// Every value of the header, whatever the case of its name.
  std::function<std::vector<std::string_view>(const char* name)> values;
  /// What Admit writes here the handler finds in ServerRequest::caller; never null on the server.
  std::string* caller = nullptr;
};
/// Decides by the headers alone: an answer refuses the request, and no byte of its body is kept.
/// Runs on server threads and must not wait.
using Admit = std::function<std::optional<ServerResponse>(const RequestHead&)>;

/// How many bytes of a body a request may have, by its method and path. More: 413. 0: it may have
/// none, and what it has is refused before it is read. Runs on server threads.
using BodyLimit = std::function<std::size_t(std::string_view method, std::string_view path)>;

struct ServerOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;                 ///< 0 = any free one.
  BodyLimit body_limit = {};                 ///< Empty: no request may have a body.
  std::size_t bodies_bytes_max = 64u << 20;  ///< All bodies being received together. More: 503.
  /// What each body may have beside that, so that small ones get in while large ones fill it.
  std::size_t small_body_bytes = 32u << 10;
  /// Fewer where this process may not open so many files. More: a newcomer is let in for one that
  /// brought less, never for one that waits for its answer (connections.h).
  unsigned connections_max = 1024;
  unsigned idle_seconds_max = 30;
  /// For a request's head to arrive, however busily. Then: closed.
  std::chrono::milliseconds head_timeout{5'000};
  /// Likewise for its body, and for its answer to leave.
  std::chrono::milliseconds transfer_timeout{60'000};
  unsigned threads = 2;
  std::chrono::milliseconds handler_timeout{30'000};  ///< For `Respond` to be called. Then: 503.
};

/// HTTP/1.1 over libmicrohttpd; serving for as long as the object lives. The handler runs on server
/// threads and must not wait: it keeps `Respond` and returns. stop() refuses new connections and
/// waits until every request under way is answered or `deadline` passes. start() raises the
/// process's soft limit of open files where `connections_max` needs that. Answers to GET and HEAD
/// are compressed where the client allows it (compression.h). A query that cannot be read is
/// refused before the handler sees it: 414 where it is too long, else 400 (query.h).
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler,
                                               Admit admit = {});
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  virtual void stop(std::chrono::milliseconds deadline) = 0;
};

}  // namespace walpulse::http
