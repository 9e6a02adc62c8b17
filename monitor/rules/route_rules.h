#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/problems/problem.h"
#include "monitor/rules/body_template.h"
#include "monitor/rules/policy.h"
#include "monitor/rules/subject_pattern.h"
#include "monitor/rules/weekly_hours.h"

namespace walpulse::rules {

/// When a channel is told of what it is told.
struct Pace {
  Duration first = std::chrono::seconds(15);                ///< Collected before a first message.
  Duration then = std::chrono::minutes(10);                 ///< Between two messages.
  std::optional<Duration> repeat = std::chrono::hours(24);  ///< While it lasts; nothing: once.
  std::optional<WeeklyHours> hours = {};                    ///< Held until then.
};

/// A [[notify]]: which problems are told where.
struct NotifyRule {
  Place place;
  SubjectPattern about;
  std::vector<Severity> severity;          ///< Empty: page and notify.
  std::vector<monitor::ProblemKind> when;  ///< Empty: all kinds.
  std::optional<NamePattern> team;
  Placed<Names> to;  ///< Channels.
  Pace pace;
  bool otherwise = false;  ///< Only where no other told.
};

/// A [[quiet]]: planned, so shown and not told.
struct QuietRule {
  Place place;
  SubjectPattern about;
  std::optional<WeeklyHours> every;
  Timestamp from = kMinusInfinity;   ///< Without `every`: from then, ...
  Timestamp until = kMinusInfinity;  ///< ... before then.
  std::string reason;
};

/// "20 per hour".
struct Rate {
  unsigned count = 0;
  std::chrono::seconds per{0};
  bool operator==(const Rate&) const = default;
};
std::string to_string(const Rate& rate);

/// As an [[after]] names the ends of a run.
inline constexpr std::array<std::string_view, 5> kEnds = {"completed", "failed", "cancelled",
                                                          "sla_missed", "orphaned"};

/// An [[after]]: what must run when a run has ended so.
struct AfterRule {
  Place place;
  SubjectPattern about;
  std::vector<std::string> is;  ///< Of kEnds.
  Placed<std::string> call;     ///< A channel, which is a webhook.
  BodyTemplate body;
  std::string body_file;  ///< As it is written; empty: the body stands in the table, or nowhere.
  Placed<std::string> starts;  ///< The pipeline of Mage that the call starts; empty: none is known.
  std::optional<Duration> not_older_than = std::chrono::hours(1);
  std::optional<Rate> at_most = Rate{100, std::chrono::hours(1)};
};

/// The [deadman]: an address that is called while walpulse leads and sees.
struct DeadmanRule {
  Place place;
  std::string url_file, url_env;  ///< One of them.
};

}  // namespace walpulse::rules
