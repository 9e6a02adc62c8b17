#pragma once

#include "monitor/ledger/application/snapshots.h"
#include "monitor/ledger/stores/runs.h"
#include "monitor/ledger/stores/sources.h"

namespace walpulse::monitor {

/// A run's timeline with what ended its row beside it: truncates, and the end of a snapshot that
/// did not find it. Where nothing did it is the run's own, which must outlive this and not be
/// empty.
class MergedTimeline {
 public:
  MergedTimeline(const StoredRun& stored, const SourceRow& source) : own_(stored.run.timeline) {
    alone_ = source.ends.empty() || source.ends.back().position < own_.front().position;
    if (!alone_) merged_ = merge(own_, source.ends);
    const SnapshotEndRow* gone = ended_by(source, stored.key.run, own_.back().position);
    if (gone == nullptr) return;
    if (alone_) merged_ = own_;
    insert(merged_, make_end(gone->position, gone->time));
    alone_ = false;
  }
  const Timeline& operator*() const { return alone_ ? own_ : merged_; }

 private:
  const Timeline& own_;
  Timeline merged_;
  bool alone_ = true;
};

}  // namespace walpulse::monitor
