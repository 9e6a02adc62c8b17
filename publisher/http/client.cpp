#include "publisher/http/client.h"

#include <algorithm>
#include <cctype>
#include <mutex>

#include "publisher/http/curl_transfer.h"

namespace walpulse::http {
namespace {

constexpr std::size_t kHeaderBytesMax = 256u << 10;

/// The URL as it may be logged: without query and user.
std::string loggable(const std::string& url) {
  std::string text = url.substr(0, url.find_first_of("?#"));
  const std::size_t host = text.find("://");
  const std::size_t path = host == std::string::npos ? host : text.find('/', host + 3);
  const std::size_t user = text.rfind('@', path);
  if (host != std::string::npos && user != std::string::npos && user > host) {
    text.erase(host + 3, user - host - 2);
  }
  return text;
}

/// What one call receives. Callbacks of libcurl fill it; returning less than given ends the call.
struct Receiver {
  CURL* easy = nullptr;
  Response response;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& receiver = *static_cast<Receiver*>(self);
    if (receiver.response.body.size() + size > receiver.body_bytes_max) {
      receiver.too_large = true;
      return 0;
    }
    if (receiver.response.body.empty()) receiver.make_room();
    receiver.response.body.append(data, size);
    return size;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& receiver = *static_cast<Receiver*>(self);
    receiver.header_bytes += size;
    if (receiver.header_bytes > kHeaderBytesMax) {
      receiver.too_large = true;
      return 0;
    }
    receiver.add_header(std::string_view(data, size));
    return size;
  }

  /// A body that is announced does not grow piece by piece.
  void make_room() {
    curl_off_t announced = -1;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > 0 && static_cast<std::size_t>(announced) <= body_bytes_max)
      response.body.reserve(static_cast<std::size_t>(announced));
  }

  void add_header(std::string_view line) {
    // A status line: whatever stood above belonged to an interim answer (100, 103).
    if (line.substr(0, 5) == "HTTP/") return response.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    line.remove_prefix(colon + 1);
    const std::size_t first = line.find_first_not_of(" \t\r\n");
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    response.headers.emplace_back(
        std::move(name),
        first == std::string_view::npos ? "" : std::string(line.substr(first, last - first + 1)));
  }
};

/// An easy handle and the connections it keeps alive; used by one thread at a time.
class Connection {
 public:
  explicit Connection(const ClientOptions& options)
      : options_(options), easy_(curl_easy_init()), multi_(curl_multi_init()) {}

  Result<Response> send(const Request& request) {
    if (!easy_ || !multi_) return fail(ErrorKind::unavailable, "libcurl has no memory");
    Receiver receiver;
    receiver.easy = easy_.get();
    receiver.body_bytes_max = options_.response_bytes_max;
    error_[0] = '\0';
    const CurlList headers = header_list(request);
    prepare(request, headers.get(), receiver);
    const CURLcode code = perform(multi_.get(), easy_.get(), request.stop);
    if (request.stop.stop_requested()) return fail(ErrorKind::cancelled, "request cancelled");
    if (code != CURLE_OK) return failure(code, request, receiver);
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    receiver.response.status = static_cast<int>(status);
    return std::move(receiver.response);
  }

 private:
  static CurlList header_list(const Request& request) {
    // libcurl would wait for "100 Continue" before large bodies: a second lost where nobody
    // answers.
    CurlList headers(curl_slist_append(nullptr, "Expect:"));
    for (const std::string& header : request.headers) {
      // Appending answers the list's head, which stays the same once there is one.
      curl_slist_append(headers.get(), header.c_str());
    }
    return headers;
  }

  void prepare(const Request& request, curl_slist* headers, Receiver& receiver) {
    CURL* easy = easy_.get();
    curl_easy_reset(easy);  // Options only: connections stay.
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (request.url.compare(0, 8, "https://") != 0) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options_.connect_timeout.count()));
    // libcurl reads 0 as "no limit"; a deadline already passed must not become that.
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     std::max(1L, static_cast<long>(request.timeout.count())));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Receiver::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Receiver::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &receiver);
    set_method(request);
  }

  void set_method(const Request& request) {
    CURL* easy = easy_.get();
    if (request.method == Method::get) {
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
      return;
    }
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }

  Result<Response> failure(CURLcode code, const Request& request, const Receiver& receiver) const {
    std::string text = loggable(request.url) + ": ";
    if (receiver.too_large) {
      text += "answer over " + std::to_string(receiver.body_bytes_max) + " bytes";
    } else {
      text += error_[0] != '\0' ? error_ : curl_easy_strerror(code);
    }
    const ErrorKind kind = kind_of_failure(easy_.get(), code);
    if (kind != ErrorKind::denied) return fail(kind, std::move(text));
    return fail(kind, std::move(text),
                "install the package ca-certificates, and add a private CA with "
                "update-ca-certificates");
  }

  const ClientOptions& options_;
  char error_[CURL_ERROR_SIZE] = {};
  CurlEasy easy_;
  CurlMulti multi_;  // Destroyed first: its connections may refer to the easy handle.
};

class CurlHttpClient final : public Client {
 public:
  explicit CurlHttpClient(ClientOptions options) : options_(std::move(options)) {
    initialise_curl();
  }

  Result<Response> send(const Request& request) override {
    std::unique_ptr<Connection> connection = take();
    Result<Response> response = connection->send(request);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
    return response;
  }

 private:
  /// The one used last: its connection is the least likely to have been closed by the server.
  std::unique_ptr<Connection> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Connection>(options_);
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  const ClientOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace

std::unique_ptr<Client> make_client(const ClientOptions& options) {
  return std::make_unique<CurlHttpClient>(options);
}

}  // namespace walpulse::http
