#include "publisher/http/server.h"

#include <microhttpd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "publisher/http/connections.h"
#include "publisher/http/exchange.h"
#include "publisher/http/reply.h"
#include "publisher/http/server_address.h"
#include "publisher/http/server_messages.h"

namespace walpulse::http {
namespace {

/// The head of a client that means well is read long before: it comes with the connection.
constexpr std::chrono::milliseconds kHeadGrace{100};

/// What the threads may have in their hands.
constexpr unsigned kAccepting = 16;

ConnectionLimits connection_limits(const ServerOptions& options) {
  // Those that are shut down wait until their thread closes them. They are as many again at most: a
  // thread that is held up takes no new ones.
  ConnectionLimits limits;
  limits.open_max = sockets_with_room(2 * options.connections_max + kAccepting);
  limits.standing_max = std::min<std::size_t>(options.connections_max, limits.open_max / 2);
  limits.head_grace = kHeadGrace;
  limits.head = options.head_timeout;
  limits.idle = std::chrono::seconds(options.idle_seconds_max);
  limits.transfer = options.transfer_timeout;
  return limits;
}

/// What MHD's threads and every Respond share: a Respond may outlive the server.
struct Shared {
  Shared(const ServerOptions& server_options, Handler server_handler, Admit server_admit)
      : options(server_options),
        handler(std::move(server_handler)),
        admit(std::move(server_admit)),
        exchanges({[](void* connection) {
                     MHD_suspend_connection(static_cast<MHD_Connection*>(connection));
                   },
                   // Only queues: MHD's own thread then calls on_request again.
                   [](void* connection) {
                     MHD_resume_connection(static_cast<MHD_Connection*>(connection));
                   }},
                  options.handler_timeout, options.bodies_bytes_max),
        limits(connection_limits(options)),
        connections(limits) {}

  const ServerOptions options;
  Handler handler;
  Admit admit;
  Exchanges exchanges;
  const ConnectionLimits limits;
  Connections connections;
  std::atomic<bool> stopping = false;
};

/// MHD hands this back as `con_cls` on every call for the same request.
struct Context {
  std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>();
  bool begun = false;
  Query query;
  std::string caller;                       ///< As Admit named it.
  std::optional<ServerResponse> bad_query;  ///< The answer to a query that cannot be read.
  std::optional<ServerResponse> refused;    ///< What Admit answered, or the one above.
  std::size_t body_bytes_max = 0;
};

/// The body of a request that is not let in is dropped as it comes, so that the client is done
/// sending when it is told. A longer one is answered at once, and cut off; so is any where none is
/// taken.
constexpr std::uint64_t kRefusedBytesMax = 64 << 10;

/// How long stop() waits until MHD has closed the connections. It takes a moment.
constexpr std::chrono::milliseconds kClosingMax{500};

ServerResponse plain(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text) + '\n'};
}

void enter(Shared& shared, MHD_Connection* connection, Stage stage) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  shared.connections.enter(static_cast<Connections::Connection*>(info->socket_context), stage);
}

MHD_Result answer(Shared& shared, MHD_Connection* connection, const ServerResponse& response,
                  bool close) {
  enter(shared, connection, Stage::answer);
  return send(connection, response, close);
}

constexpr std::string_view refusal_text(int status) {
  return status == MHD_HTTP_CONTENT_TOO_LARGE ? "the body is too large" : "busy: try again later";
}

void read_query(Context& context, std::string_view text) {
  auto query = parse_query(text);
  if (query) {
    context.query = std::move(*query);
    return;
  }
  context.bad_query =
      plain(text.size() > kQueryBytesMax ? MHD_HTTP_URI_TOO_LONG : MHD_HTTP_BAD_REQUEST,
            to_string(query.error()));
}

/// MHD calls this with a request's target as it came, before any header. Later it hands out the
/// query only as it decodes it: with spaces for `+`, and taking malformed escapes as they are.
void* on_target(void* closure, const char* target, MHD_Connection* connection) {
  try {
    enter(**static_cast<std::shared_ptr<Shared>*>(closure), connection, Stage::head);
    auto context = std::make_unique<Context>();
    const std::string_view uri = target == nullptr ? "" : target;
    const std::size_t mark = uri.find('?');
    if (mark != std::string_view::npos) read_query(*context, uri.substr(mark + 1));
    return context.release();  // From here on, on_completed() is sure to be called.
  } catch (...) {              // Out of memory: on_request() closes the connection.
    return nullptr;
  }
}

/// Asks Admit, then looks whether the query could be read: who is not let in hears nothing else.
void ask_admit(Shared& shared, MHD_Connection* connection, const char* url, const char* method,
               Context& context) {
  if (shared.admit) {
    context.refused = shared.admit(
        {method, url, [connection](const char* name) { return header_values(connection, name); },
         &context.caller});
  }
  if (!context.refused) context.refused = std::move(context.bad_query);
  if (context.refused) context.exchange->refusal = context.refused->status;
}

/// A body over the limit is read on, up to four times the limit, before it is refused: a client
/// that is still sending when the connection closes never sees the answer. What would be longer is
/// refused before its first byte, or cut off.
MHD_Result begin(Shared& shared, MHD_Connection* connection, const char* url, const char* method,
                 Context& request) {
  Exchange& exchange = *request.exchange;
  exchange.connection = connection;
  request.begun = true;
  enter(shared, connection, Stage::body);
  if (!shared.exchanges.begin(exchange)) exchange.refusal = MHD_HTTP_SERVICE_UNAVAILABLE;

  const auto refuse = [&](int status, std::string_view text) {
    exchange.refusal = status;
    return answer(shared, connection, plain(status, std::string(text)), true);
  };
  const BodyFraming body = body_framing(connection);
  if (!body.problem.empty()) return refuse(MHD_HTTP_BAD_REQUEST, body.problem);
  const BodyLimit& body_limit = shared.options.body_limit;
  const std::size_t limit = body_limit ? body_limit(method, url) : 0;
  request.body_bytes_max = limit;
  const bool unwanted = limit == 0 && body.is_there();
  ask_admit(shared, connection, url, method, request);
  if (request.refused) {
    if (!unwanted && !body.awaits_word && body.bytes <= kRefusedBytesMax) return MHD_YES;
    return answer(shared, connection, *request.refused, true);
  }
  if (unwanted)
    return refuse(MHD_HTTP_CONTENT_TOO_LARGE, "no body is taken here: send the request without");
  if (body.bytes <= limit) {
    exchange.announced_bytes = body.bytes;
    return MHD_YES;
  }
  exchange.refusal = MHD_HTTP_CONTENT_TOO_LARGE;
  if (!body.awaits_word && body.bytes / 4 <= limit) return MHD_YES;
  return refuse(exchange.refusal, refusal_text(exchange.refusal));
}

MHD_Result receive(Shared& shared, Context& request, std::string_view data) {
  Exchange& exchange = *request.exchange;
  const std::size_t limit = request.body_bytes_max;
  if (exchange.refusal == 0 && exchange.body.size() + data.size() > limit) {
    exchange.refusal = MHD_HTTP_CONTENT_TOO_LARGE;
  }
  const auto counted = [small = shared.options.small_body_bytes](std::size_t bytes) {
    return bytes > small ? bytes - small : 0;
  };
  const std::size_t before = exchange.body.size();
  const std::size_t more = counted(before + data.size()) - counted(before);
  if (exchange.refusal == 0 && !shared.exchanges.take_bytes(exchange, more)) {
    exchange.refusal = MHD_HTTP_SERVICE_UNAVAILABLE;
  }
  if (exchange.refusal == 0) {
    // A string that grows takes up to three times its size meanwhile. What is not written to yet
    // takes no memory.
    if (more != 0) exchange.body.reserve(exchange.announced_bytes);
    exchange.body.append(data);
    return MHD_YES;
  }
  exchange.body = {};
  shared.exchanges.release_bytes(exchange);
  exchange.discarded_bytes += data.size();
  return exchange.discarded_bytes / 4 <= limit ? MHD_YES : MHD_NO;
}

void handle(const std::shared_ptr<Shared>& shared, Context& context, MHD_Connection* connection,
            const char* url, const char* method) {
  const std::shared_ptr<Exchange> exchange = context.exchange;
  exchange->handled = true;
  enter(*shared, connection, Stage::waiting);
  shared->exchanges.release_bytes(*exchange);
  std::string body = std::move(exchange->body);
  exchange->body = {};
  const ServerRequest request{method,
                              url,
                              header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
                              header(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
                              body,
                              header(connection, "traceparent"),
                              std::move(context.query),
                              context.caller};
  // Compressing is the work of whoever answers: the server's threads have all the others to serve.
  Respond respond = [shared, exchange,
                     wanted = preferences_of(connection, method)](ServerResponse response) {
    shared->exchanges.answer(*exchange, finished(std::move(response), wanted));
  };
  try {
    shared->handler(request, respond);
  } catch (...) {  // No exception may cross MHD's C frames.
    respond(plain(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal error"));
  }
}

/// MHD calls this with the headers, then for each piece of the body, then with no data at its end,
/// and again after a resume.
MHD_Result on_request(void* closure, MHD_Connection* connection, const char* url,
                      const char* method, const char*, const char* data, std::size_t* data_bytes,
                      void** context) {
  const auto& shared = *static_cast<std::shared_ptr<Shared>*>(closure);
  try {
    if (*context == nullptr) return MHD_NO;
    auto& request = *static_cast<Context*>(*context);
    if (!request.begun) return begin(*shared, connection, url, method, request);
    const std::shared_ptr<Exchange> exchange = request.exchange;
    if (*data_bytes != 0) {
      const std::size_t bytes = std::exchange(*data_bytes, 0);
      if (!request.refused) return receive(*shared, request, {data, bytes});
      exchange->discarded_bytes += bytes;
      return exchange->discarded_bytes <= kRefusedBytesMax ? MHD_YES : MHD_NO;
    }
    if (request.refused)
      return answer(*shared, connection, *request.refused, shared->exchanges.stopping());
    if (exchange->refusal != 0) {
      const auto text = std::string(refusal_text(exchange->refusal));
      return answer(*shared, connection, plain(exchange->refusal, text), true);
    }
    if (!exchange->handled) handle(shared, request, connection, url, method);
    const auto response = shared->exchanges.answer_or_suspend(exchange);
    if (!response) return MHD_YES;
    return answer(*shared, connection, *response, shared->exchanges.stopping());
  } catch (...) {  // Out of memory: the connection is closed.
    return MHD_NO;
  }
}

void on_completed(void* closure, MHD_Connection* connection, void** context,
                  MHD_RequestTerminationCode) {
  const std::unique_ptr<Context> owned(static_cast<Context*>(std::exchange(*context, nullptr)));
  if (owned == nullptr || !owned->begun) return;
  auto& shared = **static_cast<std::shared_ptr<Shared>*>(closure);
  shared.exchanges.complete(*owned->exchange);
  enter(shared, connection, Stage::idle);
}

/// MHD calls this when a connection was accepted, and before its socket is closed.
void on_connection(void* closure, MHD_Connection* connection, void** context,
                   MHD_ConnectionNotificationCode code) {
  auto& connections = (**static_cast<std::shared_ptr<Shared>*>(closure)).connections;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    connections.close(static_cast<Connections::Connection*>(std::exchange(*context, nullptr)));
    return;
  }
  try {
    const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = connections.open(info->connect_fd);
  } catch (...) {  // Out of memory: the connection goes without a deadline.
    *context = nullptr;
  }
}

/// A server that stops takes no more connections. (MHD_quiesce_daemon is not for this: it races
/// with a thread of the pool that is awake, as of libmicrohttpd 0.9.75.)
MHD_Result may_connect(void* closure, const sockaddr*, socklen_t) {
  const auto& shared = **static_cast<std::shared_ptr<Shared>*>(closure);
  return !shared.stopping && shared.connections.has_room() ? MHD_YES : MHD_NO;
}

/// Both programs call these settings the same.
const char* remedy_for(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another process has this port: give --http-port another one, or 0 for any free one";
    case EACCES:
      return "ports below 1024 are for those with the right to them: give --http-port another one";
    case EADDRNOTAVAIL:
      return "give --http-address an address of this machine, 127.0.0.1 or 0.0.0.0";
    default:
      return "";
  }
}

class MicrohttpdServer : public Server {
 public:
  MicrohttpdServer(const ServerOptions& options, Handler handler, Admit admit)
      : shared_(std::make_shared<Shared>(options, std::move(handler), std::move(admit))) {}
  ~MicrohttpdServer() override { stop(std::chrono::milliseconds(0)); }

  Result<void> listen() {
    const ServerOptions& options = shared_->options;
    const auto address = parse_address(options.address, options.port);
    if (!address) {
      return fail(ErrorKind::rejected, "not an IP address to listen on: '" + options.address +
                                           "' (for example 127.0.0.1, 0.0.0.0 or ::)");
    }
    // Not epoll: with it a thread of the pool slept, once in some two hundred starts under load,
    // while requests waited on all its connections (0.9.75; bench/results.md).
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (address->ipv6) flags |= MHD_USE_DUAL_STACK;
    const unsigned pool = options.threads > 1 ? options.threads : 0;  // MHD refuses a pool of one.
    // MHD's own limit is never met: it would leave newcomers unheard, and it is a share for each
    // thread, of which one may be full while there is room elsewhere.
    const auto limit =
        static_cast<unsigned>(shared_->limits.open_max + 1) * std::max(options.threads, 1u);
    errno = 0;
    daemon_ = MHD_start_daemon(
        flags, options.port, &may_connect, &shared_, &on_request, &shared_, MHD_OPTION_SOCK_ADDR,
        reinterpret_cast<const sockaddr*>(&address->storage), MHD_OPTION_NOTIFY_COMPLETED,
        &on_completed, &shared_, MHD_OPTION_URI_LOG_CALLBACK, &on_target, &shared_,
        MHD_OPTION_NOTIFY_CONNECTION, &on_connection, &shared_, MHD_OPTION_CONNECTION_LIMIT, limit,
        MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        std::size_t{16} << 10, MHD_OPTION_THREAD_POOL_SIZE, pool, MHD_OPTION_END);
    if (daemon_ == nullptr) {
      const int error = errno;
      return fail(ErrorKind::unavailable,
                  "cannot listen on " + options.address + ":" + std::to_string(options.port) +
                      ": " + std::generic_category().message(error),
                  remedy_for(error));
    }
    port_ = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
    expirer_ = std::jthread([shared = shared_.get()](std::stop_token stop) {
      shared->exchanges.expire(std::move(stop));
    });
    watcher_ = std::jthread([shared = shared_.get()](std::stop_token stop) {
      shared->connections.watch(std::move(stop));
    });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop(std::chrono::milliseconds deadline) override {
    if (daemon_ == nullptr) return;
    shared_->stopping = true;
    shared_->exchanges.stop(deadline);  // MHD must not be stopped while connections sleep.
    for (std::jthread* thread : {&expirer_, &watcher_}) {
      thread->request_stop();
      thread->join();
    }
    // MHD must not be stopped while it refuses a malformed request by itself: its own answer is
    // taken and dropped then, and it goes on to send it (libmicrohttpd 0.9.75).
    shared_->connections.end(kClosingMax);
    MHD_stop_daemon(std::exchange(daemon_, nullptr));
    shared_->admit = nullptr;
    shared_->handler = nullptr;  // No thread is left. A Respond kept for long must not keep what
                                 // the handler holds.
  }

 private:
  std::shared_ptr<Shared> shared_;
  MHD_Daemon* daemon_ = nullptr;
  std::uint16_t port_ = 0;
  std::jthread expirer_;
  std::jthread watcher_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler,
                                              Admit admit) {
  auto server = std::make_unique<MicrohttpdServer>(options, std::move(handler), std::move(admit));
  if (auto listening = server->listen(); !listening) {
    return forward(std::move(listening));
  }
  return server;
}

}  // namespace walpulse::http
