#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "connector/replay/replay_source.h"
#include "connector/stream/wakeup.h"

namespace walpulse::connector {

struct SlotReaderOptions {
  std::string dsn;
  std::string client_encoding = "UTF8";
  std::string anchor;
  std::string copy;  ///< Name of the temporary slot.
  std::string publication;
  Lsn from;                 ///< 0/0: where the anchor stands.
  std::optional<Lsn> upto;  ///< Commits below it are read; empty: whatever there is.
  std::uint64_t batch_rows_max = 100'000;
};

/// Reads a temporary copy of the anchor through SQL, on one ordinary connection: in batches, each
/// by COPY (SELECT ... FROM pg_logical_slot_get_binary_changes(...)) TO STDOUT (FORMAT binary),
/// which gives the same messages as a walsender three times as fast (proven). A batch never cuts a
/// transaction, and the server materializes it: 53400 where that takes more than temp_file_limit.
/// Once it has caught up it asks again every 200 ms.
class SlotReader final : public ReplaySource {
 public:
  static tl::expected<std::unique_ptr<SlotReader>, ReplayFault> open(
      const SlotReaderOptions& options, Wakeup& wakeup);
  ~SlotReader() override;

  /// Where the copy stood before it was advanced.
  Lsn oldest() const;

  Result<std::optional<ReplayItem>> next(Clock::time_point deadline) override;
  void hold(Clock::time_point deadline) override;
  void delivered(Lsn) override {}  // reading a batch moves the copy
  std::string_view sqlstate() const override;
  void cancel() override;

 private:
  struct Session;
  explicit SlotReader(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

/// The statement of one batch. Pure.
std::string batch_statement(const std::string& copy_literal, const std::string& publication_literal,
                            std::optional<Lsn> upto, std::uint64_t rows_max);

}  // namespace walpulse::connector
