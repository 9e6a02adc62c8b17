#include "monitor/service/page_component.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "decoder/base/clock.h"
#include "monitor/access/decision.h"
#include "monitor/api/routes.h"

namespace walpulse::monitor {
namespace {

constexpr std::chrono::milliseconds kPageRequestsBudget{3'500};

}  // namespace

Result<void> MuteComponent::start() {
  handler_.emplace(ledger_, options_.mute_max, wall_clock);
  return {};
}

Result<void> PageServerComponent::start() {
  http::ServerOptions options;
  options.address = options_.http_address;
  options.port = options_.http_port.value_or(kHttpPort);
  options.body_limit = write_bytes_max;
  auto server = http::Server::start(
      options,
      [this](const http::ServerRequest& request, http::Respond respond) {
        answer(request, std::move(respond));
      },
      [this](const http::RequestHead& head) { return access_.gate().admit(head); });
  if (!server) return forward(std::move(server));
  server_ = std::move(*server);
  return {};
}

void PageServerComponent::stop(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  server_->stop(std::clamp(left, std::chrono::milliseconds(0), kPageRequestsBudget));
}

/// A ledger that is away is said by whatever asks for it: it is no reason to take the page away.
void PageServerComponent::answer(const http::ServerRequest& request, http::Respond respond) {
  if (request.path == "/liveness") return respond(http::text_response(200, "alive\n"));
  if (request.path == "/readiness") return respond(http::text_response(200, "ready\n"));
  if (WriteHandler::takes(request)) return mutes_.handler().ask(request, std::move(respond));
  route_page(api_.handler(), request, std::move(respond));
}

}  // namespace walpulse::monitor
