// mage_sim: writes pipeline runs the way Mage does, and knows what the metrics must say.
//
//   mage_sim init  --dsn postgresql://...
//   mage_sim run   --dsn postgresql://... --pipelines 12 --rate 50 --duration 20s --seed 7
//   mage_sim truth --dsn postgresql://... --json

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>

#include "bench/mage_sim/commands.h"

namespace {

using namespace walpulse;

constexpr int kUsageError = 64;  // sysexits.h
constexpr int kUnavailable = 69;
constexpr int kSoftwareError = 70;

void add_where(CLI::App& command, mage_sim::Where& where) {
  command.add_option("--dsn", where.dsn, "libpq conninfo or URI; $WALPULSE_DSN where left out");
  command.add_option("--schema", where.schema, "where Mage's tables are")->capture_default_str();
}

// "fail=0.5"; the error text, or nothing.
std::string set_odds(const std::string& text, mage_sim::Odds& odds) {
  const auto equals = text.find('=');
  for (const auto& [name, member] : mage_sim::kOddsNames) {
    if (text.substr(0, equals) != name || equals == std::string::npos) continue;
    double probability = -1;
    if (!CLI::detail::lexical_cast(text.substr(equals + 1), probability) || probability < 0 ||
        probability > 1) {
      return text + ": a probability from 0 to 1 is wanted, for example fail=0.5";
    }
    odds.*member = probability;
    return {};
  }
  std::string names;
  for (const auto& entry : mage_sim::kOddsNames) names += ' ' + std::string(entry.first);
  return text + ": NAME=PROBABILITY is wanted; names are" + names;
}

void add_run_options(CLI::App& command, mage_sim::RunOptions& options) {
  const std::map<std::string, double> seconds{{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
  command.add_option("--pipelines", options.pipelines, "how many pipelines")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  command
      .add_option("--rate", options.changes_per_second, "changes a second; 0 = as fast as it goes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--runs", options.runs_max, "stop when so many runs came to their end");
  command
      .add_option_function<double>(
          "--duration",
          [&options](double value) { options.duration = std::chrono::duration<double>(value); },
          "stop after this time, for example 20s or 5m; leaves runs under way")
      ->transform(CLI::AsNumberWithUnit(seconds));
  command.add_option("--seed", options.seed, "the same seed makes the same changes")
      ->capture_default_str();
  command.add_option("--concurrency", options.concurrency, "connections that write")
      ->check(CLI::Range(std::size_t{1}, std::size_t{64}))
      ->capture_default_str();
  command.add_flag("--backdate", options.backdate,
                   "created_at and started_at lie back, so that durations are those of real runs");
  command
      .add_option_function<std::vector<std::string>>(
          "--odds",
          [&options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) {
              const auto error = set_odds(text, options.odds);
              if (!error.empty()) throw CLI::ValidationError("--odds", error);
            }
          },
          "NAME=PROBABILITY, repeatable: how often something happens (bench/mage_sim/odds.h)")
      ->take_all();
}

int report(const Result<void>& result) {
  if (result) return 0;
  std::cerr << "mage_sim: " << to_string(result.error()) << '\n';
  return result.error().kind == ErrorKind::unavailable ? kUnavailable : kSoftwareError;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes pipeline runs the way Mage does, and computes what the metrics must say.");
  app.require_subcommand(1);
  mage_sim::Where where;
  mage_sim::RunOptions options;
  bool json = false;

  CLI::App* init = app.add_subcommand("init", "create Mage's tables and the audit of them");
  CLI::App* run = app.add_subcommand("run", "write runs until told to stop");
  CLI::App* truth = app.add_subcommand("truth", "print each metric as the audit says it must be");
  for (CLI::App* command : {init, run, truth}) add_where(*command, where);
  add_run_options(*run, options);
  truth->add_flag("--json", json, "one JSON array of {metric, labels, value}");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  // Not by CLI11's envname(): that lets the variable of a command not given win over the flag.
  if (const char* dsn = std::getenv("WALPULSE_DSN"); where.dsn.empty() && dsn != nullptr) {
    where.dsn = dsn;
  }
  if (options.concurrency > options.pipelines) options.concurrency = options.pipelines;
  if (init->parsed()) return report(mage_sim::init(where));
  if (run->parsed()) return report(mage_sim::run(where, options));
  return report(mage_sim::truth(where, json));
}
