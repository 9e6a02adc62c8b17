#include "connector/replay/slot_reader.h"

#include <algorithm>

#include "decoder/base/logging.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 200ms;

tl::unexpected<ReplayFault> fault(ReplayPhase phase, const Error& error) {
  return tl::unexpected<ReplayFault>(ReplayFault{phase, error});
}

Result<std::unique_ptr<SlotBatches>> connect(const SlotReaderOptions& options,
                                             const std::string& copy) {
  auto session = PqSession::open({.dsn = options.dsn, .client_encoding = options.client_encoding});
  if (!session) return forward(session);
  return std::make_unique<SlotBatches>(std::move(*session), copy, options.batch);
}

}  // namespace

tl::expected<std::unique_ptr<SlotReader>, ReplayFault> SlotReader::open(
    const SlotReaderOptions& options, Wakeup& wakeup) {
  auto batches = connect(options, options.copies.front());
  if (!batches) return fault(ReplayPhase::connect, batches.error());
  SlotBatches& first = **batches;
  const auto copied = first.copy(options.anchor);
  if (!copied) return fault(ReplayPhase::copy, copied.error());
  if (options.from > *copied) {
    const auto advanced = first.advance(options.from);
    if (!advanced) return fault(ReplayPhase::advance, advanced.error());
  }
  std::unique_ptr<SlotReader> reader(new SlotReader(std::move(*batches), *copied, wakeup));
  if (options.copies.size() > 1) {
    auto next = connect(options, options.copies.back());
    if (next) {
      reader->next_ = std::move(*next);
    } else {
      reader->go_alone(next.error());
    }
  }
  return reader;
}

/// The server has decoded the batch whose rows come now, so the copy stands at its end.
Result<void> SlotReader::begin_next() {
  const auto copied = next_->copy(batches_->name());
  if (!copied) return forward(copied);
  return next_->ask();
}

void SlotReader::go_alone(const Error& why) {
  SPDLOG_INFO("decoding and reading alternate, which is slower reason={}", to_string(why));
  next_.reset();
}

void SlotReader::take(const ReplayItem& item) {
  if (std::holds_alternative<ReplayRow>(item)) {
    if (batches_->row_count() > 1 || next_ == nullptr) return;
    if (const auto begun = begin_next(); !begun) go_alone(begun.error());
    return;
  }
  if (!batches_->full()) ask_at_ = Clock::now() + kPollInterval;
  if (batches_->row_count() > 0 && next_ != nullptr) std::swap(batches_, next_);
}

Result<std::optional<ReplayItem>> SlotReader::next(Clock::time_point deadline) {
  const std::optional<ReplayItem> nothing;
  while (true) {
    if (batches_->idle()) {
      if (Clock::now() < ask_at_) {
        wait_without_reading(std::min(deadline, ask_at_));
        return nothing;
      }
      if (auto asked = batches_->ask(); !asked) return forward(asked);
    }
    auto item = batches_->next();
    if (!item) return item;
    if (*item) {
      take(**item);
      return item;
    }
    if (wakeup_.clear() || Clock::now() >= deadline) return nothing;
    if (auto waited = batches_->await(wakeup_, deadline); !waited) {
      return forward(waited);
    }
  }
}

void SlotReader::wait_without_reading(Clock::time_point deadline) {
  if (wakeup_.clear()) return;
  wakeup_.await(deadline);
  wakeup_.clear();
}

void SlotReader::cancel() {
  batches_->cancel();
  if (next_) next_->cancel();
}

}  // namespace walpulse::connector
