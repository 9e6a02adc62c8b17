#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace walpulse::rules {

/// One thing that is wrong in a rules file.
struct Mistake {
  std::string file;     ///< As read_rules() was told its name; empty where it is about all of them.
  int line = 0;         ///< From 1; 0 where the file as a whole is meant.
  std::string key;      ///< "done_by", "label.partner"; empty where it is not about a key.
  std::string what;     ///< "'7 o'clock' is not a time of day".
  std::string example;  ///< A line, or lines, that would be right.
};

using Mistakes = std::vector<Mistake>;

/// "rules.toml:12: done_by: WHAT; for example EXAMPLE": always one line.
std::string to_string(const Mistake& mistake);

/// A text out of a file as a message may repeat it: in quotes, without line ends and other control
/// characters, cut where it is long.
std::string in_quotes(std::string_view text);

/// Collects mistakes in the order in which they are found.
class MistakeList {
 public:
  /// More are counted, not kept: a file of some MiB may have a mistake in each line.
  static constexpr std::size_t kKeptMax = 1'000;

  void add(Mistake mistake);
  bool empty() const { return kept_.empty(); }
  /// What is added now is counted only: it need not be told well.
  bool is_full() const { return kept_.size() == kKeptMax; }
  /// All of them; a last one says how many were not kept.
  Mistakes take() &&;

 private:
  Mistakes kept_;
  std::size_t more_ = 0;
};

}  // namespace walpulse::rules
