#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "bench/mage_sim/odds.h"

namespace walpulse::mage_sim {

/// What is the matter with Mage, or with the people who use it.
enum class Scenario : std::uint8_t {
  steady,
  burst,
  retry_storm,
  outage,
  scheduler_dead,
  late,
  orphan,
  story,
};

struct ScenarioText {
  std::string_view name;
  Scenario scenario;
  std::string_view about;  ///< A line of --help.
};

inline constexpr std::array<ScenarioText, 8> kScenarios{{
    {"steady", Scenario::steady, "runs come, end and fail as on any day"},
    {"burst", Scenario::burst,
     "300 runs of each connection at once, at the begin and every 10 simulated minutes"},
    {"retry-storm", Scenario::retry_storm, "runs fail and are retried, over and over"},
    {"outage", Scenario::outage,
     "nothing is written for 8 s, then all that was due at once; every 10 simulated minutes"},
    {"scheduler-dead", Scenario::scheduler_dead,
     "triggers stay ACTIVE, but no slot has a run: from the last eighth of --history on, or from "
     "the begin; API runs go on"},
    {"late", Scenario::late,
     "runs are made 2 to 8 minutes after their slot, or made in time and started that late"},
    {"orphan", Scenario::orphan, "triggers are deleted under running runs, which never end"},
    {"story", Scenario::story,
     "a company's day: of ten pipelines one fails, one did not start, one runs too long, and one "
     "fails "
     "for a single partner of forty; with --history, and live by the clock instead of --rate"},
}};

/// How often things happen in a scenario, where nobody says otherwise.
Odds odds_of(Scenario scenario);

}  // namespace walpulse::mage_sim
