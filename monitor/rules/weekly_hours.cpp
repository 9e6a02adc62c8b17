#include "monitor/rules/weekly_hours.h"

#include <algorithm>
#include <optional>

#include "monitor/rules/mistake.h"
#include "monitor/rules/week_words.h"

namespace walpulse::rules {
namespace {

constexpr int kMinutesOfWeek = 7 * kMinutesOfDay;

tl::unexpected<Error> refuse_hours(std::string_view text, const std::string& why) {
  return fail(ErrorKind::malformed, in_quotes(text) + " " + why);
}

/// Minutes since midnight; the end may be of the next day.
Result<WeeklyHours::Span> read_span(std::string_view text) {
  const auto ends = split_at(text, '-');
  const auto begin = minute_of_day(ends.front());
  const auto end = ends.back() == "24:00" ? kMinutesOfDay : minute_of_day(ends.back());
  if (ends.size() != 2 || !begin || !end) {
    return refuse_hours(text, "is not hours, HH:MM-HH:MM from 00:00 to 24:00");
  }
  if (*begin == *end) return refuse_hours(text, "ends when it begins; all day is 00:00-24:00");
  return WeeklyHours::Span{*begin, *end > *begin ? *end : *end + kMinutesOfDay};
}

struct LocalInstant {
  std::chrono::local_seconds time;
  std::chrono::local_days monday;
  int minute = 0;  ///< Since that Monday.
};

LocalInstant local_instant(const TimeZone& zone, Timestamp instant) {
  using namespace std::chrono;
  const local_seconds time = zone.to_local(floor<seconds>(instant));
  const local_days day = floor<days>(time);
  const local_days monday = day - days(weekday(day).iso_encoding() - 1);
  return {time, monday, static_cast<int>(floor<minutes>(time - monday).count())};
}

std::optional<WeeklyHours::Span> span_at(const WeeklyHours& hours, int minute) {
  for (const WeeklyHours::Span& span : hours.spans()) {
    if (span.begin <= minute && minute < span.end) return span;
  }
  return std::nullopt;
}

/// The instant at which clocks show a minute of this week or the next. Where they show it twice it
/// may be over by now: it is then as far away as they say.
Timestamp instant_of(const TimeZone& zone, const LocalInstant& now, int minute, Timestamp instant) {
  const auto local = now.monday + std::chrono::minutes(minute);
  const Timestamp found = zone.to_utc(local);
  return found > instant ? found : instant + (local - now.time);
}

}  // namespace

Result<WeeklyHours> WeeklyHours::read(const std::vector<std::string>& texts) {
  if (texts.empty()) return fail(ErrorKind::malformed, "the list is empty");
  WeeklyHours hours;
  for (const std::string& text : texts) {
    const auto words = split_at(text, ' ');
    if (words.size() > 2) {
      return refuse_hours(text, "is not days and hours: DAYS HH:MM-HH:MM, or HH:MM-HH:MM");
    }
    DaySet days{};
    days.fill(true);
    if (words.size() == 2) {
      const auto read = read_days(words.front());
      if (!read) return forward(read);
      days = *read;
    }
    for (const std::string_view part : split_at(words.back(), ',')) {
      const auto span = read_span(part);
      if (!span) return forward(span);
      for (int day = 0; day < 7; ++day) {
        const int midnight = day * kMinutesOfDay;
        if (days[static_cast<std::size_t>(day)])
          hours.add({midnight + span->begin, midnight + span->end});
      }
      if (hours.spans_.size() > kSpansMax) {
        return fail(ErrorKind::malformed,
                    "has more than " + std::to_string(kSpansMax) + " hours in a week");
      }
    }
    hours.text_ += (hours.text_.empty() ? "" : ", ") + text;
  }
  hours.merge();
  return hours;
}

void WeeklyHours::add(Span span) {
  if (span.end > kMinutesOfWeek) {
    spans_.push_back({0, span.end - kMinutesOfWeek});
    span.end = kMinutesOfWeek;
  }
  spans_.push_back(span);
}

void WeeklyHours::merge() {
  std::ranges::sort(spans_);
  std::vector<Span> merged;
  for (const Span& span : spans_) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  spans_ = std::move(merged);
}

WeeklyHours WeeklyHours::joined(const WeeklyHours& other) const {
  if (other == *this) return *this;
  WeeklyHours both = *this;
  both.spans_.insert(both.spans_.end(), other.spans_.begin(), other.spans_.end());
  both.text_ += ", " + other.text_;
  both.merge();
  return both;
}

bool is_open(const WeeklyHours& hours, const TimeZone& zone, Timestamp instant) {
  return span_at(hours, local_instant(zone, instant).minute).has_value();
}

Timestamp opens_at(const WeeklyHours& hours, const TimeZone& zone, Timestamp instant) {
  const LocalInstant now = local_instant(zone, instant);
  if (span_at(hours, now.minute)) return instant;
  const auto next = std::ranges::find_if(
      hours.spans(), [&](const WeeklyHours::Span& span) { return span.begin > now.minute; });
  const int begin =
      next == hours.spans().end() ? hours.spans().front().begin + kMinutesOfWeek : next->begin;
  return instant_of(zone, now, begin, instant);
}

Timestamp closes_at(const WeeklyHours& hours, const TimeZone& zone, Timestamp instant) {
  const LocalInstant now = local_instant(zone, instant);
  const auto span = span_at(hours, now.minute);
  if (!span) return instant;
  int end = span->end;
  if (end == kMinutesOfWeek && hours.spans().front().begin == 0) {
    end += hours.spans().front().end;
    if (hours.spans().size() == 1) return kInfinity;
  }
  return instant_of(zone, now, end, instant);
}

}  // namespace walpulse::rules
