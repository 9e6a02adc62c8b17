#include "monitor/api/parameters.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "decoder/base/utf8.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::string_view kAnyLabel = "label.*";
constexpr std::string_view kLabel = "label.";
constexpr std::size_t kLabelValueMax = 1024;
constexpr std::size_t kTokenBytesMax = 2048;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// As openapi.yaml has it.
bool is_label_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_letter(name[0]) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

template <class Integer>
std::optional<Integer> whole(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> texts(std::span<const std::string_view> views) {
  return {views.begin(), views.end()};
}

ApiError not_one_of(std::string_view name, std::span<const std::string_view> choices) {
  ApiError error = bad_value(std::string(name), "not one of its values", std::string(choices[0]));
  error.allowed = texts(choices);
  return error;
}

/// "2026-11-28" and no other form.
std::optional<std::chrono::year_month_day> read_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != 4 && i != 7 && !is_digit(text[i])) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(*whole<int>(text.substr(0, 4))),
                                        std::chrono::month(*whole<unsigned>(text.substr(5, 2))),
                                        std::chrono::day(*whole<unsigned>(text.substr(8, 2)))};
  if (!day.ok()) return std::nullopt;
  return day;
}

/// RFC 3339 within the years that texts can have.
std::optional<Timestamp> read_instant(const std::string& text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const auto instant = parse_timestamp(text);
  if (!instant || *instant == kInfinity || *instant == kMinusInfinity) return std::nullopt;
  return *instant;
}

}  // namespace

void Parameters::latch(ApiError error) {
  if (!error_) error_ = std::move(error);
}

void Parameters::allow(std::span<const std::string_view> allowed) {
  const bool any_label = std::ranges::find(allowed, kAnyLabel) != allowed.end();
  std::set<std::string_view> seen;
  for (const auto& [name, value] : query_.parameters) {
    const bool is_label = any_label && name.starts_with(kLabel) &&
                          is_label_name(std::string_view(name).substr(kLabel.size()));
    const bool known =
        is_label || (name != kAnyLabel && std::ranges::find(allowed, name) != allowed.end());
    if (!known) return latch(unknown_parameter(utf8_or_replaced(name), texts(allowed)));
    if (!seen.insert(name).second)
      return latch(bad_value(name, "it stands there twice", name + "=" + utf8_or_replaced(value)));
  }
}

std::optional<std::string> Parameters::text(std::string_view name, std::size_t bytes_max) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  // PostgreSQL's texts have no zero bytes, and no name has.
  if (value->empty() || value->size() > bytes_max || !is_utf8(*value) ||
      value->find('\0') != std::string::npos) {
    latch(bad_value(std::string(name),
                    "not a text of 1 to " + std::to_string(bytes_max) + " bytes of UTF-8",
                    std::string(name) + "=daily"));
    return std::nullopt;
  }
  return *value;
}

std::vector<std::string> Parameters::choices(std::string_view name,
                                             std::span<const std::string_view> choices) {
  const std::string* value = find(name);
  if (value == nullptr) return {};
  std::vector<std::string> chosen;
  std::string_view rest = *value;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view one = rest.substr(0, comma);
    if (std::ranges::find(choices, one) == choices.end()) {
      latch(not_one_of(name, choices));
      return {};
    }
    chosen.emplace_back(one);
    if (comma == std::string_view::npos) return chosen;
    rest.remove_prefix(comma + 1);
  }
}

std::optional<std::string> Parameters::choice(std::string_view name,
                                              std::span<const std::string_view> choices) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (std::ranges::find(choices, *value) != choices.end()) return *value;
  latch(not_one_of(name, choices));
  return std::nullopt;
}

std::optional<Timestamp> Parameters::instant(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto instant = read_instant(*value);
  if (!instant) latch(bad_value(std::string(name), "not an instant", "2026-11-28T07:00:00Z"));
  return instant;
}

std::optional<std::chrono::seconds> Parameters::duration(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  constexpr std::size_t kBytesMax = 7;
  if (value->size() >= 2 && value->size() <= kBytesMax && value->front() != '0' &&
      is_digit(value->front())) {
    const auto count = whole<std::int64_t>(std::string_view(*value).substr(0, value->size() - 1));
    const auto unit = std::string_view("smhd").find(value->back());
    constexpr std::int64_t kUnits[] = {1, 60, 3600, 86400};
    if (count && unit != std::string_view::npos) return std::chrono::seconds(*count * kUnits[unit]);
  }
  latch(bad_value(std::string(name), "not a duration in s, m, h or d", "24h"));
  return std::nullopt;
}

std::optional<std::chrono::year_month_day> Parameters::day(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto day = read_day(*value);
  if (!day) latch(bad_value(std::string(name), "not a day", "2026-11-28"));
  return day;
}

telemetry::Labels Parameters::labels() {
  telemetry::Labels labels;
  for (const auto& [name, value] : query_.parameters) {
    if (!name.starts_with(kLabel)) continue;
    if (value.size() > kLabelValueMax || !is_utf8(value)) {
      latch(bad_value(name, "not a text of at most 1024 bytes of UTF-8", name + "=acme"));
      return {};
    }
    labels.emplace(name.substr(kLabel.size()), value);
  }
  return labels;
}

std::size_t Parameters::page_size() {
  const std::string* value = find("page_size");
  if (value == nullptr) return kPageSize;
  const auto size = whole<std::size_t>(*value);
  if (size && *size >= 1 && *size <= kPageSizeMax) return *size;
  latch(bad_value("page_size", "not a whole number from 1 to 200", "50"));
  return kPageSize;
}

std::string Parameters::url_of_page(const std::string& token) const {
  std::string url = std::string(path_) + "?";
  for (const auto& [name, value] : query_.parameters)
    if (name != "page_token")
      url += http::percent_encoded(name) + '=' + http::percent_encoded(value) + '&';
  return url + "page_token=" + token;
}

std::optional<PageMark> Parameters::page_mark() {
  const std::string* value = find("page_token");
  if (value == nullptr) return std::nullopt;
  if (value->empty() || value->size() > kTokenBytesMax) {
    latch(bad_value("page_token", "not the next_page_token of a page", "leave it out"));
    return std::nullopt;
  }
  auto mark = decode_page_token(list_of(path_, query_), *value);
  if (!mark) latch(token_expired());
  return mark;
}

}  // namespace walpulse::monitor::api
