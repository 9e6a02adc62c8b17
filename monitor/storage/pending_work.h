#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace walpulse::monitor {

/// What the stores of one storage keep back until their transaction commits.
class PendingWork {
 public:
  using Do = std::function<void()>;

  /// For as long as the storage lives. `finish` is called before each commit, in the order of
  /// being added; `drop` before each transaction, and where one is rolled back.
  void add(Do finish, Do drop) { parts_.push_back({std::move(finish), std::move(drop)}); }

  void finish() {
    for (const Part& part : parts_) part.finish();
  }
  void drop() {
    for (const Part& part : parts_) part.drop();
  }

 private:
  struct Part {
    Do finish;
    Do drop;
  };
  std::vector<Part> parts_;
};

}  // namespace walpulse::monitor
