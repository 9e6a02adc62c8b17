#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/replay/slot_batches.h"
#include "connector/stream/wakeup.h"

namespace walpulse::connector {

struct SlotReaderOptions {
  std::string dsn;
  std::string client_encoding = "UTF8";
  std::string anchor;
  /// Of the temporary slots, one or two. With two, the server decodes a batch on the one while the
  /// batch before it is read from the other.
  std::vector<std::string> copies;
  Lsn from;  ///< 0/0: where the anchor stands.
  SlotBatchOptions batch;
};

/// Reads temporary copies of the anchor through SQL, which gives the same messages as a walsender
/// several times as fast (bench/results.md). A batch that takes more than temp_file_limit ends in
/// 53400. Once it has caught up it asks again every 200 ms. One thread.
class SlotReader final : public ReplaySource {
 public:
  static tl::expected<std::unique_ptr<SlotReader>, ReplayFault> open(
      const SlotReaderOptions& options, Wakeup& wakeup);

  /// Where the first copy stood before it was advanced.
  Lsn oldest() const { return oldest_; }

  Result<std::optional<ReplayItem>> next(Clock::time_point deadline) override;
  void wait_without_reading(Clock::time_point deadline) override;
  void delivered(Lsn) override {}  // reading a batch moves the copy
  void cancel() override;

 private:
  SlotReader(std::unique_ptr<SlotBatches> first, Lsn oldest, Wakeup& wakeup)
      : wakeup_(wakeup), batches_(std::move(first)), oldest_(oldest) {}
  Result<void> begin_next();
  void take(const ReplayItem& item);
  void go_alone(const Error& why);

  Wakeup& wakeup_;
  std::unique_ptr<SlotBatches> batches_;  ///< Being read.
  std::unique_ptr<SlotBatches> next_;     ///< What comes after it; none where it reads alone.
  const Lsn oldest_;
  Clock::time_point ask_at_{};
};

}  // namespace walpulse::connector
