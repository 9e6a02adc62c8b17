#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/ledger/outbox.h"
#include "monitor/reading/pipeline_directory.h"
#include "monitor/rules/rule_book.h"

namespace walpulse::monitor {

/// Makes messages of the notices that are due. When that is, and how much a channel sees, the rules
/// in force say, also of notices that came under others: what leads nowhere any more is told at the
/// usual pace, and what is for a channel that is no more is not told. One thread uses it.
class Composer {
 public:
  struct Addresses {
    std::string page;  ///< Empty: messages have no links to the page.
    std::string mage;  ///< Empty: none to Mage.
  };
  explicit Composer(Addresses addresses) : addresses_(std::move(addresses)) {}

  /// What the notices that wait come to at `now`, by this machine's clock. Only reads. Where
  /// nothing is due it costs the count of what waits.
  std::vector<Composed> plan(Transaction& in, const Context& context,
                             const rules::RuleBook::InForce& rules, Timestamp now);

 private:
  /// A channel of which nothing is due before `next`, as long as nothing comes to what waits.
  struct Held {
    NoticeStore::Waiting waiting;
    Timestamp next;
  };
  /// The notices of one place that are due together.
  struct Due {
    std::string target;
    std::vector<Notice> notices;
    Timestamp next_message;  ///< Not before.
  };

  std::vector<Due> due(Transaction& in, const rules::Rules& rules,
                       const NoticeStore::Waiting& waiting, Timestamp now);
  static std::vector<Due> due_of(Transaction& in, const rules::Rules& rules,
                                 std::vector<Notice> waiting, Timestamp now, Timestamp& next);
  Composed compose(Transaction& in, const Context& context, const rules::RuleBook::InForce& rules,
                   const rules::ChannelRule& channel, Due due, Timestamp now);

  const Addresses addresses_;
  reading::PipelineDirectory directory_;
  std::string rules_hash_;
  std::map<std::string, Held> held_;  ///< By channel.
};

}  // namespace walpulse::monitor
