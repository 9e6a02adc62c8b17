// mage_sim: writes pipeline runs the way Mage does, and knows what the metrics must say.
//
//   mage_sim init  --dsn postgresql://...
//   mage_sim run   --dsn postgresql://... --pipelines 12 --rate 50 --duration 20s --seed 7
//   mage_sim run   --dsn postgresql://... --history 2d --scenario scheduler-dead --blocks
//   mage_sim truth --dsn postgresql://... --of failures --json

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

// How often each thing happens: the scenario's odds, then --blocks, then --odds.
struct OddsFlags {
  bool blocks = false;
  bool no_blocks = false;
  std::vector<std::string> texts;
};

std::string scenario_help() {
  std::string text = "Scenarios:\n";
  for (const auto& one : mage_sim::kScenarios) {
    std::string name(one.name);
    name.resize(16, ' ');
    text += "  " + name + std::string(one.about) + '\n';
  }
  return text + "A run without --scenario is steady, and makes its triggers when it needs them.";
}

void add_scenario(CLI::App& command, mage_sim::RunOptions& options) {
  std::string names;
  for (const auto& one : mage_sim::kScenarios)
    names += (names.empty() ? "" : " | ") + std::string(one.name);
  command.add_option_function<std::string>(
      "--scenario",
      [&options, names](const std::string& text) {
        for (const auto& one : mage_sim::kScenarios) {
          if (one.name != text) continue;
          options.scenario = one.scenario;
          return;
        }
        throw CLI::ValidationError("--scenario", text + ": one of " + names + " is wanted");
      },
      names);
  command.footer(scenario_help());
}

void add_odds(CLI::App& command, OddsFlags& flags) {
  auto* blocks = command.add_flag("--blocks", flags.blocks, "each run that starts has block runs");
  command.add_flag("--no-blocks", flags.no_blocks, "none has; without either, one in twenty")
      ->excludes(blocks);
  command
      .add_option("--odds", flags.texts,
                  "NAME=PROBABILITY, repeatable: how often something happens "
                  "(bench/mage_sim/odds.h)")
      ->take_all();
}

void decide_odds(const OddsFlags& flags, mage_sim::RunOptions& options) {
  options.odds = mage_sim::odds_of(options.scenario);
  if (flags.blocks) options.odds.blocks = 1;
  if (flags.no_blocks) options.odds.blocks = 0;
  for (const auto& text : flags.texts) {
    const auto error = set_odds(text, options.odds);
    if (!error.empty()) throw CLI::ValidationError("--odds", error);
  }
  if (options.history.count() > 0 && options.concurrency > 1)
    throw CLI::ValidationError("--history", "the past is in order: --concurrency 1 is wanted");
}

void add_run_options(CLI::App& command, mage_sim::RunOptions& options) {
  const std::map<std::string, double> seconds{
      {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}};
  command.add_option("--pipelines", options.pipelines, "how many pipelines")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  command
      .add_option("--rate", options.changes_per_second,
                  "changes of pipeline_run a second, those of other tables come with them; 0 = as "
                  "fast as it goes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--runs", options.runs_max, "stop when so many runs came to their end");
  command
      .add_option_function<double>(
          "--duration",
          [&options](double value) { options.duration = std::chrono::duration<double>(value); },
          "stop after this time, without the history's, for example 20s or 5m; leaves runs under "
          "way")
      ->transform(CLI::AsNumberWithUnit(seconds));
  command
      .add_option_function<double>(
          "--history",
          [&options](double value) { options.history = std::chrono::duration<double>(value); },
          "first write so much of the past, for example 2d, with the times that it would have "
          "(those of the commits as well, as a superuser): each slot of a trigger has its run")
      ->transform(CLI::AsNumberWithUnit(seconds))
      ->check(CLI::Range(0.0, 3660 * 86'400.0));
  command.add_option("--seed", options.seed, "the same seed makes the same changes")
      ->capture_default_str();
  command.add_option("--concurrency", options.concurrency, "connections that write")
      ->check(CLI::Range(std::size_t{1}, std::size_t{64}))
      ->capture_default_str();
  command.add_flag("--backdate", options.backdate,
                   "created_at and started_at lie back, so that durations are those of real runs");
  add_scenario(command, options);
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
  OddsFlags odds;
  std::string view = "metrics";
  bool json = false;

  CLI::App* init = app.add_subcommand("init", "create Mage's tables and the audit of them");
  CLI::App* run = app.add_subcommand("run", "write runs until told to stop");
  CLI::App* truth = app.add_subcommand("truth", "print what must be known, by SQL");
  for (CLI::App* command : {init, run, truth}) add_where(*command, where);
  add_run_options(*run, options);
  add_odds(*run, odds);
  truth
      ->add_option(
          "--of", view,
          "metrics: each as the audit says it must be. triggers, blocks: the newest row "
          "of each, deleted ones too. failures: each time that a run FAILED, its cause "
          "and the first block that failed. block_ends: each time that a block ended, with "
          "the end of its run that it counts with")
      ->check(CLI::IsMember({"metrics", "triggers", "blocks", "failures", "block_ends"}))
      ->capture_default_str();
  truth->add_flag("--json", json, "one JSON array; of metrics, of {metric, labels, value}");

  try {
    app.parse(argc, argv);
    decide_odds(odds, options);
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
  return report(mage_sim::truth(where, view, json));
}
