#include "monitor/ledger/application/stays.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

constexpr std::size_t kStaysMax = 100;

bool same_session(const StayRow& a, const StayRow& b) {
  return a.session == b.session && a.instance == b.instance;
}

}  // namespace

std::optional<StayRow> stay_of(const schema::Heartbeat& heartbeat) {
  const bool says = heartbeat.session != 0 && heartbeat.held_from.value != 0;
  if (!says || heartbeat.published <= heartbeat.held_from) return std::nullopt;
  return StayRow{heartbeat.instance, heartbeat.session, heartbeat.held_from, heartbeat.published};
}

bool overlaps(std::span<const StayRow> known, const StayRow& stay) {
  return std::any_of(known.begin(), known.end(), [&](const StayRow& other) {
    return !same_session(other, stay) &&
           std::max(other.from, stay.from) < std::min(other.to, stay.to);
  });
}

bool keep_stay(Transaction& transaction, const EpochRow& epoch, const StayRow& stay) {
  const std::vector<StayRow> known = transaction.epochs().stays(epoch);
  if (overlaps(known, stay)) return false;
  const auto same = std::find_if(known.begin(), known.end(),
                                 [&](const StayRow& other) { return same_session(other, stay); });
  if (same != known.end()) {
    if (same->to < stay.to) transaction.epochs().save_stay(epoch, stay);
    return true;
  }
  if (known.size() >= kStaysMax) {
    const auto oldest =
        std::min_element(known.begin(), known.end(),
                         [](const StayRow& a, const StayRow& b) { return a.from < b.from; });
    if (stay.from < oldest->from) return true;
    transaction.epochs().remove_stay(epoch, *oldest);
  }
  transaction.epochs().save_stay(epoch, stay);
  return true;
}

}  // namespace walpulse::monitor
