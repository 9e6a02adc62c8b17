#pragma once

#include <string>
#include <string_view>

namespace walpulse {

/// `text` as one line that a terminal shows and does not obey: control characters (C0, DEL, C1),
/// separators of lines and paragraphs, marks that turn the direction of writing, and what is not
/// UTF-8 stand as "\n", "\t", "\x1b" or "\u202e". Everything else is as it was, also a backslash:
/// this is for reading, not for reading back.
std::string one_line(std::string_view text);

}  // namespace walpulse
