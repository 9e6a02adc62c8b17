#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "monitor/channels/channels.h"
#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/ledger.h"
#include "monitor/rules/rule_book.h"

namespace walpulse::monitor {

/// Whether a source was heard, and walpulse is blind to none.
bool sees_sources(Transaction& in, const Context& context);

/// Calls the [deadman]'s address every minute while this instance leads, sees all its sources and
/// tells what it sees: who listens there tells when that ends, however it does.
class Deadman {
 public:
  using RulesInForce = std::function<rules::RuleBook::InForce()>;
  /// Whether problems were looked for and told of lately. Asked from a thread of its own.
  using Tells = std::function<bool()>;
  /// The ledger and the client must outlive it.
  Deadman(Ledger& ledger, RulesInForce rules, channels::ChannelTools tools, Tells tells);
  /// Why the address was not reached; empty: it was, or nobody is to call it.
  std::string health() const;

 private:
  std::chrono::milliseconds round(const std::stop_token& stop);
  bool leads_sees_and_tells();
  std::string call(const rules::DeadmanRule& rule, const std::stop_token& stop);

  Ledger& ledger_;
  const RulesInForce rules_;
  const channels::ChannelTools tools_;
  const Tells tells_;
  mutable std::mutex mutex_;
  std::string trouble_;
  PeriodicTask rounds_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
