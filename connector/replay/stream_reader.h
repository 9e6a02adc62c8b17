#pragma once

#include <memory>
#include <string>

#include "connector/catalog/catalog.h"
#include "connector/replay/replay_source.h"
#include "connector/stream/replication_stream.h"

namespace walpulse::connector {

struct StreamReaderOptions {
  std::string dsn;
  std::string client_encoding = "UTF8";
  std::string anchor;
  std::string copy;  ///< Name of the temporary slot.
  std::string publication;
  Lsn from;              ///< 0/0: where the anchor stands.
  bool confirm = false;  ///< Let the copy move on (`--follow`): it would pin the log for ever.
};

/// Reads a temporary copy of the anchor by a walsender: for transactions too large to be
/// materialized, and to follow. Where the copy is not to move, the server is told what was received
/// and never what was flushed, so that its shutdown does not wait; when it closes the ordinary
/// connection given beside, it leaves, and so do we.
class StreamReader final : public ReplaySource {
 public:
  static tl::expected<std::unique_ptr<StreamReader>, ReplayFault> open(
      const StreamReaderOptions& options, std::unique_ptr<Catalog> catalog, Wakeup& wakeup);

  /// Where the copy stood before it was advanced.
  Lsn oldest() const { return oldest_; }

  Result<std::optional<ReplayItem>> next(Clock::time_point deadline) override;
  void wait_without_reading(Clock::time_point deadline) override;
  void delivered(Lsn position) override { delivered_ = std::max(delivered_, position); }
  void cancel() override {}  // the walsender notices that the socket is closed

 private:
  StreamReader(const StreamReaderOptions& options, std::unique_ptr<Catalog> catalog)
      : options_(options), catalog_(std::move(catalog)) {}
  Result<void> tend(bool ask);

  const StreamReaderOptions options_;
  const std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<ReplicationStream> stream_;
  std::optional<Error> lost_;  ///< While it was held: for the next next().
  Lsn oldest_;
  Lsn received_;
  Lsn delivered_;
  Clock::time_point tend_at_{};
  Clock::time_point ask_at_{};
};

}  // namespace walpulse::connector
