#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/schema/attributes.h"

namespace walpulse::schema {

/// The attributes of a message that was received, in one block of memory: thousands of messages
/// wait at once, each with a dozen of them. Each name once.
class PackedAttributes {
 public:
  using Attribute = std::pair<std::string_view, std::string_view>;

  /// Views end with the next change.
  class Iterator {
   public:
    Attribute operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator&) const = default;

   private:
    friend PackedAttributes;
    explicit Iterator(const char* at) : at_(at) {}
    const char* at_;
  };

  PackedAttributes() = default;
  PackedAttributes(const Attributes& attributes);
  PackedAttributes(std::initializer_list<Attribute> attributes);

  /// Of a name that is there already the new value counts.
  void set(std::string_view name, std::string_view value);
  /// The value; empty where there is none.
  std::string_view find(std::string_view name) const;
  Attributes unpacked() const;

  Iterator begin() const { return Iterator(block_.data()); }
  Iterator end() const { return Iterator(block_.data() + block_.size()); }
  bool empty() const { return block_.empty(); }
  /// What all of them take.
  std::size_t bytes() const { return block_.size(); }
  bool operator==(const PackedAttributes&) const = default;

 private:
  Iterator place_of(std::string_view name) const;

  // Each: the sizes of name and value, 4 bytes each as this machine has them, the name, the value.
  std::string block_;
};

}  // namespace walpulse::schema
