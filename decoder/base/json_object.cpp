#include "decoder/base/json_object.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace walpulse {
namespace {

using Json = nlohmann::ordered_json;

const Json kNull;

std::optional<std::uint64_t> counter_in(const Json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

std::optional<double> number_in(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

}  // namespace

struct JsonObject::Document {
  Json tree;
  std::string problem;
};

JsonObject::JsonObject(std::string_view text, std::size_t bytes_max)
    : document_(std::make_shared<Document>()), object_(&document_->tree) {
  if (text.size() > bytes_max) {
    fail("too long for one");
    return;
  }
  try {
    document_->tree = Json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    // Its own text quotes the payload.
    fail("no JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception&) {
    fail("a number in it is too large");
  }
}

JsonObject::JsonObject(std::shared_ptr<Document> document, const Json& object)
    : document_(std::move(document)), object_(&object) {}

const std::string& JsonObject::problem() const { return document_->problem; }

void JsonObject::fail(const std::string& why) {
  if (problem().empty()) document_->problem = why;
}

bool JsonObject::has(const char* name) const { return object_->contains(name); }

const Json& JsonObject::member(const char* name) {
  if (has(name)) return (*object_)[name];
  fail(std::string(name) + " is missing");
  return kNull;
}

std::string JsonObject::text(const char* name) {
  const Json& value = member(name);
  if (value.is_string()) return value.get<std::string>();
  fail(std::string(name) + " is not a text");
  return {};
}

std::uint64_t JsonObject::counter(const char* name) {
  const auto read = counter_in(member(name));
  if (!read) fail(std::string(name) + " is not a counter");
  return read.value_or(0);
}

std::int64_t JsonObject::whole(const char* name) {
  const Json& value = member(name);
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
  if (fits) return value.get<std::int64_t>();
  fail(std::string(name) + " is not whole");
  return 0;
}

std::optional<std::int64_t> JsonObject::whole_or_null(const char* name) {
  if (member(name).is_null()) return std::nullopt;
  return whole(name);
}

double JsonObject::number(const char* name) {
  const auto read = number_in(member(name));
  if (!read) fail(std::string(name) + " is not a number");
  return read.value_or(0);
}

template <class Value, class Read>
std::vector<Value> JsonObject::list(const char* name, const char* of, Read read) {
  std::vector<Value> list;
  const Json& values = member(name);
  if (!values.is_array()) {
    fail(std::string(name) + " is not a list of " + of);
    return list;
  }
  for (const Json& value : values) {
    const auto one = read(value);
    if (!one) {
      fail(std::string(name) + " is not a list of " + of);
      return {};
    }
    list.push_back(*one);
  }
  return list;
}

std::vector<std::uint64_t> JsonObject::counters(const char* name) {
  return list<std::uint64_t>(name, "counters", counter_in);
}

std::vector<double> JsonObject::numbers(const char* name) {
  return list<double>(name, "numbers", number_in);
}

bool JsonObject::truth(const char* name) {
  const Json& value = member(name);
  if (value.is_boolean()) return value.get<bool>();
  fail(std::string(name) + " is not true or false");
  return false;
}

std::uint64_t JsonObject::digits(const char* name) {
  const std::string digits = text(name);
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) fail(std::string(name) + " is not a number");
  return number;
}

Timestamp JsonObject::time(const char* name) {
  const auto instant = parse_timestamp(text(name));
  if (!instant) fail(std::string(name) + " is not a time");
  return instant.value_or(Timestamp{});
}

JsonObject JsonObject::object(const char* name) { return {document_, member(name)}; }

}  // namespace walpulse
