#include "monitor/watch/unlogged.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace walpulse::monitor {
namespace {

/// What was closed is among so many, or so much came after it that one line more says little.
constexpr std::size_t kClosedSearched = 1000;

constexpr char kOpened = 'o', kFound = 'f', kClosed = 'c';

void add_ids(std::string& text, char what, const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    if (!text.empty()) text += ' ';
    text.append(1, what).append(std::to_string(problem.id));
  }
}

std::optional<Problem> problem_by_id(const std::vector<Problem>& known, std::int64_t id) {
  const auto found = std::ranges::find(known, id, &Problem::id);
  if (found == known.end()) return std::nullopt;
  return *found;
}

}  // namespace

std::string unlogged_text(const ProblemNews& news) {
  std::string text;
  add_ids(text, kOpened, news.opened);
  add_ids(text, kFound, news.found);
  add_ids(text, kClosed, news.closed);
  return text;
}

ProblemNews read_unlogged(Transaction& in, std::string_view text) {
  ProblemNews news;
  if (text.empty()) return news;
  const std::vector<Problem> closed = in.problems().closed(kClosedSearched);
  const std::vector<Problem> open = in.problems().open();
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    std::int64_t id = 0;
    std::from_chars(word.data() + 1, word.data() + word.size(), id);
    auto over = problem_by_id(closed, id);
    if (word.front() == kClosed) {
      if (over) news.closed.push_back(*std::move(over));
      continue;
    }
    auto problem = problem_by_id(open, id);
    if (over) {  // by now: it had begun all the same
      problem = std::move(over);
      problem->closed.reset();
    }
    if (problem) (word.front() == kFound ? news.found : news.opened).push_back(*std::move(problem));
  }
  return news;
}

}  // namespace walpulse::monitor
