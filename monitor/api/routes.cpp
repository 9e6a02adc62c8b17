#include "monitor/api/routes.h"

#include <array>
#include <string_view>
#include <utility>

#include "monitor/intake/push_authenticator.h"
#include "monitor/web/assets.h"

namespace walpulse::monitor {
namespace {

using View = StatusHandler::View;

constexpr std::array<std::pair<std::string_view, View>, 3> kViews = {{
    {"/readiness", View::readiness},
    {"/health", View::health},
    {"/metrics", View::metrics},
}};

bool reads(const http::ServerRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// Whether it was a question of the board's.
bool ask_board(StatusHandler& board, const http::ServerRequest& request, http::Respond& respond) {
  if (request.path == "/liveness") {
    respond(reads(request) ? http::text_response(200, "alive\n")
                           : http::text_response(405, "use GET\n"));
    return true;
  }
  for (const auto& [path, view] : kViews) {
    if (request.path != path) continue;
    if (reads(request)) {
      board.ask(view, std::move(respond));
    } else {
      respond(http::text_response(405, "use GET\n"));
    }
    return true;
  }
  return false;
}

/// Whether it was a question for the page.
bool answer_asset(const http::ServerRequest& request, http::Respond& respond) {
  const Asset* asset = find_asset(request.path);
  if (asset == nullptr) return false;
  respond(reads(request) ? asset_response(*asset) : http::text_response(405, "use GET\n"));
  return true;
}

/// Where else people look for things.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kElsewhere = {{
    {"/scalar", "/docs"},
    {"/healthz", "/health"},
    {"/ready", "/readiness"},
}};

http::ServerResponse redirect(std::string_view to) {
  http::ServerResponse response = http::text_response(308, "it is at " + std::string(to) + "\n");
  response.headers.emplace_back("Location", std::string(to));
  return response;
}

}  // namespace

void route(PushIntake& push, StatusHandler& board, api::ApiHandler& api,
           const http::ServerRequest& request, http::Respond respond) {
  const bool takes_messages = PushAuthenticator::is_push_path(request.path);
  // PushAuthenticator has let it in, before its body came.
  if (request.method == "POST" && takes_messages) return push.receive(request, std::move(respond));
  if (api::ApiHandler::takes(request.path)) return api.ask(request, std::move(respond));
  for (const auto& [path, to] : kElsewhere)
    if (request.path == path && reads(request)) return respond(redirect(to));
  if (ask_board(board, request, respond)) return;
  if (answer_asset(request, respond)) return;
  respond(takes_messages ? http::text_response(405, "use POST\n")
                         : http::text_response(404, "no such page\n"));
}

void route_page(api::ApiHandler& api, const http::ServerRequest& request, http::Respond respond) {
  if (api::ApiHandler::takes(request.path)) return api.ask(request, std::move(respond));
  if (!answer_asset(request, respond)) respond(http::text_response(404, "no such page\n"));
}

void route_figures(StatusHandler& board, const http::ServerRequest& request,
                   http::Respond respond) {
  if (ask_board(board, request, respond)) return;
  respond(http::text_response(404, "no such page\n"));
}

}  // namespace walpulse::monitor
