#include "decoder/pgoutput/label.h"

#include <algorithm>

#include "decoder/base/json_cursor.h"
#include "decoder/base/utf8.h"
#include "decoder/pgoutput/json_skim.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::decoder {
namespace {

/// `quoted` may be written with escapes. One that cannot be read is no name of ours.
bool is_named(std::string_view quoted, std::string_view name, std::string& scratch) {
  if (quoted.size() < 2) return false;
  const std::string_view plain = quoted.substr(1, quoted.size() - 2);
  if (plain.find('\\') == std::string_view::npos) return plain == name;
  scratch.assign(quoted);
  JsonCursor in(scratch);
  const std::string_view read = in.string();
  return in.finish() && read == name;
}

/// The text of the value at the path; empty where there is none.
std::string_view find(JsonSkim& in, const std::vector<std::string>& path, std::size_t depth,
                      std::string& scratch) {
  if (depth == path.size()) return in.value();
  std::string_view found;
  if (in.peek() != '{') {
    in.value();
    return found;
  }
  in.object([&](std::string_view name) {
    if (is_named(name, path[depth], scratch)) {
      found = find(in, path, depth + 1, scratch);
    } else {
      in.value();
    }
  });
  return found;
}

std::string_view read_scalar(JsonCursor& in) {
  switch (in.peek()) {
    case JsonCursor::Kind::string:
      return in.string();
    case JsonCursor::Kind::boolean:
      return in.boolean() ? "true" : "false";
    default:
      return in.number();
  }
}

bool is_scalar(std::string_view value) {
  return !value.empty() && value.front() != '{' && value.front() != '[' && value != "null";
}

/// What `keep` leaves of the scalar at the path.
LabelReading read(std::string_view json, const std::vector<std::string>& path, std::string& scratch,
                  std::string_view (*keep)(std::string_view scalar)) {
  JsonSkim in(json);
  const std::string_view found = find(in, path, 0, scratch);
  LabelReading reading{std::nullopt, !in.finish()};
  if (!is_scalar(found)) return reading;
  scratch.assign(found);
  JsonCursor value(scratch);
  const std::string_view scalar = read_scalar(value);
  if (value.finish()) {
    reading.value = std::string(keep(scalar));
  } else {
    reading.faulty = true;
  }
  return reading;
}

std::string_view cut_label(std::string_view scalar) {
  return schema::cut_utf8(scalar, kLabelBytesMax);
}

std::string_view cut_characters(std::string_view text, std::size_t characters_max) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size() && count < characters_max; ++count) {
    end += std::max<std::size_t>(utf8_character(text.substr(end)), 1);
  }
  return text.substr(0, end);
}

std::string_view first_line(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_first_of("\r\n"));
  text = cut_characters(text, kErrorCharactersMax);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

}  // namespace

LabelReading read_label(std::string_view json, const std::vector<std::string>& path,
                        std::string& scratch) {
  return read(json, path, scratch, cut_label);
}

LabelReading read_first_line(std::string_view json, const std::vector<std::string>& path,
                             std::string& scratch) {
  LabelReading reading = read(json, path, scratch, first_line);
  if (reading.value && reading.value->empty()) reading.value.reset();
  return reading;
}

}  // namespace walpulse::decoder
