#pragma once

#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <vector>

#include "monitor/ledger/gauges.h"
#include "monitor/ledger/group_application.h"
#include "monitor/ledger/label_limits.h"
#include "monitor/ledger/ledger.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/storage.h"

namespace walpulse::monitor {

/// The ledger over any storage. Messages are parsed outside the lock, transactions run one by one.
class LedgerCore final : public Ledger {
 public:
  LedgerCore(std::unique_ptr<Storage> storage, LedgerOptions options);

  Result<Applied> apply(std::span<const Incoming> group, Timestamp now) override;
  Result<gcp::Snapshot> snapshot(Timestamp now) override;
  Result<Export> begin_export(Timestamp now) override;
  Result<void> finish_export(const Export& done, std::span<const ExportResult> results) override;
  Result<void> check() override;

 private:
  /// One transaction around `work`, which returns what the caller gets once it is committed. Where
  /// another transaction is in the way it is done again, up to some seconds.
  template <class Work>
  auto transact(Intent intent, const Work& work) -> Result<decltype(work())>;
  template <class Work>
  auto attempt(Intent intent, const Work& work) -> Result<decltype(work())>;

  Result<void> apply_part(std::span<const ParsedMessage> part, Timestamp now, Applied& applied);
  Result<void> set_aside(const ParsedMessage& poison, Timestamp now, const std::string& reason,
                         Applied& applied);

  std::mutex mutex_;
  const std::unique_ptr<Storage> storage_;
  const LedgerOptions options_;
  LabelLimits limits_;
  std::minstd_rand pauses_{std::random_device{}()};
};

}  // namespace walpulse::monitor
