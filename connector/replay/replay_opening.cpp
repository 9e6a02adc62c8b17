#include "connector/replay/replay_opening.h"

#include <unistd.h>

#include <algorithm>
#include <random>

#include "connector/replay/slot_reader.h"
#include "connector/replay/stream_reader.h"
#include "decoder/base/logging.h"

namespace walpulse::connector {
namespace {

constexpr std::uint64_t kBatchRows = 100'000;
constexpr std::uint64_t kPacedBatchRowsMin = 1'000;
/// Some 250 MB of temporary files on the server.
constexpr std::uint64_t kBatchRowsMax = 800'000;

/// The rows of a batch wait on the server, under an open snapshot, for as long as the pacer lets
/// them: ten seconds.
SlotBatchOptions batch_of(const ReplayOpening& opening, const std::string& publication) {
  SlotBatchOptions batch{.publication = publication, .upto = opening.until};
  if (opening.rate == 0) {
    batch.rows_min = kBatchRows;
    batch.rows_max = kBatchRowsMax;
  } else {
    batch.rows_min = batch.rows_max = std::clamp(opening.rate * 10, kPacedBatchRowsMin, kBatchRows);
  }
  return batch;
}

/// `<slot>_replay_<pid>_<random>`: the slot's name gives way where it is too long.
std::string copy_name(const SourceOptions& source) {
  const auto suffix = fmt::format("_replay_{}_{:08x}", ::getpid(), std::random_device{}());
  return source.slot.substr(0, 63 - std::min<std::size_t>(63, suffix.size())) + suffix;
}

/// The anchor passed what a slow replay had yet to read, before it could copy it again.
ReplayFault moved_on(Lsn from, Lsn oldest) {
  ReplayFault fault;
  fault.phase = ReplayPhase::publish;
  fault.error = {ErrorKind::rejected,
                 "the anchor slot has moved on to " + to_string(oldest) + " meanwhile, beyond " +
                     to_string(from),
                 "read what lies between as rows, with `walpulse-connector snapshot`; `run "
                 "--replay-window` keeps more"};
  return fault;
}

template <class Reader>
tl::expected<OpenedReplay, ReplayFault> begun(
    tl::expected<std::unique_ptr<Reader>, ReplayFault> reader, Lsn from) {
  if (!reader) return tl::unexpected(reader.error());
  const Lsn oldest = (*reader)->oldest();
  if (from != Lsn{} && from < oldest) return tl::unexpected(moved_on(from, oldest));
  return OpenedReplay{std::move(*reader), std::max(from, oldest)};
}

}  // namespace

tl::expected<OpenedReplay, ReplayFault> open_replay(const ReplayOpening& opening,
                                                    const SourceOptions& source,
                                                    const Preflight& found,
                                                    std::unique_ptr<Catalog> catalog,
                                                    Wakeup& wakeup) {
  const std::string encoding = found.server.encoding == "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
  if (opening.streaming) {
    return begun(StreamReader::open({.dsn = source.dsn,
                                     .client_encoding = encoding,
                                     .anchor = anchor_slot(source),
                                     .copy = copy_name(source),
                                     .publication = source.publication,
                                     .from = opening.from,
                                     .confirm = opening.follow},
                                    std::move(catalog), wakeup),
                 opening.from);
  }
  catalog.reset();
  std::vector<std::string> copies{copy_name(source)};
  if (opening.rate == 0) copies.push_back(copy_name(source));  // else it waits for the pacer anyway
  return begun(SlotReader::open({.dsn = source.dsn,
                                 .client_encoding = encoding,
                                 .anchor = anchor_slot(source),
                                 .copies = std::move(copies),
                                 .from = opening.from,
                                 .batch = batch_of(opening, source.publication)},
                                wakeup),
               opening.from);
}

}  // namespace walpulse::connector
