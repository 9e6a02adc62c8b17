#include "decoder/label.h"

#include "decoder/schema/json_cursor.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::decoder {
namespace {

using schema::JsonCursor;
using Scalar = std::optional<std::string_view>;

Scalar read_scalar(JsonCursor& in) {
  switch (in.peek()) {
    case JsonCursor::Kind::string:
      return in.string();
    case JsonCursor::Kind::number:
      return in.number();
    case JsonCursor::Kind::boolean:
      return in.boolean() ? "true" : "false";
    default:
      in.skip();
      return std::nullopt;
  }
}

Scalar read_at(JsonCursor& in, const std::vector<std::string>& path, std::size_t depth) {
  if (depth == path.size()) return read_scalar(in);
  Scalar found;
  if (in.peek() != JsonCursor::Kind::object) {
    in.skip();
    return found;
  }
  in.object([&](std::string_view name) {
    if (name == path[depth]) {
      found = read_at(in, path, depth + 1);
    } else {
      in.skip();
    }
  });
  return found;
}

}  // namespace

std::optional<std::string> label_value(std::string_view json, const std::vector<std::string>& path,
                                       std::string& scratch) {
  scratch.assign(json);
  JsonCursor in(scratch);
  const Scalar found = read_at(in, path, 0);
  if (!in.finish() || !found) return std::nullopt;
  return std::string(schema::cut_utf8(*found, kLabelBytesMax));
}

}  // namespace walpulse::decoder
