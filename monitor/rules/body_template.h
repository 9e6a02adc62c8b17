#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::rules {

/// What a placeholder of a body stands for; the first: null.
using BodyValue = std::variant<std::monostate, std::int64_t, double, std::string,
                               std::map<std::string, std::string, std::less<>>>;
using BodyValues = std::map<std::string, BodyValue, std::less<>>;

/// JSON with {placeholders} in its texts: {"run": "{run}", "cause": "{pipeline} completed"}. Values
/// are put into the parsed JSON, so that none, whatever it holds, is anything but a value. `{{` and
/// `}}` stand for a brace.
class BodyTemplate {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{64} << 10;
  static constexpr int kDepthMax = 32;

  /// What is wrong, and in which line of the text.
  struct Fault {
    int line = 0;
    std::string what;
  };

  static tl::expected<BodyTemplate, Fault> read(std::string_view text);

  /// The JSON with its placeholders, on one line.
  const std::string& text() const { return json_; }
  /// The names between its braces, each once: "run", "label.partner".
  const std::vector<std::string>& names() const { return names_; }

  /// The JSON, on one line. A text that is one placeholder and nothing else becomes the value as it
  /// is, a number or null too; within other text numbers are written out and null is empty. Bytes
  /// of a value that are no UTF-8 become U+FFFD.
  std::string render(const BodyValues& values) const;

 private:
  std::string json_;
  std::vector<std::string> names_;
};

}  // namespace walpulse::rules
