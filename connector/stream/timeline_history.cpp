#include "connector/stream/timeline_history.h"

#include <algorithm>
#include <charconv>

namespace walpulse::connector {
namespace {

/// Takes the text up to the next white space off the front.
std::string_view word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const auto found = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(found.size());
  return found;
}

}  // namespace

std::optional<Lsn> fork_point(std::string_view history, std::uint32_t timeline) {
  while (!history.empty()) {
    std::string_view line = history.substr(0, history.find('\n'));
    history.remove_prefix(std::min(line.size() + 1, history.size()));
    const auto number = word(line);
    std::uint32_t ancestor = 0;
    const auto* end = number.data() + number.size();
    const auto parsed = std::from_chars(number.data(), end, ancestor);
    if (parsed.ec != std::errc() || parsed.ptr != end || ancestor != timeline) continue;
    const auto position = parse_lsn(word(line));
    return position ? std::optional(*position) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace walpulse::connector
