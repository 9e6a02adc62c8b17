#include "bench/mage_sim/pipeline.h"

#include <array>
#include <string_view>

#include "bench/mage_sim/payload.h"
#include "bench/mage_sim/story.h"

namespace walpulse::mage_sim {
namespace {

struct Habit {
  std::string_view interval;  ///< Empty: an API trigger.
  std::string_view settings;
  int sla_seconds = 0;
};

constexpr std::array<Habit, 7> kHabits{{
    {"@hourly", R"({"skip_if_previous_running": true})", 3600},
    {"", "", 0},
    {"*/15 * * * *", R"({"timeout": 1800, "timeout_status": "failed"})", 600},
    {"@daily", R"({"allow_blocks_to_fail": true})", 0},
    {"", R"({"timeout": 3600})", 600},
    {"*/5 * * * *", "", 0},
    {"30 6 * * 1-5", "{}", 7200},
}};
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kAgeMs = 120 * kMinuteMs;
constexpr std::string_view kHourly = "@hourly";

// Whose newest slot was `minutes` minutes ago.
std::string hourly_since(std::int64_t minutes, std::int64_t now_ms) {
  return std::to_string((now_ms / kMinuteMs - minutes) % 60) + " * * * *";
}

}  // namespace

Pipeline pipeline_of(std::size_t index, Scenario scenario, std::int64_t live_at_ms) {
  if (scenario == Scenario::story) return story_pipeline(index, live_at_ms);
  const Habit& habit = kHabits.at(index % kHabits.size());
  Pipeline pipeline;
  pipeline.base = pipeline.name = pipeline_name(index);
  pipeline.partner = partner_json(index);
  pipeline.blocks = block_names(index);
  pipeline.trigger = {0, std::string(habit.interval), std::string(habit.settings),
                      habit.sla_seconds, 0};
  if (scenario != Scenario::late && scenario != Scenario::scheduler_dead) return pipeline;
  // So that a slot is due at the begin already, whenever that is.
  const auto minutes = static_cast<std::int64_t>(2 + (index + index / kHabits.size() + 4) % 7);
  if (habit.interval == kHourly) pipeline.trigger.interval = hourly_since(minutes, live_at_ms);
  pipeline.trigger.age_ms = kAgeMs;
  pipeline.late_ms = minutes * kMinuteMs;
  pipeline.made_late = index % 2 == 0;
  return pipeline;
}

}  // namespace walpulse::mage_sim
