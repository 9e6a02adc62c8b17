#include "monitor/service/http_components.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/error_context.h"
#include "monitor/access/decision.h"
#include "monitor/api/routes.h"
#include "monitor/options/access_options.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {
namespace {

/// Of the time for stopping, so that an export comes after it.
constexpr std::chrono::milliseconds kRequestsBudget{3'500};
/// A key set has a few kilobytes.
constexpr std::size_t kKeySetBytesMax = 64 << 10;
/// A 10 MB message in base64, and its envelope.
constexpr std::size_t kPushBytesMax = 14u << 20;
/// Whoever reads figures: a few scrapers and probes.
constexpr unsigned kFiguresConnectionsMax = 128;

std::size_t body_bytes_max(std::string_view method, std::string_view path) {
  return method == "POST" && PushAuthenticator::is_push_path(path) ? kPushBytesMax
                                                                   : write_bytes_max(method, path);
}

}  // namespace

Result<void> PushKeysComponent::start() {
  if (options_.push_auth != PushAuth::verify) return {};
  http::ClientOptions http_options;
  http_options.response_bytes_max = kKeySetBytesMax;
  http_ = http::make_client(http_options);
  keys_ = std::make_unique<auth::JwksCache>(*http_, options_.push_keys_url);
  keys_->start();
  return {};
}

void PushKeysComponent::stop(Clock::time_point) { keys_.reset(); }

Health PushKeysComponent::health() const {
  if (!keys_) return {};
  return {{keys_->health()}, {keys_->warning()}};
}

StatusComponent::StatusComponent(Ledger& ledger, const ProcessMetrics& process,
                                 IntakeComponent& intake, std::function<Health()> health,
                                 std::function<std::vector<telemetry::Metric>()> metrics,
                                 std::string ledger_name)
    : ledger_(ledger),
      process_(process),
      intake_(intake),
      health_(std::move(health)),
      metrics_(std::move(metrics)),
      ledger_name_(std::move(ledger_name)) {}

Result<void> StatusComponent::start() {
  StatusProbes probes;
  probes.health = health_;
  probes.queue_bytes = [this] { return intake_.intake().queue_bytes(); };
  probes.now = wall_clock;
  probes.metrics = metrics_;
  board_.emplace(ledger_, process_, std::move(probes), ledger_name_);
  return {};
}

void StatusComponent::stop(Clock::time_point) { board_.reset(); }

HttpComponent::HttpComponent(const ServeOptions& options, ProcessMetrics& process,
                             IntakeComponent& intake, PushKeysComponent& keys,
                             AccessComponent& access, MuteComponent& mutes, StatusComponent& status,
                             ApiComponent& api)
    : options_(options),
      process_(process),
      intake_(intake),
      keys_(keys),
      access_(access),
      mutes_(mutes),
      status_(status),
      api_(api) {}

Result<void> HttpComponent::start() {
  push_.emplace(intake_.intake(), process_);
  authenticator_.emplace(
      PushAuthenticatorOptions{options_.push_auth.value_or(PushAuth::refuse),
                               options_.push_audience, options_.push_service_account},
      keys_.keys(), process_, wall_clock);
  http::ServerOptions options;
  options.address = options_.http_address;
  options.port = options_.http_port.value_or(kHttpPort);
  options.body_limit = body_bytes_max;
  auto server = http::Server::start(
      options,
      [this](const http::ServerRequest& request, http::Respond respond) {
        if (WriteHandler::takes(request)) return mutes_.handler().ask(request, std::move(respond));
        route(*push_, status_.board(), api_.handler(), request, std::move(respond));
      },
      [this](const http::RequestHead& head) {
        return PushAuthenticator::is_push(head) ? authenticator_->admit(head)
                                                : access_.gate().admit(head);
      });
  if (!server) return forward(std::move(server));
  server_ = std::move(*server);
  const auto figures = listen_address(options_.access.metrics_address);
  if (!figures) return {};
  options.address = figures->address;
  options.port = figures->port;
  options.body_limit = nullptr;
  options.connections_max = kFiguresConnectionsMax;
  server = http::Server::start(options,
                               [this](const http::ServerRequest& request, http::Respond respond) {
                                 route_figures(status_.board(), request, std::move(respond));
                               });
  if (!server) {
    server_.reset();
    return fail(in_context("--metrics-address", server.error()));
  }
  figures_ = std::move(*server);
  return {};
}

void HttpComponent::stop(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  server_->stop(std::clamp(left, std::chrono::milliseconds(0), kRequestsBudget));
  figures_.reset();
}

}  // namespace walpulse::monitor
