#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decoder/schema/heartbeat.h"
#include "decoder/schema/introduction.h"
#include "decoder/schema/snapshot_end.h"
#include "monitor/ledger/application/epochs.h"
#include "monitor/ledger/application/message.h"
#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/application/received_message.h"
#include "monitor/ledger/application/source_alert.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/ledger/timeline/watermark.h"

namespace walpulse::monitor {

/// Why a message is not applied.
struct Refusal {
  Outcome outcome = Outcome::conflict;
  std::string reason;  ///< With which it is kept among the rejected; empty: it is not kept.
};

/// Lets the messages of one transaction in by their history, and tells once what is wrong with one:
/// a name that two have, a log that went back, an event that was never to come.
class HistoryGate {
 public:
  HistoryGate(Transaction& transaction, const Context& context, IntakeTime settle,
              SeriesChanges& changes, std::vector<SourceAlert>& alerts);

  /// Nothing where the message is to be applied.
  std::optional<Refusal> check(const ChangeMessage& change, const ReceivedMessage& received);
  std::optional<Refusal> check(const schema::SnapshotEnd& end, const ReceivedMessage& received);
  std::optional<Refusal> check(const schema::Introduction& said, const ReceivedMessage& received);
  std::optional<Refusal> check(const schema::Heartbeat& heartbeat, const ReceivedMessage& received);

  /// Its position was seen before with another commit time.
  Refusal contradicts(const ChangeMessage& change, const ReceivedMessage& received);
  /// Takes from a heartbeat that was let in, be it late or doubled, what it says of its stay on the
  /// slot and of what is delivered; where it `is_new`, its epoch is alive.
  void follow(const schema::Heartbeat& heartbeat, bool is_new, const SourceRow& source,
              const ReceivedMessage& received);
  /// A live event that is new, although everything up to it was delivered long ago, is counted, and
  /// told once for all of the transaction.
  void note_late(const ChangeMessage& change, const SourceRow& source,
                 const ReceivedMessage& received);

  /// Which sources have a watermark to save.
  std::vector<std::int64_t> watermarked() const;
  void save_watermark(std::int64_t source);
  /// To be called last: rows of sources are locked before those of epochs.
  void save_epochs() { epochs_.save(); }

 private:
  /// What a message is of.
  struct Subject {
    const std::string& name;
    const std::string& table;
    std::uint64_t epoch = 0;
    Timestamp at;
    bool counts = true;  ///< False where it only tells of the history.
  };
  static Subject of(const ChangeMessage& change);
  static Subject of(const schema::Heartbeat& heartbeat);
  std::optional<Refusal> judge(Epochs::Verdict verdict, const Subject& subject,
                               const ReceivedMessage& received);
  void raise_gap(SourceAlert::Kind kind, const char* reason, const Subject& subject,
                 const ReceivedMessage& received);
  void raise(SourceAlert::Kind kind, const Subject& subject, const ReceivedMessage& received);

  Transaction& transaction_;
  const IntakeTime clock_;
  const IntakeTime settle_;
  SeriesChanges& changes_;
  std::vector<SourceAlert>& alerts_;
  Epochs epochs_;
  std::map<std::int64_t, Watermark> watermarks_;  ///< By source, of heartbeats that came.
  bool told_late_ = false;
};

}  // namespace walpulse::monitor
