#include "decoder/pgoutput/label.h"

#include "decoder/base/json_cursor.h"
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

}  // namespace

LabelReading read_label(std::string_view json, const std::vector<std::string>& path,
                        std::string& scratch) {
  JsonSkim in(json);
  const std::string_view found = find(in, path, 0, scratch);
  LabelReading reading{std::nullopt, !in.finish()};
  if (!is_scalar(found)) return reading;
  scratch.assign(found);
  JsonCursor value(scratch);
  const std::string_view scalar = read_scalar(value);
  if (value.finish()) {
    reading.value = std::string(schema::cut_utf8(scalar, kLabelBytesMax));
  } else {
    reading.faulty = true;
  }
  return reading;
}

}  // namespace walpulse::decoder
