#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace walpulse {

/// A text that never changes; copies share its bytes. Empty it has none. Copies may be used by
/// several threads at once.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)  // NOLINT: stands where a text is
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}  // NOLINT: as above

  const std::string& str() const {
    static const std::string kEmpty;
    return text_ ? *text_ : kEmpty;
  }
  operator const std::string&() const { return str(); }  // NOLINT: as above
  operator std::string_view() const { return str(); }    // NOLINT: as above
  bool empty() const { return text_ == nullptr; }
  bool operator==(const SharedText& other) const { return str() == other.str(); }

 private:
  std::shared_ptr<const std::string> text_;
};

/// Gives equal texts the same bytes, for as long as it lives.
class TextPool {
 public:
  SharedText shared(std::string_view text) {
    const auto known = known_.find(text);
    if (known != known_.end()) return known->second;
    SharedText made(std::string{text});
    known_.emplace(made.str(), made);
    return made;
  }

 private:
  std::unordered_map<std::string_view, SharedText> known_;  ///< By the bytes of its values.
};

}  // namespace walpulse
