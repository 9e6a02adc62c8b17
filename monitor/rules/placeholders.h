#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::rules {

/// A part of a text with {placeholders}: text, or the name between braces.
struct TextPiece {
  std::string text;
  bool is_name = false;
};

/// `{{` and `}}` are a brace. Malformed where another brace is of no {name} or {label.NAME}.
Result<std::vector<TextPiece>> pieces_of(std::string_view text);

/// A label is named {label.NAME}, or {NAME} where nothing else has its name: so a name that is
/// spelled nearly as one of `known` is taken for a slip of it. Malformed with what is wrong.
Result<void> check_placeholder(std::string_view name, std::span<const std::string_view> known);

/// "partner" of "label.partner"; a name without it as it is.
std::string_view label_of(std::string_view name);

}  // namespace walpulse::rules
