#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace walpulse::schema {

/// Pub/Sub message attributes as they are read: name and value, each name once, in the order in
/// which the names came. They are one block of memory, since thousands of messages wait at once,
/// each with a dozen of them.
class Attributes {
 public:
  using Attribute = std::pair<std::string_view, std::string_view>;

  /// Views end with the next change.
  class Iterator {
   public:
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = Attribute;
    using pointer = void;
    using reference = Attribute;

    Iterator() = default;
    Attribute operator*() const;
    Iterator& operator++();
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    friend Attributes;
    explicit Iterator(const char* at) : at_(at) {}
    const char* at_ = nullptr;
  };
  using value_type = Attribute;
  using iterator = Iterator;
  using const_iterator = Iterator;

  Attributes() = default;
  Attributes(std::initializer_list<Attribute> attributes);

  /// Of a name that is there already the new value counts.
  void set(std::string_view name, std::string_view value);
  /// The value; empty where there is none.
  std::string_view find(std::string_view name) const;

  Iterator begin() const { return Iterator(block_.data()); }
  Iterator end() const { return Iterator(block_.data() + block_.size()); }
  bool empty() const { return block_.empty(); }
  /// What all of them take.
  std::size_t bytes() const { return block_.size(); }
  bool operator==(const Attributes&) const = default;

 private:
  Iterator place_of(std::string_view name) const;

  // Each: the sizes of name and value, 4 bytes each as this machine has them, the name, the value.
  std::string block_;
};

/// The same as they are sent: members of the JSON object that a publish request holds. A message
/// is written once, waits, and may be sent several times, so it waits in the form that is sent: one
/// piece of memory, whose size on the wire is known.
class AttributesJson {
 public:
  AttributesJson() = default;
  AttributesJson(std::initializer_list<Attributes::Attribute> attributes) {
    for (const auto& [name, value] : attributes) add(name, value);
  }
  AttributesJson(const Attributes& attributes) {  // NOLINT(google-explicit-constructor)
    for (const auto& [name, value] : attributes) add(name, value);
  }

  /// A name that is there already must not be added again. What is not UTF-8 is replaced.
  void add(std::string_view name, std::string_view value);
  /// Keeps its memory.
  void clear() { members_.clear(); }

  bool empty() const { return members_.empty(); }
  /// `"ce-id":"...","op":"c"`, without the braces.
  std::string_view members() const { return members_; }
  /// The same, for who writes members of his own.
  std::string& text() { return members_; }
  /// Read back, in their order. No hot path.
  Attributes read() const;
  /// Empty where there is none. No hot path.
  std::string find(std::string_view name) const;

 private:
  std::string members_;
};

inline constexpr std::string_view kChangeType = "walpulse.change";
inline constexpr std::string_view kHeartbeatType = "walpulse.heartbeat";
inline constexpr std::string_view kIntroductionType = "walpulse.introduction";
inline constexpr std::string_view kSnapshotEndType = "walpulse.snapshot_end";
inline constexpr std::string_view kContentType = "application/json";

/// Pub/Sub's limits (https://cloud.google.com/pubsub/quotas#resource_limits), in bytes.
inline constexpr std::size_t kAttributeNameBytesMax = 256;
inline constexpr std::size_t kAttributeValueBytesMax = 1024;

}  // namespace walpulse::schema
