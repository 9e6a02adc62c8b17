#include "bench/mage_sim/story.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "bench/mage_sim/payload.h"
#include "bench/mage_sim/slots.h"

namespace walpulse::mage_sim {
namespace {

constexpr std::int64_t kPlotMinuteMs = 60'000;
constexpr std::int64_t kPlotHourMs = 60 * kPlotMinuteMs;

/// What is the matter with a pipeline.
enum class Fate : std::uint8_t {
  well,
  fails,        ///< For the last hours, at one block.
  recovered,    ///< It failed for a while, and is well again.
  not_started,  ///< Its newest slot has no run.
  runs_on,      ///< Its newest run does not come to an end.
  one_partner,  ///< Called from outside for forty partners, of which one fails every time.
};

struct Part {
  std::string_view name;
  Fate fate;
  std::int64_t every_minutes;  ///< From slot to slot; 0: it is called.
  std::int64_t last_minutes;   ///< So long ago was the newest slot when the history ends.
  double run_minutes;
  std::array<std::string_view, 3> blocks;
  std::size_t failing = 0;  ///< Which of them.
  /// Slots stand at this minute of a day of UTC, and so far apart from it, whenever the history
  /// ends.
  std::optional<std::int64_t> clock_minute = std::nullopt;
};

constexpr std::array<Part, 10> kCast{{
    {"hourly_sales", Fate::fails, 60, 23, 6, {"extract_sales", "clean_sales", "load_sales"}, 2},
    {"hourly_orders", Fate::not_started, 60, 9, 4, {"extract_orders", "load_orders", ""}},
    {"crm_sync", Fate::runs_on, 240, 190, 22, {"extract_contacts", "merge_contacts", "export"}},
    {"partner_import", Fate::one_partner, 0, 0, 0.15, {"fetch_file", "parse_file", "load_file"}, 1},
    {"stock_levels", Fate::well, 15, 4, 2, {"extract_stock", "load_stock", ""}},
    {"web_clicks", Fate::well, 5, 2, 0.7, {"load_clicks", "", ""}},
    {"payments", Fate::well, 60, 41, 12, {"extract_payments", "reconcile", "load_payments"}},
    {"invoices", Fate::recovered, 60, 33, 8, {"extract_invoices", "render", "send"}, 1},
    {"returns", Fate::well, 120, 75, 9, {"extract_returns", "load_returns", ""}},
    {"customer_360", Fate::well, 360, 0, 25, {"join_sources", "score", "export"}, 0, 120},
}};

constexpr std::array<std::string_view, 40> kPartnerNames{
    "acme",     "globex",    "initech",  "hooli",    "umbrella", "stark",    "wayne",   "wonka",
    "tyrell",   "cyberdyne", "soylent",  "vandelay", "oceanic",  "dunder",   "pied",    "massive",
    "aperture", "gringotts", "monsters", "nakatomi", "oscorp",   "virtucon", "weyland", "yoyodyne",
    "zorg",     "bluth",     "sterling", "prestige", "kruger",   "vehement", "duff",    "gekko",
    "genco",    "ajax",      "krusty",   "central",  "spacely",  "slate",    "mooby",   "very_big"};
constexpr std::string_view kFailingPartner = "hooli";

constexpr std::int64_t kFailsForMs = 7 * kPlotHourMs;
constexpr std::int64_t kRecoveredFromMs = 6 * kPlotHourMs, kRecoveredUntilMs = 2 * kPlotHourMs;

constexpr double kStartMs = 3'000;  // The scheduler looks every 10 s.
constexpr double kSoonMs = 150;     // What it does right after something else.
constexpr double kSeenMs = 1'500;   // Until it sees that a block has ended.

const Part& part_of(const Pipeline& pipeline) {
  static constexpr Part kQuiet{"", Fate::well, 60, 50, 3, {"extract", "load", ""}};
  for (const Part& part : kCast)
    if (part.name == pipeline.base) return part;
  return kQuiet;
}

/// The minutes and hours, in UTC, of slots so far apart, of which the newest is so old, or one
/// stands at that minute of the day.
std::string interval_of(const Part& part, std::int64_t live_at_ms) {
  const std::int64_t last =
      part.clock_minute.value_or(live_at_ms / kPlotMinuteMs - part.last_minutes);
  const auto list = [](std::int64_t first, std::int64_t step, std::int64_t end) {
    std::string text;
    for (auto value = first % step; value < end; value += step)
      text += (text.empty() ? "" : ",") + std::to_string(value);
    return text;
  };
  if (part.every_minutes < 60) return list(last % 60, part.every_minutes, 60) + " * * * *";
  const std::string minute = std::to_string(last % 60);
  if (part.every_minutes == 60) return minute + " * * * *";
  return minute + ' ' + list(last / 60 % 24, part.every_minutes / 60, 24) + " * * *";
}

/// Whether it fails, or runs on, by its slot or instant.
bool goes_wrong(const Part& part, std::int64_t at_ms, std::int64_t live_at_ms) {
  const std::int64_t ago = live_at_ms - at_ms;
  switch (part.fate) {
    case Fate::fails:
      return ago < kFailsForMs;
    case Fate::recovered:
      return ago < kRecoveredFromMs && ago > kRecoveredUntilMs;
    case Fate::runs_on:
      return ago < part.every_minutes * kPlotMinuteMs;
    case Fate::well:
    case Fate::not_started:
    case Fate::one_partner:
      break;
  }
  return false;
}

/// As Mage's log has it: the rows of the blocks, then the run, then block after block.
class Plain {
 public:
  Plain(Random& random, const Part& part, std::size_t blocks)
      : random_(random),
        blocks_(blocks),
        block_ms_(part.run_minutes * static_cast<double>(kPlotMinuteMs) /
                  static_cast<double>(blocks)) {}

  /// All blocks come to their end, or those before `failing`, or it is never heard of again.
  Script write(std::optional<std::size_t> failing, bool runs_on, bool by_web) {
    for (std::size_t block = 0; block < blocks_; ++block)
      add(by_web ? 0 : kSoonMs, Act::block_create, block);
    add(kStartMs, Act::start);
    for (std::size_t block = 0; block < blocks_; ++block) {
      add(kSoonMs, Act::block_queue, block);
      add(kSoonMs, Act::block_start, block);
      if (runs_on) break;
      // Blocks take about as long each time.
      const double takes_ms = block_ms_ * (0.8 + 0.4 * random_.unit());
      script_.push_back({static_cast<std::int64_t>(takes_ms),
                         block == failing ? Act::block_fail : Act::block_complete, block});
      if (block != failing) continue;
      add(kSeenMs, Act::fail);
      if (block + 1 < blocks_) add(kSoonMs, Act::blocks_cancel);
      return std::move(script_);
    }
    if (!runs_on) add(kSeenMs, Act::complete);
    return std::move(script_);
  }

 private:
  void add(double mean_ms, Act act, std::size_t block = 0) {
    script_.push_back({mean_ms > 0 ? random_.around_ms(mean_ms) : 0, act, block});
  }

  Random& random_;
  const std::size_t blocks_;
  const double block_ms_;
  Script script_;
};

}  // namespace

Pipeline story_pipeline(std::size_t index, std::int64_t live_at_ms) {
  Pipeline pipeline;
  pipeline.base = index < kCast.size() ? std::string(kCast.at(index).name) : pipeline_name(index);
  pipeline.name = pipeline.base;
  const Part& part = part_of(pipeline);
  for (const std::string_view block : part.blocks)
    if (!block.empty()) pipeline.blocks.emplace_back(block);
  if (part.every_minutes > 0) pipeline.trigger.interval = interval_of(part, live_at_ms);
  return pipeline;
}

bool story_makes_run(const Pipeline& pipeline, std::int64_t slot_ms, std::int64_t live_at_ms) {
  const Part& part = part_of(pipeline);
  return part.fate != Fate::not_started ||
         slot_ms + part.every_minutes * kPlotMinuteMs <= live_at_ms;
}

void write_story(Random& random, const Pipeline& pipeline, std::int64_t now_ms,
                 std::int64_t live_at_ms, Run& run) {
  const Part& part = part_of(pipeline);
  std::string_view partner;
  if (part.fate == Fate::one_partner)
    partner = kPartnerNames.at(random.below(kPartnerNames.size()));
  if (!partner.empty()) run.variables = R"({"partner": ")" + std::string(partner) + R"("})";
  const bool wrong = goes_wrong(part, run.execution_ms.value_or(now_ms), live_at_ms);
  const bool fails = partner == kFailingPartner || (wrong && part.fate != Fate::runs_on);
  run.script = Plain(random, part, pipeline.blocks.size())
                   .write(fails ? std::optional(part.failing) : std::nullopt,
                          wrong && part.fate == Fate::runs_on, part.every_minutes == 0);
}

}  // namespace walpulse::mage_sim
