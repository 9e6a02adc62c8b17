#include "monitor/serve.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "monitor/export/export_loop.h"
#include "monitor/export/monitoring_setup.h"
#include "monitor/intake/pull_intake.h"
#include "monitor/keeping/lease_keeper.h"
#include "monitor/keeping/pruner.h"
#include "monitor/notice_log.h"
#include "monitor/routes.h"
#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

using Clock = std::chrono::steady_clock;

/// Shares of the ten seconds that Cloud Run leaves after SIGTERM.
constexpr std::chrono::milliseconds kStopBudget{9'000};
constexpr std::chrono::milliseconds kRequestsBudget{3'500};
constexpr std::chrono::milliseconds kPullPatience{30'000};

Timestamp wall_clock() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// What the others, and whoever asks them, call this process.
std::string instance_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) return std::to_string(::getpid());
  return std::string(host.data()) + '/' + std::to_string(::getpid());
}

Result<std::unique_ptr<Ledger>> open_ledger(const ServeOptions& options) {
  LedgerOptions ledger_options;
  ledger_options.forget_after = options.forget_after;
  ledger_options.export_gap_min = std::chrono::seconds(10);
  ledger_options.instance = instance_name();
  if (is_postgres_ledger(options.ledger))
    return open_postgres_ledger(options.ledger, options.ledger_schema, ledger_options);
  if (const auto file = ledger_file(ledger_name(options)))
    return open_sqlite_ledger(*file, ledger_options);
  spdlog::warn("the memory ledger forgets everything when this program ends");
  return make_memory_ledger(ledger_options);
}

void print_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

int refuse(int code, const std::string& what) {
  spdlog::error("{}", what);
  return code;
}

/// Pull intake and what it stands on.
struct Pull {
  std::unique_ptr<gcp::TokenSource> tokens;
  std::unique_ptr<gcp::PubsubClient> pubsub;
  std::unique_ptr<PullIntake> intake;
};

Result<Pull> start_pull(const std::string& subscription, gcp::HttpClient& http, Intake& intake,
                        ProcessMetrics& process, const Environment& environment) {
  const char* emulator = environment("PUBSUB_EMULATOR_HOST");
  Pull pull;
  if (emulator != nullptr && *emulator != '\0') {
    pull.tokens = gcp::make_anonymous_token_source();
  } else {
    gcp::CredentialOptions credentials;
    credentials.environment = environment;
    auto tokens = gcp::make_default_token_source(http, credentials);
    if (!tokens) return tl::unexpected<Error>(tokens.error());
    pull.tokens = std::move(*tokens);
  }
  const std::string endpoint = gcp::pubsub_endpoint(environment);
  pull.pubsub = std::make_unique<gcp::PubsubClient>(http, *pull.tokens, endpoint);
  PullOptions options;
  options.subscription = subscription;
  pull.intake = std::make_unique<PullIntake>(intake, *pull.pubsub, process, std::move(options));
  spdlog::info("pulling subscription={} endpoint={}", subscription, endpoint);
  return pull;
}

}  // namespace

int serve(const ServeOptions& options, const Environment& environment,
          const std::function<void()>& wait_for_stop) {
  auto ledger = open_ledger(options);
  if (!ledger) return refuse(kExitUnavailable, "cannot open the ledger: " + ledger.error().message);

  const auto http = gcp::make_http_client();
  CloudMonitoring monitoring;
  if (options.exports_to("cloud-monitoring")) {
    auto made = make_cloud_monitoring(*http, options, environment, **ledger);
    if (!made) {
      return refuse(retryable(made.error()) ? kExitUnavailable : kExitConfig, made.error().message);
    }
    monitoring = std::move(*made);
  }
  LeaseKeeper lease(**ledger);
  ExportOptions export_options;
  export_options.interval = options.export_interval;
  ExportLoop exports(**ledger, monitoring.writer.get(),
                     options.exports_to("stdout") ? print_line : ExportLoop::Print(),
                     export_options, wall_clock);

  ProcessMetrics process(wall_clock());
  Intake intake(**ledger, {}, wall_clock, [&](const Notice& notice) {
    const NoticeLine line = notice_line(notice, options.mage_url);
    gcp::log_structured(line.severity, line.message, line.fields);
  });
  PushIntake push(intake, process);
  Pull pull;
  if (!options.subscription.empty()) {
    auto started = start_pull(options.subscription, *http, intake, process, environment);
    if (!started) return refuse(kExitConfig, started.error().message);
    pull = std::move(*started);
  }

  StatusProbes probes;
  probes.not_ready = [&] {
    return std::vector{intake.trouble(),
                       pull.intake ? pull.intake->trouble(kPullPatience) : std::string()};
  };
  probes.warnings = [&] { return std::vector{lease.trouble(), exports.trouble()}; };
  probes.queue_bytes = [&] { return intake.queue_bytes(); };
  probes.now = wall_clock;
  auto board =
      std::make_unique<StatusBoard>(**ledger, process, std::move(probes), ledger_name(options));

  gcp::ServerOptions server_options;
  server_options.address = options.http_address;
  server_options.port = options.http_port.value_or(8080);
  auto server = gcp::HttpServer::start(
      server_options, [&](const gcp::ServerRequest& request, gcp::Respond respond) {
        route(push, *board, request, std::move(respond));
      });
  if (!server) return refuse(kExitUnavailable, server.error().message);
  exports.start();
  std::optional<Pruner> pruner(std::in_place, **ledger, wall_clock);
  spdlog::info("serving address={} port={} ledger={}", options.http_address, (*server)->port(),
               ledger_name(options));

  wait_for_stop();
  const auto deadline = Clock::now() + kStopBudget;
  spdlog::info("stopping");
  if (pull.intake) pull.intake->request_stop();
  (*server)->stop(kRequestsBudget);
  board.reset();  // It asks the others.
  pull.intake.reset();
  pruner.reset();
  intake.stop();
  exports.stop(deadline);
  lease.stop();
  spdlog::info("stopped");
  return 0;
}

}  // namespace walpulse::monitor
