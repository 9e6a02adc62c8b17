#pragma once

#include <stop_token>

#include "connector/progress/pacer.h"
#include "connector/progress/progress_report.h"
#include "connector/replay/replay_progress.h"
#include "connector/replay/replay_range.h"
#include "connector/replay/replay_source.h"
#include "connector/replay/sink_wait.h"
#include "connector/session/delivery.h"
#include "connector/session/event_message.h"
#include "decoder/pgoutput/event_decoder.h"

namespace walpulse::connector {

struct ReplaySessionOptions {
  ReplayRange range;
  unsigned ordering_keys = 64;
  Lsn progress_from;  ///< Where the work began, for the progress.
  bool end_when_caught_up = false;
  /// The sink took nothing for so long: the server is let go of.
  Clock::duration sink_patience = kSinkPatience;
  /// Asked where there is nothing to replay at the moment: whether nobody takes it any more.
  bool (*reader_left)() = nullptr;
};

/// Why a session ended by itself.
enum class ReplayEnd {
  complete,   ///< All of the range was handed to the publisher.
  caught_up,  ///< There is no more at the moment.
  stopped,
  sink_stuck,
};

/// Where the replay's parts meet: rows are decoded, those of the range written as capture writes
/// them but for the `replay` attribute, and handed to the publisher no faster than the pacer lets.
/// It never waits for the sink without answering the server. One thread.
class ReplaySession {
 public:
  /// What it works with; all of it outlives the session.
  struct Parts {
    ReplaySource& source;
    decoder::EventDecoder& decoder;
    Delivery& delivery;
    ReplayProgress& journal;
    Pacer& pacer;
    ProgressReport& progress;
  };
  ReplaySession(const ReplaySessionOptions& options, const Parts& parts);

  /// Until stopped, or it ends by itself; a fault says in which phase.
  tl::expected<ReplayEnd, ReplayFault> run(std::stop_token stop);

 private:
  using Ended = std::optional<ReplayEnd>;
  Result<Ended> take(const ReplayItem& item);
  Result<Ended> take(const ReplayRow& row);
  Ended take(const ReplayReached& reached);
  Result<Ended> begin(const decoder::EventDecoder::Begun& begun);
  Result<void> emit(schema::ChangeEvent* event);
  Result<void> enqueue(schema::ChangeEvent& event);
  tl::unexpected<Error> refuse(const decoder::EventDecoder::Replaced& replaced) const;
  void commit(const decoder::EventDecoder::Committed& commit);
  /// True: all that waited was taken.
  Result<bool> offer();
  Ended wait_for_room();
  void report(Clock::time_point now);

  const ReplaySessionOptions options_;
  const Parts parts_;
  bool in_transaction_ = false;
  std::uint64_t change_count_ = 0;  ///< In the open transaction, of all tables.
  bool wanted_ = false;             ///< The open transaction is of the range.
  bool publisher_failed_ = false;
  publisher::Message spare_;  ///< Empty between events, for its memory.
  Clock::time_point go_on_at_{};
};

}  // namespace walpulse::connector
