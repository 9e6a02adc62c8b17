#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "connector/session/event_message.h"
#include "connector/snapshot/snapshot_facts.h"
#include "connector/stream/snapshot_stream.h"
#include "decoder/pgoutput/table_plan.h"

namespace walpulse::connector {

/// Makes a snapshot's rows the messages that the stream would make of them: by the same plan and
/// the same writer. One thread.
class RowEvents {
 public:
  RowEvents(const SnapshotFacts& facts, const PublishOptions& publish);

  /// Which state the rows that follow are of.
  void begin(const SnapshotPoint& point);
  /// Rejected where even the key exceeds what one message can hold.
  Result<publisher::Message> message(SnapshotStream::Row row);
  /// How many labels were left out, for their values cannot be read.
  std::uint64_t label_faults() const { return label_faults_; }

 private:
  const decoder::TableOptions options_;  ///< The plan refers to them.
  schema::Source source_;
  std::uint64_t epoch_;
  EventMessageOptions message_options_;
  decoder::TablePlan plan_;
  std::vector<decoder::Value> values_;
  schema::ChangeEvent event_;
  std::uint64_t label_faults_ = 0;
};

}  // namespace walpulse::connector
