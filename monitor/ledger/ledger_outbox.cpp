#include <algorithm>
#include <utility>

#include "monitor/ledger/application/told_tables.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/ledger_core.h"

/// What is to be told, and what runs next.
namespace walpulse::monitor {
namespace {

using State = Delivery::State;

void count_ends(Transaction& in, const Delivery& delivery) {
  const MetricDescriptors& metrics = metric_descriptors();
  const bool sent = delivery.state == State::sent;
  if (!sent && delivery.state != State::given_up) return;
  SeriesChanges changes;
  changes.count(sent ? metrics.delivery_sent_count : metrics.delivery_given_up_count, "",
                {{"channel", delivery.channel}});
  changes.apply(in, in.context().last_end);
}

/// The error of a look, else `none`.
template <class T>
Result<T> error_or(const Result<bool>& looked, T none) {
  if (!looked) return tl::unexpected(looked.error());
  return none;
}

}  // namespace

template <class Work>
auto LedgerCore::leading(const Work& work)
    -> Result<std::invoke_result_t<const Work&, Transaction&>> {
  const std::lock_guard lock(mutex_);
  std::invoke_result_t<const Work&, Transaction&> none{};
  const std::uint64_t lease = generation();
  if (lease == 0) return none;
  return transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return none;
    return work(in);
  });
}

/// Most of the time there is nothing to do: then nobody who writes is kept waiting.
template <class Question>
Result<bool> LedgerCore::any(const Question& question) {
  if (generation() == 0) return false;
  return read([&](Transaction& in, LabelLimits&) { return question(in); });
}

Result<std::size_t> LedgerCore::route(std::size_t count_max, const Route& route) {
  HeldTables held;
  const auto some = any([&](Transaction& in) {
    held = held_;
    if (held.empty() && in.happenings().oldest(1).empty()) return false;
    const Context context = in.context();
    return !ToldTables(in, context, options_.settle, held).oldest(1).empty();
  });
  if (some) held_ = held;
  if (!some || !*some) return error_or(some, std::size_t{0});
  return leading([&](Transaction& in) {
    in.claim(Claim::deliveries);
    const Context context = in.context();
    ToldTables tables(in, context, options_.settle, held);
    const std::vector<Happening> happenings = tables.oldest(count_max);
    std::vector<std::int64_t> ids;
    ids.reserve(happenings.size());
    for (const Happening& each : happenings)
      if (ids.empty() || ids.back() != each.id) ids.push_back(each.id);
    const News news = tables.sorted(happenings);
    if (!happenings.empty())
      for (const Delivery& delivery : route(in, context, news)) in.deliveries().save(delivery);
    in.happenings().remove(ids);
    return happenings.size();
  });
}

Result<std::size_t> LedgerCore::compose(const Compose& compose) {
  return leading([&](Transaction& in) {
    in.claim(Claim::deliveries);
    std::size_t made = 0;
    for (const Composed& composed : compose(in, in.context())) {
      std::int64_t delivery = kNotTold;
      if (composed.message) {
        delivery = in.deliveries().save(*composed.message);
        ++made;
      }
      in.notices().attach(composed.notices, delivery);
    }
    return made;
  });
}

Result<std::vector<Delivery>> LedgerCore::claim(std::span<const ChannelRoom> rooms, Timestamp now,
                                                std::chrono::milliseconds hold) {
  const auto some = any([&](Transaction& in) {
    return std::ranges::any_of(rooms, [&](const ChannelRoom& room) {
      return room.count > 0 && !in.deliveries().due(room.channel, now, 1).empty();
    });
  });
  if (!some || !*some) return error_or(some, std::vector<Delivery>{});
  return leading([&](Transaction& in) {
    in.claim(Claim::deliveries);
    std::vector<Delivery> claimed;
    for (const ChannelRoom& room : rooms) {
      for (Delivery& delivery : in.deliveries().due(room.channel, now, room.count)) {
        ++delivery.attempts;
        delivery.due = now + hold;
        in.deliveries().save(delivery);
        claimed.push_back(std::move(delivery));
      }
    }
    return claimed;
  });
}

Result<void> LedgerCore::finish(const Delivery& claimed, const Attempted& attempted) {
  const std::lock_guard lock(mutex_);
  auto written = transactions_.run(Intent::share, [&](Transaction& in) {
    in.claim(Claim::deliveries);
    auto kept = in.deliveries().find(claimed.id);
    if (!kept || kept->state == State::sent) return false;
    const bool ours = kept->state == State::waiting && kept->attempts == claimed.attempts &&
                      kept->due == claimed.due;
    if (attempted.state != State::sent && !ours) return false;
    kept->state = attempted.state;
    kept->due = attempted.due;
    kept->ended = attempted.ended;
    kept->answer = attempted.answer;
    if (!attempted.counts) --kept->attempts;
    in.deliveries().save(*kept);
    count_ends(in, *kept);
    return true;
  });
  if (!written) return tl::unexpected(written.error());
  return {};
}

Result<std::vector<DeliveryCount>> LedgerCore::delivery_counts() {
  return read([](Transaction& in, LabelLimits&) { return in.deliveries().counts(); });
}

Result<bool> LedgerCore::forget(Timestamp before, std::size_t count_max) {
  const auto left = leading([&](Transaction& in) {
    in.claim(Claim::deliveries);
    const std::size_t deliveries = in.deliveries().remove(before, count_max);
    return std::max(deliveries, in.notices().remove(before, count_max)) == count_max;
  });
  if (!left) return tl::unexpected(left.error());
  return !*left;
}

template <class Change>
Result<Wished> LedgerCore::wish(std::int64_t id, const Change& change) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::share, [&](Transaction& in) {
    in.claim(Claim::deliveries);
    auto delivery = in.deliveries().find(id);
    if (!delivery) return Wished::unknown;
    const Wished wished = change(in, *delivery);
    if (wished == Wished::done) in.deliveries().save(*delivery);
    return wished;
  });
}

Result<Wished> LedgerCore::retry(std::int64_t delivery, Timestamp now, const std::string& by) {
  return wish(delivery, [&](Transaction& in, Delivery& given_up) {
    if (given_up.state != State::given_up) return Wished::refused;
    if (in.notices().is_outdated(given_up.id)) return Wished::outdated;
    given_up.state = State::waiting;
    given_up.due = given_up.repeated.emplace(now);
    given_up.ended.reset();
    given_up.expires.reset();  // whoever asks for it knows how old it is
    given_up.answer += (given_up.answer.empty() ? "" : "; ") + ("sent again by " + by);
    return Wished::done;
  });
}

Result<Wished> LedgerCore::drop(std::int64_t delivery, Timestamp now, const std::string& by) {
  return wish(delivery, [&](Transaction&, Delivery& unwanted) {
    if (unwanted.state != State::given_up && unwanted.state != State::waiting)
      return Wished::refused;
    unwanted.state = State::dropped;
    unwanted.ended = now;
    unwanted.answer += (unwanted.answer.empty() ? "" : "; ") + ("dropped by " + by);
    return Wished::done;
  });
}

}  // namespace walpulse::monitor
