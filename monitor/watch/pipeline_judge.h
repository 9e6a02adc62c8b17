#pragma once

#include <optional>
#include <vector>

#include "monitor/problems/problem.h"
#include "monitor/rules/rules.h"
#include "monitor/watch/pipeline_facts.h"

namespace walpulse::monitor {

/// What of a pipeline must be read so that it can be judged.
struct FactsWanted {
  bool apart = false;  ///< The successes by labels and trigger, ...
  /// ... and the failures behind the last success of those that these labels take together.
  std::vector<std::string> per = {};
  /// The newest deadline that has passed, and the one before it.
  std::optional<Timestamp> deadline;
  Timestamp before_deadline;
};
FactsWanted facts_wanted(const rules::Rules& rules, const std::string& source,
                         const std::string& pipeline, Timestamp as_of);

struct Judged {
  std::vector<Finding> findings;
  Timestamp next = kInfinity;  ///< With the same facts the findings are the same up to then.
};

/// What needs a person about one pipeline, by the rules, as of `as_of`. Its subject is the
/// pipeline, or the pipeline and the labels that `per` and `expect_each` name ("sync
/// partner=acme"). Pure.
Judged judge_pipeline(const PipelineFacts& facts, const rules::Rules& rules, Timestamp as_of);

}  // namespace walpulse::monitor
