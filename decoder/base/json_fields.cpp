#include "decoder/base/json_fields.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace walpulse {
namespace {

std::uint64_t counter(const Json& value, const char* field) {
  if (!value.is_number_unsigned()) refuse(value, std::string(field) + " is no counter");
  return value.get<std::uint64_t>();
}

}  // namespace

void refuse(const Json& value, const std::string& why) {
  throw nlohmann::json::other_error::create(501, why, &value);
}

std::uint64_t unsigned_at(const Json& json, const char* field) {
  return counter(json.at(field), field);
}

std::int64_t signed_at(const Json& json, const char* field) {
  const Json& value = json.at(field);
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
  if (!fits) refuse(value, std::string(field) + " is not whole");
  return value.get<std::int64_t>();
}

std::vector<std::uint64_t> unsigned_list_at(const Json& json, const char* field) {
  std::vector<std::uint64_t> list;
  for (const Json& value : json.at(field).get_ref<const Json::array_t&>())
    list.push_back(counter(value, field));
  return list;
}

std::uint64_t digits_at(const Json& json, const char* field) {
  const Json& value = json.at(field);
  const auto& text = value.get_ref<const std::string&>();
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end)
    refuse(value, std::string(field) + " is no number");
  return number;
}

Timestamp timestamp_at(const Json& json, const char* field) {
  const Json& value = json.at(field);
  const auto instant = parse_timestamp(value.get_ref<const std::string&>());
  if (!instant) refuse(value, std::string(field) + " is no time");
  return *instant;
}

}  // namespace walpulse
