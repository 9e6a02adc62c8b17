#include "monitor/options/options.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "decoder/schema/change_event.h"
#include "monitor/options/push_options.h"
#include "monitor/options/settings.h"
#include "publisher/config/config_file.h"
#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

constexpr const char* kPurpose =
    "Turns the change events of Mage's pipeline runs into metrics that are never lost and never "
    "counted twice.";

constexpr const char* kFooter = R"(First steps:
  walpulse-monitor serve --ledger memory
  walpulse-connector run --dsn 'host=10.0.0.5 dbname=mage user=walpulse' --to http://localhost:8080
  curl localhost:8080/metrics
See walpulse-monitor serve --help for its settings, and the --help of the other commands.)";

constexpr const char* kServeFooter = R"(Examples:
  walpulse-monitor serve
  walpulse-monitor serve --ledger postgresql://walpulse@10.0.0.5/mage
  walpulse-monitor serve --subscription projects/my-project/subscriptions/walpulse-monitor \
    --export cloud-monitoring --mage-url https://mage.example.com
  walpulse-monitor serve --ledger postgresql://walpulse@10.0.0.5/mage --push-auth verify \
    --push-audience https://walpulse.example.com/push \
    --push-service-account walpulse-push@my-project.iam.gserviceaccount.com
POST / and /push take Pub/Sub pushes, from whom --push-auth says. GET / is a page for people;
/metrics, /liveness, /readiness and /health are for machines. --push-auth does not close these: who
may read them is Cloud Run's IAM to say, or the network's (--http-address 127.0.0.1 and a proxy).
SIGTERM completes what was taken, exports once more and ends.
Every setting can also stand in the environment (--http-port: WALPULSE_HTTP_PORT) or in the
configuration file (http-port = 8080); a flag wins over the environment, that over the file.
Exit codes: 0 stopped by SIGTERM or SIGINT, 64 wrong usage, 69 the ledger or the port cannot be
had, 78 wrong environment or configuration file.)";

constexpr const char* kDoctorFooter = R"(Examples:
  walpulse-monitor doctor --ledger 'host=10.0.0.5 dbname=mage user=walpulse'
  walpulse-monitor doctor --config /etc/walpulse/monitor.toml --export cloud-monitoring \
    --push-subscription projects/my-project/subscriptions/walpulse-monitor
Checks that the ledger can be reached, read and written, and that a capture does not capture it;
whom pushes are taken from, that Google's keys can be fetched, and that the subscription pushes as
the settings want it; as whom Google is asked, and with which scopes; that messages may be pulled
and set aside, and that no setting of a subscription loses them; that points may be written. Changes
nothing. What it names comes with its remedy.
Exit codes: 0 nothing is in the way, 1 something is, 64 wrong usage, 78 wrong environment or
configuration file.)";

constexpr const char* kRedriveFooter = R"(Examples:
  walpulse-monitor redrive --ledger postgresql://walpulse@10.0.0.5/mage --dry-run
  walpulse-monitor redrive --ledger sqlite:/var/lib/walpulse/ledger.db
A message that is no event of a known version, or a conflict, is kept in the ledger with its reason.
This applies each again: one that fits now (after an update) is counted and taken out in the same
transaction; the others stay. Prints a JSON line a message. A ledger in PostgreSQL may serve
meanwhile; one in a file must not be open: stop its monitor first.
Exit codes: 0 done, 64 wrong usage, 69 the ledger cannot be had, 78 wrong environment or
configuration file.)";

constexpr const char* kSourcesFooter = R"(Examples:
  walpulse-monitor sources list --ledger postgresql://walpulse@10.0.0.5/mage
  walpulse-monitor sources accept mage 1763600000 --ledger sqlite:/var/lib/walpulse/ledger.db
One name has one history. A second one under the same name (another system, or another publication
of the table, that does not say that it follows the first) is refused: its events are kept among the
rejected, and the log says name_taken. Where that was no mistake, accept takes it in; redrive then
counts what was rejected. accept takes a conflict back too: only where you know that the log never
went back; after a restore run walpulse-connector recover. Prints a JSON line for each epoch that
the ledger knows.
Exit codes: 0 done, 1 there is no such epoch to accept, 64 wrong usage, 69 the ledger cannot be had,
78 wrong environment or configuration file.)";

constexpr const char* kDescriptorsFooter = R"(Examples:
  walpulse-monitor descriptors --print
  walpulse-monitor descriptors --create --project my-project
Prints a JSON line a metric, as serve --export cloud-monitoring sends it to metricDescriptors.create
before its first points. --create sends them now, so that alert policies can name metrics of which
no point was written yet; it may be repeated, and takes no label away. It needs
roles/monitoring.metricWriter.
Exit codes: 0 done, 1 one was refused or Cloud Monitoring cannot be reached (the message says which
and why), 64 wrong usage, 78 wrong environment or configuration file.)";

constexpr const char* kConfigFile = "/etc/walpulse/monitor.toml";

enum class Origin { flag, environment, file };

struct Given {
  std::vector<std::string> texts;
  Origin origin = Origin::flag;
};
using GivenSettings = std::map<std::string, Given, std::less<>>;

/// What CLI11 fills. Its own environment and file support puts the file above the environment.
struct Flags {
  std::map<std::string_view, std::vector<std::string>> texts;
  std::map<std::string_view, bool> switches;
  std::string config;
  bool dry_run = false;
  bool print = false;
  bool create = false;
  std::string accept_name;
  std::uint64_t accept_epoch = 0;
  Command command = Command::serve;
};

struct Report {
  std::string text;
  int code = kExitConfig;
  void add(Origin origin, const std::string& line) {
    text += "walpulse-monitor: " + line + "\n";
    if (origin == Origin::flag) code = kExitUsage;
  }
};

std::string named(std::string_view key, Origin origin) {
  if (origin == Origin::environment) return environment_name(key);
  return origin == Origin::file ? std::string(key) + " (configuration file)"
                                : "--" + std::string(key);
}

template <class Wanted>
void declare_settings(CLI::App& command, Flags& flags, const Wanted& wanted) {
  command
      .add_option("--config", flags.config,
                  "TOML file of settings [" + std::string(kConfigFile) + " if it exists]")
      ->type_name("FILE");
  for (const Setting& setting : settings()) {
    if (!wanted(setting)) continue;
    const std::string flag = "--" + std::string(setting.key);
    const std::string help(setting.help);
    if (setting.value_name.empty()) {
      command.add_flag(flag, flags.switches[setting.key], help);
      continue;
    }
    command.add_option(flag, flags.texts[setting.key], help)
        ->type_name(std::string(setting.value_name))
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

bool places_the_ledger(const Setting& setting) {
  return setting.key.starts_with("ledger") || setting.key == "cloud-sql-iam";
}

void declare_sources(CLI::App& app, Flags& flags) {
  CLI::App* sources = app.add_subcommand(
      "sources", "Lists the histories that the ledger knows, or takes one in that was refused.");
  sources->footer(kSourcesFooter);
  sources->require_subcommand(1, 1);
  declare_settings(*sources, flags, places_the_ledger);
  CLI::App* list = sources->add_subcommand("list", "Lists them.");
  CLI::App* accept = sources->add_subcommand("accept", "Takes an epoch in.");
  accept->add_option("NAME", flags.accept_name, "The source's name.")->required();
  accept->add_option("EPOCH", flags.accept_epoch, "As `list` shows it.")->required();
  for (CLI::App* command : {list, accept}) command->fallthrough();
  sources->final_callback([&flags] { flags.command = Command::sources; });
}

void declare(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", "walpulse-monitor " + std::string(schema::kProgramVersion));
  app.require_subcommand(1, 1);
  app.footer(kFooter);
  CLI::App* serve = app.add_subcommand(
      "serve", "Takes messages, by push and by pull, keeps the ledger and exports its metrics.");
  serve->footer(kServeFooter);
  declare_settings(*serve, flags, [](const Setting&) { return true; });
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Says what is wrong with the ledger's place, push, pull, credentials and rights.");
  doctor->footer(kDoctorFooter);
  declare_settings(*doctor, flags, [](const Setting& setting) { return setting.of_doctor; });
  doctor->final_callback([&flags] { flags.command = Command::doctor; });
  CLI::App* redrive = app.add_subcommand("redrive", "Applies rejected messages again.");
  redrive->footer(kRedriveFooter);
  declare_settings(*redrive, flags, [](const Setting& setting) {
    return places_the_ledger(setting) || setting.key == "mage-url" || setting.key == "settle";
  });
  redrive->add_flag("--dry-run", flags.dry_run, "Say what would become of each, change nothing.");
  redrive->final_callback([&flags] { flags.command = Command::redrive; });
  declare_sources(app, flags);
  CLI::App* descriptors = app.add_subcommand(
      "descriptors", "Prints or makes what Cloud Monitoring is told of the metrics.");
  descriptors->footer(kDescriptorsFooter);
  declare_settings(*descriptors, flags, [](const Setting& setting) {
    return setting.key == "metric-prefix" || setting.key == "project" ||
           setting.key == "monitoring-endpoint";
  });
  CLI::Option* print = descriptors->add_flag("--print", flags.print,
                                             "Print them, one JSON line each [the default].");
  descriptors->add_flag("--create", flags.create, "Make them in Cloud Monitoring.")
      ->excludes(print);
  descriptors->final_callback([&flags] { flags.command = Command::descriptors; });
}

void take_flags(const Flags& flags, GivenSettings& given, Report& report) {
  for (const auto& [key, texts] : flags.texts) {
    if (texts.empty()) continue;
    if (texts.size() > 1 && !find_setting(key)->repeatable) {
      report.add(Origin::flag, "--" + std::string(key) + " is given twice");
    }
    if (key == "ledger" && is_postgres_ledger(texts.front()) &&
        database::holds_password(texts.front())) {
      report.add(Origin::flag,
                 "--ledger holds a password, which every user of this machine can read in the "
                 "process list; set WALPULSE_LEDGER, PGPASSWORD or PGPASSFILE, or write it into "
                 "the configuration file");
    }
    given[std::string(key)] = {texts, Origin::flag};
  }
  for (const auto& [key, on] : flags.switches) {
    if (on) given[std::string(key)] = {{"true"}, Origin::flag};
  }
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> items;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) items.push_back(item);
  return items;
}

void take_environment(const Environment& environment, GivenSettings& given) {
  const auto take = [&](const std::string& name, const Setting& setting) {
    const char* value = environment(name.c_str());
    if (value == nullptr || *value == '\0') return;
    given.try_emplace(
        std::string(setting.key),
        Given{setting.repeatable ? split_commas(value) : std::vector<std::string>{value},
              Origin::environment});
  };
  for (const Setting& setting : settings()) take(environment_name(setting.key), setting);
}

void take_file(const std::string& path, GivenSettings& given, Report& report) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return report.add(Origin::file, "cannot read the configuration file " + path);
  const auto entries = config::parse_config(text);
  if (!entries) return report.add(Origin::file, path + ": " + entries.error().message);
  for (const config::ConfigEntry& entry : *entries) {
    const std::string where = path + ": line " + std::to_string(entry.line) + ": ";
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr) {
      report.add(Origin::file,
                 where + "unknown key '" + entry.key + "'; a valid line is  http-port = 8080");
    } else if (entry.values.empty() || (entry.values.size() > 1 && !setting->repeatable)) {
      report.add(Origin::file, where + entry.key + " takes one value; " + example_of(*setting));
    } else {
      given.try_emplace(entry.key, Given{entry.values, Origin::file});
    }
  }
}

Exit refuse_syntax(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  if (app.exit(error, out, out) == 0) return {0, out.str()};
  std::string text = std::string("walpulse-monitor: ") + error.what() + "\n";
  for (const Setting& setting : settings()) {
    if (text.find("--" + std::string(setting.key) + ":") != std::string::npos) {
      text += example_of(setting) + "\n";
    }
  }
  return {kExitUsage, text + "Try --help, for example: walpulse-monitor serve --ledger memory\n"};
}

/// The key that a problem of validate() begins with.
Origin origin_of(const std::string& problem, const GivenSettings& given) {
  const auto found = given.find(problem.substr(2, problem.find(':') - 2));
  return found == given.end() ? Origin::flag : found->second.origin;
}

}  // namespace

std::variant<ServeOptions, Exit> parse_options(int argc, const char* const* argv,
                                               const Environment& environment) {
  CLI::App app(kPurpose, "walpulse-monitor");
  Flags flags;
  declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse_syntax(app, error);
  }

  Report report;
  GivenSettings given;
  take_flags(flags, given, report);
  take_environment(environment, given);
  const char* config = environment("WALPULSE_CONFIG");
  if (flags.config.empty() && config != nullptr) flags.config = config;
  if (flags.config.empty() && std::filesystem::exists(kConfigFile)) flags.config = kConfigFile;
  if (!flags.config.empty()) take_file(flags.config, given, report);
  if (const char* port = environment("PORT");
      port != nullptr && *port != '\0') {  // Cloud Run's way
    given.try_emplace("http-port", Given{{port}, Origin::environment});
  }

  ServeOptions options;
  options.command = flags.command;
  options.dry_run = flags.dry_run;
  options.create = flags.create;
  options.accept_name = flags.accept_name;
  options.accept_epoch = flags.accept_epoch;
  options.log.service = "walpulse-monitor";
  for (const auto& [key, value] : given) {
    const Setting& setting = *find_setting(key);
    if (const auto problem = setting.apply(value.texts, options)) {
      report.add(value.origin,
                 named(key, value.origin) + ": " + *problem + "; " + example_of(setting));
    }
  }
  settle_push(options, environment);
  for (const std::string& problem : validate(options, environment)) {
    const Origin origin = origin_of(problem, given);
    const std::string key = problem.substr(2, problem.find(':') - 2);
    report.add(origin, named(key, origin) + problem.substr(key.size() + 2));
  }
  if (!report.text.empty()) return Exit{report.code, report.text + "Try --help.\n"};
  options.log.project = options.project;
  options.log.to_stderr = options.exports_to("stdout") || options.command != Command::serve;
  return options;
}

}  // namespace walpulse::monitor
