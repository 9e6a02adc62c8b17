#include "monitor/service/serve.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "decoder/base/logging.h"
#include "monitor/api/routes.h"
#include "monitor/export/export_loop.h"
#include "monitor/export/monitoring_setup.h"
#include "monitor/intake/pull_intake.h"
#include "monitor/intake/push_authenticator.h"
#include "monitor/leader/dead_letter_relay.h"
#include "monitor/leader/leader_elector.h"
#include "monitor/leader/pruner.h"
#include "monitor/leader/settler.h"
#include "monitor/notify/alert_log.h"
#include "monitor/options/push_options.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {
namespace {

using Clock = std::chrono::steady_clock;

/// Shares of the ten seconds that Cloud Run leaves after SIGTERM.
constexpr std::chrono::milliseconds kStopBudget{9'000};
constexpr std::chrono::milliseconds kRequestsBudget{3'500};
constexpr std::chrono::milliseconds kPullPatience{30'000};

void print_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

/// A key set has a few kilobytes.
constexpr std::size_t kKeySetBytesMax = 64 << 10;

/// What the gate stands on.
struct PushKeys {
  std::unique_ptr<http::Client> http;
  std::unique_ptr<auth::JwksCache> ring;  ///< Null where no signatures are checked.
};

PushKeys start_push_keys(const ServeOptions& options) {
  if (options.push_auth != PushAuth::verify) return {};
  http::ClientOptions http_options;
  http_options.response_bytes_max = kKeySetBytesMax;
  PushKeys keys{http::make_client(http_options), nullptr};
  keys.ring = std::make_unique<auth::JwksCache>(*keys.http, options.push_keys_url);
  keys.ring->start();
  return keys;
}

int refuse(int code, const std::string& what) {
  SPDLOG_ERROR("{}", what);
  return code;
}

/// What pulling and forwarding stand on.
struct Pubsub {
  std::unique_ptr<auth::TokenSource> tokens;
  std::unique_ptr<pubsub::Client> client;
};

Result<Pubsub> make_pubsub(http::Client& http, const Environment& environment) {
  const char* emulator = environment("PUBSUB_EMULATOR_HOST");
  Pubsub pubsub;
  if (emulator != nullptr && *emulator != '\0') {
    pubsub.tokens = auth::make_anonymous_token_source();
  } else {
    auth::CredentialOptions credentials;
    credentials.environment = environment;
    auto tokens = auth::make_default_token_source(http, credentials);
    if (!tokens) return tl::unexpected<Error>(tokens.error());
    pubsub.tokens = std::move(*tokens);
  }
  pubsub.client =
      std::make_unique<pubsub::Client>(http, *pubsub.tokens, pubsub::endpoint(environment));
  return pubsub;
}

/// What the leader does beside exporting.
struct Housekeeping {
  std::unique_ptr<Pruner> pruner;
  std::unique_ptr<DeadLetterRelay> forwarder;
};

Housekeeping start_housekeeping(const ServeOptions& options, Ledger& ledger, Pubsub& pubsub) {
  Housekeeping started{std::make_unique<Pruner>(ledger, wall_clock), nullptr};
  if (options.dead_letter.empty()) return started;
  ForwardOptions forward;
  forward.topic = topic_of(options.dead_letter).value_or("");
  started.forwarder = std::make_unique<DeadLetterRelay>(ledger, *pubsub.client, std::move(forward));
  return started;
}

}  // namespace

int serve(const ServeOptions& options, const Environment& environment,
          const std::function<void()>& wait_for_stop) {
  auto ledger = open_ledger(options);
  if (!ledger) return refuse(kExitUnavailable, "cannot open the ledger: " + ledger.error().message);

  const auto http = http::make_client();
  CloudMonitoring monitoring;
  if (options.exports_to("cloud-monitoring")) {
    auto made = make_cloud_monitoring(*http, options, environment, **ledger);
    if (!made) {
      return refuse(retryable(made.error()) ? kExitUnavailable : kExitConfiguration,
                    made.error().message);
    }
    monitoring = std::move(*made);
  }
  const auto tell = [&](const RunAlert& alert) { log_notice(alert, options.mage_url); };
  LeaderElector lease(**ledger);
  std::optional<Settler> settler(std::in_place, **ledger, options.settle, tell);
  ExportOptions export_options;
  export_options.interval = options.export_interval;
  ExportLoop exports(**ledger, monitoring.writer.get(),
                     options.exports_to("stdout") ? print_line : ExportLoop::Print(),
                     export_options, wall_clock);

  ProcessMetrics process(wall_clock());
  Intake intake(**ledger, {}, wall_clock, tell);
  PushIntake push(intake, process);
  Pubsub pubsub;
  if (!options.subscription.empty() || !options.dead_letter.empty()) {
    auto made = make_pubsub(*http, environment);
    if (!made) return refuse(kExitConfiguration, made.error().message);
    pubsub = std::move(*made);
  }
  std::unique_ptr<PullIntake> pull;
  if (!options.subscription.empty()) {
    PullOptions pull_options;
    pull_options.subscription = options.subscription;
    pull = std::make_unique<PullIntake>(intake, *pubsub.client, process, std::move(pull_options));
    SPDLOG_INFO("pulling subscription={} endpoint={}", options.subscription,
                pubsub::endpoint(environment));
  }
  Housekeeping housekeeping;
  const PushKeys push_keys = start_push_keys(options);
  const auth::JwksCache* const ring = push_keys.ring.get();
  PushAuthenticator gate({options.push_auth.value_or(PushAuth::refuse), options.push_audience,
                          options.push_service_account},
                         push_keys.ring.get(), process, wall_clock);

  StatusProbes probes;
  probes.not_ready = [&] {
    return std::vector{intake.health(), pull ? pull->trouble(kPullPatience) : std::string(),
                       ring ? ring->health() : std::string()};
  };
  probes.warnings = [&] {
    const auto& forwarder = housekeeping.forwarder;
    return std::vector{intake.warning(),
                       lease.health(),
                       settler->health(),
                       exports.health(),
                       forwarder ? forwarder->health() : std::string(),
                       ring ? ring->warning() : std::string()};
  };
  probes.queue_bytes = [&] { return intake.queue_bytes(); };
  probes.now = wall_clock;
  housekeeping = start_housekeeping(options, **ledger, pubsub);
  auto board =
      std::make_unique<StatusBoard>(**ledger, process, std::move(probes), ledger_name(options));

  http::ServerOptions server_options;
  server_options.address = options.http_address;
  server_options.port = options.http_port.value_or(8080);
  auto server = http::Server::start(
      server_options,
      [&](const http::ServerRequest& request, http::Respond respond) {
        route(push, *board, request, std::move(respond));
      },
      [&gate](const http::RequestHead& head) { return gate.admit(head); });
  if (!server) return refuse(kExitUnavailable, server.error().message);
  exports.start();
  SPDLOG_INFO("serving address={} port={} ledger={} push_auth={}", options.http_address,
              (*server)->port(), ledger_name(options),
              name_of(options.push_auth.value_or(PushAuth::refuse)));

  wait_for_stop();
  const auto deadline = Clock::now() + kStopBudget;
  SPDLOG_INFO("stopping");
  if (pull) pull->request_stop();
  (*server)->stop(kRequestsBudget);
  board.reset();  // It asks the others.
  pull.reset();
  housekeeping = {};
  intake.stop();
  settler.reset();
  exports.stop(deadline);
  lease.stop();
  SPDLOG_INFO("stopped");
  return 0;
}

}  // namespace walpulse::monitor
