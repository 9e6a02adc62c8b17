#include <algorithm>
#include <charconv>
#include <utility>

#include "monitor/rules/glob.h"
#include "monitor/watch/muting.h"
#include "publisher/config/values.h"

namespace walpulse::monitor {
namespace {

using Wrong = tl::unexpected<MuteMistake>;

Wrong wrong(std::string_view member, std::string message, std::string_view example) {
  return Wrong(MuteMistake{member, std::move(message), example});
}

bool is_blank(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c <= ' '; });
}

/// The number of a problem's id; nothing for another text.
std::optional<std::int64_t> number_of(const std::string& id) {
  const std::size_t colon = id.rfind(':');
  const char* begin = id.data() + (colon == std::string::npos ? 0 : colon + 1);
  std::int64_t number = 0;
  const auto read = std::from_chars(begin, id.data() + id.size(), number);
  if (read.ec != std::errc() || read.ptr != id.data() + id.size() || number <= 0)
    return std::nullopt;
  return number;
}

tl::expected<void, MuteMistake> take_pipeline(const MuteWish& wish, Mute& mute) {
  mute.source = wish.source;
  mute.pipeline = wish.pipeline;
  const std::size_t colon = mute.pipeline.find(':');
  if (colon != std::string::npos) {
    const std::string source = mute.pipeline.substr(0, colon);
    if (source.empty() || (!mute.source.empty() && mute.source != source))
      return wrong("pipeline", "the pattern names another source than `source`", "mage:daily_*");
    mute.source = source;
    mute.pipeline.erase(0, colon + 1);
  }
  const auto glob = rules::Glob::read(mute.pipeline);
  if (!glob) return wrong("pipeline", glob.error().message, "daily_*");
  mute.labels = wish.labels;
  return {};
}

tl::expected<void, MuteMistake> take_problem(const MuteWish& wish, std::span<const Problem> open,
                                             Mute& mute) {
  if (!wish.labels.empty())
    return wrong("labels", "a problem has its labels already", "without labels");
  mute.problem = number_of(wish.problem);
  if (!mute.problem) return wrong("problem", "is not the id of a problem", "mage:12");
  const auto found = std::ranges::find(open, *mute.problem, &Problem::id);
  if (found == open.end()) return wrong("problem", "no open problem has this id", "mage:12");
  mute.source = found->finding.key.source;
  return {};
}

/// How long it holds; nothing: until what it is for is over.
tl::expected<std::optional<Timestamp>, MuteMistake> end_wished(
    const MuteWish& wish, Timestamp now, std::chrono::milliseconds lasts_max) {
  if (wish.until == kRecovered) return std::nullopt;
  std::string_view member = "until";
  Timestamp until;
  if (wish.lasts.empty()) {
    const auto instant = parse_timestamp(wish.until);
    if (!instant)
      return wrong(member, "is neither an instant nor \"recovered\"", "2026-11-28T09:00:00Z");
    until = *instant;
  } else {
    member = "for";
    const auto lasts = config::parse_duration(wish.lasts);
    if (!lasts) return wrong(member, lasts.error().message, "2h");
    until = *lasts > lasts_max ? kInfinity : now + *lasts;
  }
  if (until <= now) return wrong(member, "is over already", "2h");
  if (until > now + lasts_max) {
    return wrong(member,
                 "is longer than --mute-max: " +
                     std::to_string(std::chrono::ceil<std::chrono::hours>(lasts_max).count()) +
                     " h",
                 "2h");
  }
  return until;
}

}  // namespace

tl::expected<Mute, MuteMistake> mute_of(const MuteWish& wish, const std::string& created_by,
                                        Timestamp now, std::chrono::milliseconds lasts_max,
                                        std::span<const Problem> open) {
  if (is_blank(wish.reason) || wish.reason.size() > kMuteReasonBytesMax)
    return wrong("reason", "is needed, and at most 500 bytes long", "the vendor is down until 9");
  if (wish.pipeline.empty() == wish.problem.empty())
    return wrong("pipeline", "give either a pipeline or a problem", "daily_sales");
  if (wish.until.empty() == wish.lasts.empty())
    return wrong("until", "give either `until` or `for`", "recovered");
  Mute mute;
  const auto taken =
      wish.problem.empty() ? take_pipeline(wish, mute) : take_problem(wish, open, mute);
  if (!taken) return Wrong(taken.error());
  auto until = end_wished(wish, now, lasts_max);
  if (!until) return Wrong(std::move(until).error());
  mute.until = *until;
  mute.reason = wish.reason;
  mute.created_by = created_by;
  mute.created = now;
  const bool waits = !mute.until && !mute.problem;
  if (waits && std::ranges::none_of(open, [&](const auto& each) { return is_for(mute, each); }))
    return wrong("until", "nothing that it is for is open: there is nothing to recover", "2h");
  return mute;
}

}  // namespace walpulse::monitor
