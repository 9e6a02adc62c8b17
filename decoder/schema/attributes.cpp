#include "decoder/schema/attributes.h"

#include <cstdint>
#include <cstring>

#include "decoder/base/json_cursor.h"
#include "decoder/base/json_text.h"

namespace walpulse::schema {
namespace {

struct Sizes {
  std::uint32_t name;
  std::uint32_t value;
};

Sizes sizes_at(const char* at) {
  Sizes sizes;
  std::memcpy(&sizes, at, sizeof sizes);
  return sizes;
}

/// Most messages' attributes fit: one allocation each.
constexpr std::size_t kFirstBytes = 800;

}  // namespace

Attributes::Attribute Attributes::Iterator::operator*() const {
  const Sizes sizes = sizes_at(at_);
  const char* const name = at_ + sizeof sizes;
  return {{name, sizes.name}, {name + sizes.name, sizes.value}};
}

Attributes::Iterator& Attributes::Iterator::operator++() {
  const Sizes sizes = sizes_at(at_);
  at_ += sizeof sizes + sizes.name + sizes.value;
  return *this;
}

Attributes::Attributes(std::initializer_list<Attribute> attributes) {
  for (const auto& [name, value] : attributes) set(name, value);
}

Attributes::Iterator Attributes::place_of(std::string_view name) const {
  Iterator at = begin();
  while (at != end() && (*at).first != name) ++at;
  return at;
}

void Attributes::set(std::string_view name, std::string_view value) {
  const Sizes sizes{static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())};
  if (const Iterator known = place_of(name); known != end()) {
    const auto begin = static_cast<std::size_t>(known.at_ - block_.data());
    const std::size_t old_bytes = (*known).second.size();
    block_.replace(begin + sizeof sizes + name.size(), old_bytes, value);
    std::memcpy(block_.data() + begin, &sizes, sizeof sizes);
    return;
  }
  if (block_.empty()) block_.reserve(kFirstBytes);
  block_.append(reinterpret_cast<const char*>(&sizes), sizeof sizes);
  block_.append(name);
  block_.append(value);
}

std::string_view Attributes::find(std::string_view name) const {
  const Iterator at = place_of(name);
  return at == end() ? std::string_view() : (*at).second;
}

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
  in.object([&](std::string_view name) { attributes.set(name, in.string()); });
  return attributes;
}

std::string AttributesJson::find(std::string_view name) const {
  return std::string(read().find(name));
}

}  // namespace walpulse::schema
