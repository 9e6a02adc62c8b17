#include "decoder/schema/attributes.h"

#include "decoder/base/json_cursor.h"
#include "decoder/base/json_text.h"

namespace walpulse::schema {

void AttributesJson::add(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  append_json_name(name, members_);
  members_ += ':';
  append_json_name(value, members_);
}

Attributes AttributesJson::read() const {
  std::string text = '{' + members_ + '}';
  JsonCursor in(text);
  Attributes attributes;
  in.object([&](std::string_view name) { attributes.emplace_back(name, in.string()); });
  return attributes;
}

std::string AttributesJson::find(std::string_view name) const {
  for (auto& [known, value] : read()) {
    if (known == name) return std::move(value);
  }
  return {};
}

}  // namespace walpulse::schema
