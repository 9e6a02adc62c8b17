#include "connector/options/replay_bound.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace walpulse::connector {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The end of an event id: epoch, commit position, and what stands for the row.
std::optional<EventReference> read_event(std::string_view table, std::string_view epoch,
                                         std::string_view commit) {
  const auto epoch_number = number(epoch);
  const auto commit_number = number(commit);
  const auto slash = table.find('/');
  if (!epoch_number || !commit_number || slash == std::string_view::npos) return std::nullopt;
  EventReference event;
  event.name = table.substr(0, slash);
  event.table = table.substr(slash + 1);
  event.epoch = *epoch_number;
  event.commit_lsn = Lsn{*commit_number};
  if (event.name.empty() || event.table.find('.') == std::string::npos) return std::nullopt;
  return event;
}

// A table's name may hold slashes, and so may a snapshot row's primary key: numbers are looked for.
std::optional<EventReference> parse_event(std::string_view text) {
  std::vector<std::size_t> slashes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '/') slashes.push_back(at);
  }
  const auto between = [&](std::size_t from, std::size_t to) {
    return text.substr(slashes[from] + 1, slashes[to] - slashes[from] - 1);
  };
  const std::size_t count = slashes.size();
  if (count < 4) return std::nullopt;
  for (std::size_t i = 3; i + 1 < count; ++i) {  // ".../r/<primary key>"
    if (between(i, i + 1) != "r") continue;
    const auto event =
        read_event(text.substr(0, slashes[i - 2]), between(i - 2, i - 1), between(i - 1, i));
    if (event) return event;
  }
  std::string_view ordinal = text.substr(slashes[count - 1] + 1);
  if (ordinal.ends_with('d')) ordinal.remove_suffix(1);  // the delete of a changed key
  if (!number(ordinal)) return std::nullopt;
  return read_event(text.substr(0, slashes[count - 3]), between(count - 3, count - 2),
                    between(count - 2, count - 1));
}

}  // namespace

Result<ReplayBound> parse_replay_bound(std::string_view text) {
  if (const auto lsn = parse_lsn(text)) return ReplayBound(*lsn);
  if (auto event = parse_event(text)) return ReplayBound(std::move(*event));
  const auto time = parse_timestamp(text);
  if (time && *time != kInfinity && *time != kMinusInfinity) return ReplayBound(*time);
  return fail(ErrorKind::malformed,
              "'" + std::string(text) +
                  "' is neither a position (16/B374D848), nor a time with its zone "
                  "(2026-11-20T21:45:30Z), nor an event id "
                  "(mage/public.pipeline_run/1763600000/24023200/0)");
}

}  // namespace walpulse::connector
