#include "monitor/channels/verdict.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "publisher/http/header_field.h"

namespace walpulse::monitor::channels {
namespace {

/// Cut before secrets are taken out, it could cut one in two; far more than is shown.
constexpr std::size_t kBodyBytesRead = 64u << 10;

/// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that may be sent (RFC 9110, section 5.6.7).
std::optional<Timestamp> http_date(const std::string& text) {
  constexpr std::string_view kMonthsInOrder = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::istringstream in(text);
  std::string weekday, month, zone;
  unsigned day = 0, hour = 0, minute = 0, second = 0;
  int year = 0;
  char colon = 0, colon_too = 0;
  in >> weekday >> day >> month >> year >> hour >> colon >> minute >> colon_too >> second >> zone;
  const auto at = kMonthsInOrder.find(month);
  if (!in || month.size() != 3 || at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(at / 3 + 1)),
                                         std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || zone != "GMT") return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

bool may_come_again(int status) {
  constexpr std::array kPassing = {408, 409, 423, 425, 429};
  return status >= 500 || std::ranges::count(kPassing, status) != 0;
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const http::Response& response, Timestamp now) {
  using std::chrono::seconds;
  for (const auto& [name, value] : response.headers) {
    if (name != "retry-after") continue;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (end == value.data() + value.size() && !value.empty()) {
      if (error == std::errc::result_out_of_range) return kRetryAfterMax;
      if (error == std::errc() && number >= 0)
        return std::min<seconds>(kRetryAfterMax, seconds(std::min<std::int64_t>(number, 86'400)));
      return std::nullopt;
    }
    const auto date = http_date(value);
    if (!date) return std::nullopt;
    return std::clamp(std::chrono::ceil<seconds>(*date - now), seconds(0), kRetryAfterMax);
  }
  return std::nullopt;
}

Answer verdict_of(const http::Response& response, const Redaction& redaction, Timestamp now) {
  Answer answer;
  answer.text = "HTTP " + std::to_string(response.status);
  const std::string body =
      redaction.apply(std::string_view(response.body).substr(0, kBodyBytesRead));
  if (!body.empty()) answer.text += ": " + body;
  if (response.status >= 200 && response.status < 300) return taken(std::move(answer.text));
  answer.verdict =
      may_come_again(response.status) ? Answer::Verdict::again : Answer::Verdict::never;
  if (answer.verdict == Answer::Verdict::again) answer.retry_after = retry_after(response, now);
  if (response.status >= 300 && response.status < 400)
    answer.text += "; redirects are not followed: give the address that it leads to";
  return answer;
}

Result<std::string> key_header(const std::string& key) {
  if (key.empty() || !http::is_sendable_field("Idempotency-Key", key))
    return fail(ErrorKind::rejected, "the delivery's key cannot be sent");
  return "Idempotency-Key: " + key;
}

Answer verdict_of(const Error& error, const Redaction& redaction) {
  // What is denied or rejected here (a certificate, an address) stays so until somebody acts, but
  // a certificate is often mended on the other side.
  const bool is_final = error.kind == ErrorKind::rejected || error.kind == ErrorKind::malformed;
  return {is_final ? Answer::Verdict::never : Answer::Verdict::again,
          {},
          redaction.apply(to_string(error))};
}

}  // namespace walpulse::monitor::channels
