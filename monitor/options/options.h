#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "publisher/config/sources.h"
#include "publisher/telemetry/log.h"

namespace walpulse::monitor {

using config::Environment;

/// Whom pushes are taken from.
enum class PushAuth : std::uint8_t {
  verify,    ///< Whoever shows Google's identity token of the one service account.
  platform,  ///< As verify, but Cloud Run has checked (and removed) the signature.
  none,      ///< Anybody.
  refuse,    ///< Nobody: messages are pulled.
};

/// How a reader of the page, the API and /metrics shows who he is.
enum class Readers : std::uint8_t {
  loopback,  ///< Whoever is on this machine.
  iap,       ///< Whom Identity-Aware Proxy lets through, by its signed assertion.
  platform,  ///< Whom Cloud Run lets through, by the identity token that it has checked.
  google,    ///< Whoever shows Google's identity token for the audience.
  token,     ///< Whoever shows a token of a file.
  none,      ///< Nobody.
};

/// Who may read, and who may write.
struct AccessOptions {
  std::optional<Readers> readers;   ///< parse_command_line() does not leave it open.
  std::vector<std::string> reader;  ///< Addresses, domains, "*"; empty: all who prove who they are.
  std::vector<std::string> writer;  ///< Likewise; empty: nobody, on loopback all.
  std::string iap_audience;         ///< "/projects/NUMBER/locations/REGION/services/NAME".
  std::string iap_keys_url = "https://www.gstatic.com/iap/verify/public_key-jwk";
  std::string reader_audience;    ///< Of google.
  std::string reader_token_file;  ///< Of token.
  std::string metrics_address;    ///< "IP:PORT" where /metrics is open; empty: none.
};

/// The connector has 8081, and may be on the same machine.
inline constexpr std::uint16_t kHttpPort = 8080;

enum class Command : std::uint8_t {
  serve,
  doctor,
  redrive,
  sources,
  descriptors,
  rules,
  problems,
  page,
  mute,
  deliveries,
  notify
};

/// What `rules check`, `rules explain` and `rules suggest` are told.
struct RulesOptions {
  std::string path;             ///< A file or a folder.
  bool against_ledger = false;  ///< Of check: a flag named the ledger.
  std::string output;           ///< Of suggest: a file to be made; empty: stdout.
  std::string pipeline;         ///< Of explain, as what follows.
  std::optional<std::string> source;
  std::optional<std::string> trigger;
  std::map<std::string, std::string, std::less<>> labels;
};

/// What `mute` is told, beside source and labels, which it shares with `rules explain`.
struct MuteOptions {
  std::string pattern;  ///< Of pipelines.
  std::string id;       ///< Of a problem, of the mute to be lifted, or of a delivery.
  std::string lasts;    ///< "2h"
  std::string until;
  std::string reason;
};

/// What `deliveries list` is told; a delivery's number is MuteOptions::id.
struct DeliveryOptions {
  std::string state;  ///< "given_up"; empty: any.
  std::optional<std::string> channel;
  std::string tested;  ///< Of `notify test`: the channel.
};

/// What the command does not need has its default.
struct ServeOptions {
  Command command = Command::serve;
  std::string verb;  ///< Of a command that has some: "accept".
  /// "memory", "sqlite:FILE" or a libpq connection string; default_ledger() where empty. Not to be
  /// logged: see ledger_name().
  std::string ledger;
  std::string ledger_schema = "walpulse_ledger";  ///< Of a ledger in PostgreSQL.
  bool cloud_sql_iam = false;                     ///< Log in there with a token.
  bool single_instance = false;
  std::string subscription;       ///< Empty: push only.
  std::string push_subscription;  ///< Which one pushes here: `doctor` looks at it.
  std::string dead_letter;  ///< "pubsub://PROJECT/TOPIC"; empty: the rejected stay in the ledger.
  std::vector<std::string> exports{"prometheus"};  ///< stdout, prometheus, cloud-monitoring.
  std::chrono::milliseconds export_interval{60'000};
  std::string metric_prefix = "custom.googleapis.com/walpulse";
  std::string monitoring_endpoint = "https://monitoring.googleapis.com";
  std::string project;   ///< Empty: GOOGLE_CLOUD_PROJECT, then the metadata server.
  std::string location;  ///< Empty: the metadata server's region, then "global".
  std::string mage_url;
  std::string page_url;  ///< Where people reach the page; empty: messages have no links to it.
  std::chrono::milliseconds settle = std::chrono::minutes(3);
  std::chrono::milliseconds forget_after = std::chrono::hours(24 * 30);
  std::size_t keep_runs = 50;
  std::string http_address;  ///< parse_command_line() leaves none of these four open.
  std::optional<PushAuth> push_auth;
  std::string push_audience;         ///< Exactly as in the tokens.
  std::string push_service_account;  ///< Its e-mail address.
  std::string push_keys_url = "https://www.googleapis.com/oauth2/v3/certs";
  bool allow_unauthenticated = false;  ///< PushAuth::none beyond loopback.
  AccessOptions access;
  std::chrono::milliseconds mute_max = std::chrono::days(7);
  MuteOptions mute;
  DeliveryOptions deliveries;
  std::optional<std::uint16_t> http_port;  ///< PORT or kHttpPort where unset; 0 = any free one.
  bool dry_run = false;                    ///< Of redrive.
  std::string accept_name;                 ///< Of sources: which one; empty: list them.
  std::uint64_t accept_epoch = 0;
  bool print_sql = false;  ///< Of doctor and page: print what PostgreSQL needs, do nothing.
  bool print = false;      ///< Of descriptors: print them, which is the default.
  bool create = false;     ///< Of descriptors: make them, do not print them.
  RulesOptions rules;
  bool all = false;        ///< Of problems: those that are over, too.
  bool json = false;       ///< Of problems, mute list and deliveries list: a JSON line each.
  std::string rules_path;  ///< Of the running monitor: a file or a folder; empty: defaults alone.
  std::optional<std::chrono::milliseconds> rules_reload = std::chrono::seconds(30);  ///< None: off.
  telemetry::LogOptions log;

  bool exports_to(const std::string& exporter) const;
};

/// Flag > WALPULSE_* variable > configuration file > default. `arguments` without the program's
/// name. Reports every problem at once.
tl::expected<ServeOptions, config::Exit> parse_command_line(
    const std::vector<std::string>& arguments, const config::Sources& sources);

/// Every rule that the options break. None of the messages repeats a secret.
std::vector<config::OptionProblem> validate(const ServeOptions& options,
                                            const Environment& environment);

/// "sqlite:/var/lib/walpulse/ledger.db" where that folder can be written to, else a file here.
std::string default_ledger();
/// The file of "sqlite:FILE"; nothing for the others.
std::optional<std::filesystem::path> ledger_file(const std::string& ledger);
/// True for "postgresql://..." and for "host=... dbname=...".
bool is_postgres_ledger(const std::string& ledger);
/// What people may read of it: no address and no password.
std::string ledger_name(const ServeOptions& options);
/// "projects/PROJECT/topics/TOPIC" of "pubsub://PROJECT/TOPIC"; nothing for another text.
std::optional<std::string> topic_of(const std::string& url);

}  // namespace walpulse::monitor
