#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/problems/problem.h"
#include "monitor/rules/channel_rule.h"
#include "monitor/rules/time_zone.h"

namespace walpulse::monitor::messages {

/// How much of what it is about a channel may see: `names` has no label, block or error, `none` no
/// name either, but how many of what, since when, and where it is read.
using rules::Details;

/// What is known beside a problem's evidence. Each may be unknown; then the sentence does without.
struct Facts {
  // Of the run that the evidence names; of a problem that is over, of the one that ended it.
  std::optional<std::int64_t> run;
  std::string run_status;  ///< "COMPLETED".
  std::optional<Timestamp> run_began, run_ended;
  std::string trigger;       ///< Its name.
  std::string block, error;  ///< At which it failed or, of a run that goes on, is.
  std::optional<Timestamp> block_since;
  bool same_block = false;  ///< The failures before it were at this block too.
  unsigned retries = 0;

  // Of the pipeline.
  std::optional<std::uint64_t> successes_before;  ///< In a row, before the first failure.
  std::optional<std::chrono::seconds> usual, nine_of_ten;
  std::optional<Timestamp> last_success, next_run;
  std::vector<Timestamp> not_made_good;    ///< Slots.
  std::optional<Timestamp> running_since;  ///< Of a run that goes on.

  // Of the limit that was passed.
  std::optional<std::chrono::seconds> limit;

  // Of a slot without a run.
  std::string interval;  ///< "0 * * * *".
  std::optional<Timestamp>
      last_run;  ///< Of the trigger; of the source where the scheduler is dead.
  std::string last_run_status;
  std::optional<std::size_t> others_started;  ///< Triggers, since the slot.

  // Of what was not seen, once it is seen again.
  std::optional<std::uint64_t> ended_meanwhile;
  std::vector<std::string> failed_meanwhile;  ///< Pipelines.

  /// So often it was opened in the last 24 hours, this time included.
  std::size_t opened_lately = 0;
  /// The delivery that told of its opening.
  std::optional<std::int64_t> told_with;
};

/// Problems that were told together, and which of them are still open.
struct Together {
  std::size_t count = 0;
  std::vector<std::string> open;  ///< Subjects.
};

/// How much of a source is watched.
struct Watched {
  std::size_t pipelines = 0;
  std::size_t problems = 0;  ///< Open ones, whoever is told of them.
};

/// What a message needs to know beside the notices. Whatever is a function may be empty.
struct MessageContext {
  rules::TimeZone zone;
  Timestamp now;
  std::string page_url;  ///< Empty: no links to the page.
  std::string mage_url;  ///< Empty: no links to Mage.
  Details details = Details::all;
  std::optional<Timestamp> not_before;  ///< Of the channel's next message.
  std::function<Facts(const Problem&)> facts;
  std::function<Together(std::int64_t delivery)> together;
  std::function<Watched(const std::string& source)> watched;
};

}  // namespace walpulse::monitor::messages
