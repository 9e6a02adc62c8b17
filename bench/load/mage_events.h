#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "decoder/schema/attributes.h"

/// Change events of Mage's pipeline_run as the connector publishes them, made by the contract's own
/// writer: what the monitor is measured with.
namespace walpulse::bench {

/// What the events are like. The n-th event of one shape is always the same.
struct EventShape {
  std::size_t pipelines = 50;
  /// Beside Mage's own columns.
  std::size_t more_columns = 0;
  /// Labels taken from `variables`, of so many values each.
  std::size_t labels = 0;
  std::size_t label_values = 10;
  /// Of each run, its insert among them: INITIAL, RUNNING, updates that change nothing, COMPLETED.
  std::size_t changes = 3;
  /// Runs under way at once: they take their steps in turns.
  std::size_t spread = 100;
};

struct MageEvent {
  std::string data;
  schema::Attributes attributes;
  std::string message_id;
};
MageEvent mage_event(const EventShape& shape, std::uint64_t n);

/// When the first of them was committed, in seconds since 1970; each is a millisecond later than
/// the one before it.
inline constexpr std::int64_t kFirstCommitSecond = 1'795'224'300;

}  // namespace walpulse::bench
