#include "monitor/api/routes.h"

#include <array>
#include <string_view>
#include <utility>

namespace walpulse::monitor {
namespace {

using View = StatusHandler::View;

constexpr std::array<std::pair<std::string_view, View>, 4> kViews = {{
    {"/", View::page},
    {"/readiness", View::readiness},
    {"/health", View::health},
    {"/metrics", View::metrics},
}};

}  // namespace

void route(PushIntake& push, StatusHandler& board, const http::ServerRequest& request,
           http::Respond respond) {
  const bool takes_messages = request.path == "/" || request.path == "/push";
  const bool reads = request.method == "GET" || request.method == "HEAD";
  // PushAuthenticator has let it in, before its body came.
  if (request.method == "POST" && takes_messages) return push.receive(request, std::move(respond));
  if (request.path == "/liveness") {
    return respond(reads ? http::text_response(200, "alive\n")
                         : http::text_response(405, "use GET\n"));
  }
  for (const auto& [path, view] : kViews) {
    if (request.path != path) continue;
    return reads ? board.ask(view, std::move(respond))
                 : respond(http::text_response(405, "use GET\n"));
  }
  respond(takes_messages ? http::text_response(405, "use POST\n")
                         : http::text_response(404, "no such page\n"));
}

}  // namespace walpulse::monitor
