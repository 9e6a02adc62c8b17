#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/glob.h"

namespace walpulse::rules {

/// A text with places for captures: "https://wiki.example.com/{system}". {pipeline} is the
/// pipeline's name and needs no capture.
class TextTemplate {
 public:
  static constexpr std::size_t kBytesMax = 1'024;

  /// Malformed with what is wrong: braces that are not in pairs, control characters, no text.
  static Result<TextTemplate> read(std::string_view text);

  /// An address that a person may be sent to: https:// or http://, and no capture before the path.
  static Result<TextTemplate> read_address(std::string_view text);

  /// The names between its braces.
  std::vector<std::string_view> names() const;

  /// Puts in what was captured; nothing for a name that was not. In an address it is
  /// percent-encoded but for letters, digits and -._~ (RFC 3986, section 2.3).
  std::string filled(const Captures& captures) const;

 private:
  struct Piece {
    std::string text;
    bool is_name = false;
  };

  std::vector<Piece> pieces_;
  bool is_address_ = false;
};

}  // namespace walpulse::rules
