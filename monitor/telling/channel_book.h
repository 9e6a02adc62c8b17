#pragma once

#include <string>
#include <vector>

#include "monitor/channels/channels.h"
#include "monitor/delivery/relay.h"
#include "monitor/rules/rule_book.h"

namespace walpulse::monitor {

/// The channels of the rules in force. One whose rule is the same stays the same when the rules
/// change. One thread uses it.
class ChannelBook {
 public:
  explicit ChannelBook(channels::ChannelTools tools) : tools_(std::move(tools)) {}
  const std::vector<ChannelInForce>& of(const rules::RuleBook::InForce& rules);

 private:
  const channels::ChannelTools tools_;
  std::string hash_;
  std::vector<rules::ChannelRule> rules_;  ///< As many as `channels_`.
  std::vector<ChannelInForce> channels_;
};

}  // namespace walpulse::monitor
