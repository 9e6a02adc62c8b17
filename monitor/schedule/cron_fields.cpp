#include "monitor/schedule/cron_fields.h"

#include <algorithm>
#include <string>
#include <vector>

namespace walpulse::monitor {
namespace {

constexpr std::size_t kExpressionBytesMax = 256;
constexpr auto kDayOfMonth = static_cast<std::size_t>(CronFieldKind::day_of_month);
constexpr auto kDayOfWeek = static_cast<std::size_t>(CronFieldKind::day_of_week);

/// croniter's own aliases. Mage gives another meaning to @weekly: see Recurrence.
struct CronAlias {
  std::string_view name;
  std::string_view expression;
};
constexpr std::array<CronAlias, 7> kCronAliases{{{"@midnight", "0 0 * * *"},
                                                 {"@hourly", "0 * * * *"},
                                                 {"@daily", "0 0 * * *"},
                                                 {"@weekly", "0 0 * * 0"},
                                                 {"@monthly", "0 0 1 * *"},
                                                 {"@yearly", "0 0 1 1 *"},
                                                 {"@annually", "0 0 1 1 *"}}};

/// The bytes of the white space that `text` begins with: what Python's str.split() splits at. A
/// no-break space comes with expressions that were copied from a web page.
std::size_t white_space(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first == ' ' || (first >= 9 && first <= 13) || (first >= 0x1c && first <= 0x1f)) return 1;
  for (const std::string_view space : {"\xc2\x85", "\xc2\xa0"})
    if (text.starts_with(space)) return space.size();
  if (text.size() < 3) return 0;
  const std::string_view three = text.substr(0, 3);
  if (three >= "\xe2\x80\x80" && three <= "\xe2\x80\x8a") return 3;
  for (const std::string_view space : {"\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                       "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"})
    if (three == space) return 3;
  return 0;
}

std::vector<std::string_view> split_fields(std::string_view text) {
  std::vector<std::string_view> fields;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t gap = at == text.size() ? 1 : white_space(text.substr(at));
    if (gap > 0 && at > begin) fields.push_back(text.substr(begin, at - begin));
    at += std::max<std::size_t>(gap, 1);
    if (gap > 0) begin = at;
  }
  return fields;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lowered;
}

/// For a log line: an expression comes from a database, and may hold anything.
std::string quoted(std::string_view text) {
  std::string plain(text);
  for (char& c : plain)
    if (c < ' ' || c > '~') c = '?';
  return "'" + plain + "'";
}

tl::unexpected<Error> refused(std::string_view expression, const std::string& why) {
  return fail(ErrorKind::malformed, quoted(expression) + " is not a cron expression: " + why);
}

tl::unexpected<Error> not_followed(std::string_view expression, const std::string& why) {
  return fail(ErrorKind::rejected, quoted(expression) + " is not followed: " + why,
              "use five fields: minute hour day month weekday");
}

}  // namespace

Result<CronFields> read_cron_fields(std::string_view text) {
  if (text.size() > kExpressionBytesMax)
    return refused(text.substr(0, 32), "it is longer than 256 bytes");
  std::string lowered = lower(text);
  for (const CronAlias& alias : kCronAliases)
    if (lowered == alias.name) lowered = alias.expression;
  const std::vector<std::string_view> fields = split_fields(lowered);
  if (fields.size() == 6 || fields.size() == 7)
    return not_followed(text, "it has " + std::to_string(fields.size()) + " fields");
  if (fields.size() != 5)
    return refused(text, "it has " + std::to_string(fields.size()) + " fields instead of 5");

  std::array<CronField, 5> read;
  for (std::size_t index = 0; index < read.size(); ++index) {
    if (fields[index].front() == 'h' || fields[index].front() == 'r')
      return not_followed(text, quoted(fields[index]) + " is drawn at random");
    const auto field = read_cron_field(static_cast<CronFieldKind>(index), fields[index]);
    if (!field)
      return refused(
          text, quoted(fields[index]) + " is not possible as field " + std::to_string(index + 1));
    read[index] = *field;
  }
  const auto values = [&](CronFieldKind kind) {
    const CronField& field = read[static_cast<std::size_t>(kind)];
    return field.star ? all_cron_values(kind) : field.values;
  };
  const auto has_star = [](std::string_view field) {
    return field.find('*') != std::string_view::npos;
  };
  const CronField& day = read[kDayOfMonth];
  const CronField& weekday = read[kDayOfWeek];
  CronFields expanded{
      .minutes = values(CronFieldKind::minute),
      .hours = values(CronFieldKind::hour),
      .days_of_month = values(CronFieldKind::day_of_month),
      .months = values(CronFieldKind::month),
      .days_of_week = values(CronFieldKind::day_of_week),
      .last_day_of_month = day.last,
      // A list of all values is a star where the other field has a star in it, and else takes part
      // in the OR of the two.
      .any_day_of_month = day.star || (day.count() == 31 && has_star(fields[kDayOfWeek])),
      .any_day_of_week = weekday.star || (weekday.count() == 7 && has_star(fields[kDayOfMonth])),
      .weekdays_of_month = weekday.weekdays_of_month};

  std::uint64_t plain = weekday.values;
  for (std::size_t number = 0; number < 7; ++number) {
    if (weekday.weekdays_of_month[number] == 0) continue;
    expanded.has_weekdays_of_month = true;
    plain &= ~(std::uint64_t{1} << number);
  }
  if (expanded.has_weekdays_of_month && plain != 0 && weekday.count() != 7)
    return refused(text,
                   quoted(fields[kDayOfWeek]) + " mixes days of the week with ones of a month");
  return expanded;
}

}  // namespace walpulse::monitor
