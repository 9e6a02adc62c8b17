#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "monitor/ledger/application/batch_applier.h"
#include "monitor/ledger/application/told_tables.h"
#include "monitor/ledger/counting/label_limits.h"
#include "monitor/ledger/ledger.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/pruning.h"
#include "monitor/ledger/read_sessions.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/ledger/transactions.h"

namespace walpulse::monitor {

/// The ledger over any storage. What writes runs one by one, on one connection.
class LedgerCore final : public Ledger {
 public:
  /// Without `readers`, reads take turns with what is written.
  LedgerCore(std::unique_ptr<Storage> storage, LedgerOptions options, Readers readers = {});

  Result<ApplyResult> apply(std::span<const ReceivedMessage> group, Timestamp now) override;
  Result<telemetry::MetricFamilies> snapshot(Timestamp now) override;
  Result<void> check() override;
  Result<Advanced> advance(std::chrono::steady_clock::time_point now) override;

  Result<Leadership> lead(std::chrono::milliseconds ttl) override;
  Result<void> resign() override;
  Leadership leadership() const override;
  Result<Export> begin_export(Timestamp now) override;
  Result<void> finish_export(const Export& done, std::span<const ExportResult> results) override;

  Result<Pruned> prune(Timestamp now) override;
  Result<std::vector<RejectedMessage>> unforwarded(std::size_t count_max) override;
  Result<void> mark_forwarded(std::span<const std::int64_t> ids) override;
  Result<std::vector<RejectedMessage>> rejected(std::int64_t after, std::size_t count_max) override;
  Result<RedrivenGroup> redrive(std::span<const RejectedMessage> messages, Timestamp now,
                                bool dry_run) override;
  Result<std::vector<KnownEpoch>> epochs() override;
  Result<std::vector<KnownTrigger>> triggers() override;
  Result<std::vector<KnownBlock>> blocks(const std::string& source, std::int64_t run) override;
  Result<KnownProblems> problems(std::size_t closed_max) override;
  Result<std::size_t> accept_epoch(const std::string& name, std::uint64_t epoch) override;
  Result<std::string> pin(const std::string& name, const std::string& value, bool replace) override;
  Result<std::string> pinned(const std::string& name) override;
  Result<void> look(const Look& work) override;
  Result<void> look_lately(const Look& work, std::chrono::milliseconds age_max) override;
  void end_pictures() override;
  Result<bool> keep(ProblemUpdate& update) override;
  Result<void> logged(const std::string& unlogged) override;
  Result<std::int64_t> keep_mute(const Mute& mute) override;

  Result<std::size_t> route(std::size_t count_max, const Route& route) override;
  Result<std::size_t> compose(const Compose& compose) override;
  Result<std::vector<Delivery>> claim(std::span<const ChannelRoom> rooms, Timestamp now,
                                      std::chrono::milliseconds hold) override;
  Result<void> finish(const Delivery& claimed, const Attempted& attempted) override;
  Result<std::vector<DeliveryCount>> delivery_counts() override;
  Result<bool> forget(Timestamp before, std::size_t count_max) override;
  Result<Wished> retry(std::int64_t delivery, Timestamp now, const std::string& by) override;
  Result<Wished> drop(std::int64_t delivery, Timestamp now, const std::string& by) override;

 private:
  using Clock = std::chrono::steady_clock;

  /// The lead as it was last taken. Past `until` by the steady clock, which goes on while the
  /// process is stopped, another instance may have it.
  struct Lead {
    std::uint64_t generation = 0;  ///< Zero: another's, or never asked for.
    Clock::time_point until;
    std::string leader;
  };
  /// The generation under which this instance leads now; zero where it does not.
  std::uint64_t generation() const;
  Clock::time_point lead_until(std::uint64_t generation) const;
  void set_lead(Lead lead);

  /// One reading transaction around `work`, which is given it and the limits to go by.
  template <class Work>
  auto read(const Work& work)
      -> Result<std::invoke_result_t<const Work&, Transaction&, LabelLimits&>> {
    if (readers_) return readers_->run(work);
    const std::lock_guard lock(mutex_);
    return transactions_.run(Intent::read, [&](Transaction& in) { return work(in, limits_); });
  }

  /// One transaction under the lease around `work`; what a default one says where another leads.
  template <class Work>
  auto leading(const Work& work) -> Result<std::invoke_result_t<const Work&, Transaction&>>;
  template <class Question>
  Result<bool> any(const Question& question);
  template <class Change>
  Result<Wished> wish(std::int64_t delivery, const Change& change);

  Result<void> apply_part(std::span<const ReceivedMessage> part, Timestamp now,
                          ApplyResult& applied);
  Result<void> complete_snapshots(Timestamp now);
  Result<bool> move_intake_clock(Clock::time_point now);
  Result<void> set_aside(const ReceivedMessage& poison, Timestamp now, const std::string& reason,
                         ApplyResult& applied);
  Result<void> redrive_part(std::span<const RejectedMessage> part, Timestamp now, bool dry_run,
                            RedrivenGroup& done);
  Result<std::size_t> remove_prunable(const std::vector<RunKey>& keys, Timestamp now);
  Result<std::size_t> rewrite_outdated(const std::vector<RunKey>& keys, Timestamp now);
  Result<bool> prune_deleted_rows(Timestamp now);
  Result<void> strip_connectors();
  Result<std::int64_t> end_scan(Timestamp now);
  Result<std::int64_t> bound_rejected(Timestamp now);
  std::int64_t make_room(std::span<const ReceivedMessage> group, const ApplyResult& applied,
                         Timestamp now);
  Result<void> note_fill(std::size_t seen, bool all_seen);

  std::mutex mutex_;  ///< Around the storage.
  const std::unique_ptr<Storage> storage_;
  const LedgerOptions options_;
  const std::string holder_;  ///< No other process has this name.
  LabelLimits limits_;
  Transactions transactions_;
  std::optional<ReadSessions> readers_;  // Behind the storage: they are closed before it.
  RunKey pruned_up_to_;
  KeptRuns kept_;  ///< By this scan, as are the next two.
  std::uint64_t runs_seen_ = 0;
  bool saw_outdated_ = false;
  RowKey rows_pruned_up_to_;

  std::int64_t set_aside_bytes_ = 0;  ///< By this instance, since all was within the bound.
  bool rejected_left_ = false;        ///< More of them are beyond it.

  bool heard_ = false;  ///< Messages were applied since the intake clock last moved.
  std::optional<Clock::time_point> moved_at_;  ///< The intake clock, by this instance.
  std::int64_t heard_by_others_ = 0;

  HeldTables held_;  ///< Of the thread that routes.

  mutable std::mutex lead_mutex_;
  Lead lead_;
};

}  // namespace walpulse::monitor
