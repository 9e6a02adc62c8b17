#include "connector/replay/stream_reader.h"

#include <poll.h>

#include <algorithm>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

/// How often the server is answered while rows come, and asked how far it is while none do.
constexpr auto kTendInterval = 1s;
constexpr auto kAskAfter = 200ms;

}  // namespace

tl::expected<std::unique_ptr<StreamReader>, ReplayFault> StreamReader::open(
    const StreamReaderOptions& options, std::unique_ptr<Catalog> catalog, Wakeup& wakeup) {
  std::unique_ptr<StreamReader> reader(new StreamReader(options, std::move(catalog)));
  const auto fault = [](ReplayPhase phase, const Error& error) {
    return tl::unexpected<ReplayFault>(ReplayFault{phase, error});
  };
  auto stream = ReplicationStream::connect(
      {.dsn = options.dsn, .client_encoding = options.client_encoding}, wakeup);
  if (!stream) return fault(ReplayPhase::connect, stream.error());
  reader->stream_ = std::move(*stream);
  const auto copied = reader->stream_->copy_slot(options.anchor, options.copy);
  if (!copied) return fault(ReplayPhase::copy, copied.error());
  reader->oldest_ = *copied;
  if (options.from > *copied) {
    const auto advanced = reader->stream_->advance_slot(options.copy, options.from);
    if (!advanced) return fault(ReplayPhase::advance, advanced.error());
  }
  const auto started = reader->stream_->start(options.copy, options.from, options.publication);
  if (!started) return fault(ReplayPhase::read, started.error());
  return reader;
}

/// Says what was received, and sees whether the server is leaving.
Result<void> StreamReader::tend(bool ask) {
  tend_at_ = Clock::now() + kTendInterval;
  pollfd polled{catalog_->descriptor(), POLLIN, 0};
  if (::poll(&polled, 1, 0) != 0) {
    return fail(ErrorKind::unavailable, "the server closed an ordinary connection: it may leave");
  }
  return stream_->send({.received = std::max(received_, delivered_),
                        .flushed = options_.confirm ? delivered_ : Lsn{},
                        .reply_requested = ask});
}

Result<std::optional<ReplayItem>> StreamReader::next(Clock::time_point deadline) {
  if (lost_) return tl::unexpected<Error>(*lost_);
  if (Clock::now() >= tend_at_) {
    if (auto tended = tend(false); !tended) return forward(tended);
  }
  const auto frame = stream_->next(std::min(deadline, Clock::now() + kAskAfter));
  if (!frame) return forward(frame);
  const std::optional<ReplayItem> nothing;
  if (!*frame) {
    if (Clock::now() < ask_at_) return nothing;  // somebody called for attention
    ask_at_ = Clock::now() + kAskAfter;
    if (auto tended = tend(true); !tended) return forward(tended);
    return nothing;
  }
  if (const auto* data = std::get_if<WalData>(&**frame)) {
    return std::optional<ReplayItem>(ReplayRow{data->start, data->message});
  }
  const auto& keepalive = std::get<Keepalive>(**frame);
  received_ = std::max(received_, keepalive.server_end);
  if (keepalive.reply_requested) tend_at_ = Clock::time_point{};
  return std::optional<ReplayItem>(ReplayReached{keepalive.server_end});
}

void StreamReader::wait_without_reading(Clock::time_point deadline) {
  if (!lost_ && Clock::now() >= tend_at_) {
    if (auto tended = tend(false); !tended) lost_ = tended.error();
  }
  stream_->wait_without_reading(std::min(deadline, tend_at_));
}

}  // namespace walpulse::connector
