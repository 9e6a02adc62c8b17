#include "decoder/base/pattern.h"

#include <regex.h>

#include <cstddef>
#include <stdexcept>

namespace walpulse {

struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) {
    if (::regcomp(&regex, expression.c_str(), REG_EXTENDED) != 0)
      throw std::invalid_argument(expression + " is no regular expression");
  }
  ~Compiled() { ::regfree(&regex); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  /// The first match at or behind `from`, with its groups; empty where there is none.
  std::vector<regmatch_t> find(std::string_view text, std::size_t from = 0) const {
    std::vector<regmatch_t> found(regex.re_nsub + 1);
    found[0].rm_so = static_cast<regoff_t>(from);
    found[0].rm_eo = static_cast<regoff_t>(text.size());
    const char* begin = text.empty() ? "" : text.data();
    if (::regexec(&regex, begin, found.size(), found.data(), REG_STARTEND) != 0) found.clear();
    return found;
  }

  regex_t regex{};
};

Pattern::Pattern(const char* expression)
    : anywhere_(std::make_shared<Compiled>(expression)),
      whole_(std::make_shared<Compiled>("^(" + std::string(expression) + ")$")) {}

bool Pattern::matches(std::string_view text) const { return !whole_->find(text).empty(); }

std::vector<std::string> Pattern::parts(std::string_view text) const {
  std::vector<std::string> parts;
  const auto found = whole_->find(text);
  parts.reserve(found.size());
  for (std::size_t i = 1; i < found.size(); ++i) {  // the first is the whole once more
    const auto begin = found[i].rm_so;
    parts.emplace_back(begin < 0 ? std::string_view()
                                 : text.substr(static_cast<std::size_t>(begin),
                                               static_cast<std::size_t>(found[i].rm_eo - begin)));
  }
  return parts;
}

bool Pattern::is_in(std::string_view text) const { return !anywhere_->find(text).empty(); }

std::string Pattern::replaced(std::string_view text, std::string_view with) const {
  std::string result;
  std::size_t at = 0;
  for (auto found = anywhere_->find(text); !found.empty(); found = anywhere_->find(text, at)) {
    const auto begin = static_cast<std::size_t>(found[0].rm_so);
    const auto end = static_cast<std::size_t>(found[0].rm_eo);
    if (begin == end) break;  // a pattern that takes nothing would never get on
    result.append(text.substr(at, begin - at)).append(with);
    at = end;
  }
  return result.append(text.substr(at));
}

}  // namespace walpulse
