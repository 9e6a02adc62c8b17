#include "publisher/config/nearest.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace walpulse::config {
namespace {

constexpr std::size_t kGivenBytesMax = 64;
constexpr std::size_t kLettersForASlip = 4;
/// Fewer letters are the beginning of too much.
constexpr std::size_t kBeginningMin = 3;

std::string plain(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c == '_') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool begins_alike(std::string_view given, std::string_view known) {
  if (given.size() >= kBeginningMin && known.starts_with(given)) return true;
  return known.size() >= 2 && known.size() * 3 >= given.size() && given.starts_with(known);
}

bool is_word_of(std::string_view given, std::string_view known) {
  if (given.size() < kBeginningMin) return false;
  for (std::size_t begin = 0; begin <= known.size();) {
    const std::size_t end = std::min(known.find('-', begin), known.size());
    if (known.substr(begin, end - begin) == given) return true;
    begin = end + 1;
  }
  return false;
}

/// Less is nearer: how they are alike, by how much, and how much of what was given is left where
/// they first differ.
using Distance = std::tuple<int, std::size_t, std::size_t>;

std::optional<Distance> how_near(std::string_view given, std::string_view known) {
  const std::size_t longer = std::max(given.size(), known.size());
  const std::size_t slips = edit_distance(given, known);
  const auto differs = std::ranges::mismatch(given, known).in1;
  const auto left = static_cast<std::size_t>(given.end() - differs);
  if (slips <= std::max<std::size_t>(1, longer / kLettersForASlip)) return Distance(0, slips, left);
  const std::size_t rest = longer - std::min(given.size(), known.size());
  if (begins_alike(given, known)) return Distance(1, rest, left);
  if (is_word_of(given, known)) return Distance(2, rest, left);
  return std::nullopt;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view given, std::span<const std::string_view> known) {
  std::string_view found;
  if (given.empty() || given.size() > kGivenBytesMax) return found;
  const std::string wanted = plain(given);
  std::optional<Distance> least;
  for (const std::string_view word : known) {
    const auto here = how_near(wanted, plain(word));
    if (!here || (least && *here >= *least)) continue;
    least = here;
    found = word;
  }
  return found;
}

}  // namespace walpulse::config
