#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::http {

enum class Method { get, post };

struct Request {
  Method method = Method::post;
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value".
  std::string_view body;
  std::chrono::milliseconds timeout{10'000};  ///< For the whole call, connecting included.
  std::stop_token stop;                       ///< Requested: the call ends at once, cancelled.
};
struct Response {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
};

/// One request. An HTTP error status is a response, not an Error: only a caller knows whether a 404
/// is fatal. Errors (unavailable, timed_out, cancelled; denied for a certificate that is not
/// trusted, rejected for a URL that is none) mean that no whole response arrived. Redirects are not
/// followed.
class Client {
 public:
  virtual ~Client() = default;
  virtual Result<Response> send(const Request& request) = 0;
};

struct ClientOptions {
  std::size_t response_bytes_max = 32u << 20;  ///< More is an error, never memory.
  std::chrono::milliseconds connect_timeout{5'000};
  std::string user_agent = "walpulse/0.1.0";
};

/// Over libcurl: keep-alive, HTTP/2 where the server offers it over TLS, certificates verified.
/// send() may be called from any number of threads; each call in flight has a connection of its
/// own. HTTPS honours HTTPS_PROXY and NO_PROXY; plain HTTP (emulator, metadata server, a monitor
/// next door) always goes direct. The first call makes the process ignore SIGPIPE: OpenSSL raises
/// it.
std::unique_ptr<Client> make_client(const ClientOptions& options = {});

}  // namespace walpulse::http
