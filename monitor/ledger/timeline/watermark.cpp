#include "monitor/ledger/timeline/watermark.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr IntakeTime kHoleAge = 10min;
constexpr IntakeTime kStandstill = 60s;
constexpr std::uint64_t kOutOfTurn = 3;
/// A process that was replaced is heard of for a while only.
constexpr std::size_t kSendersMax = 8;
/// Of stretches: so many are missing in ten minutes at the worst.
constexpr std::size_t kAheadMax = 100;

Json to_json(const std::optional<schema::Position>& position) {
  if (!position) return nullptr;
  return {position->epoch, position->commit_lsn.value};
}

/// Everything of that commit lies at or below it.
schema::Position position_at(std::uint64_t epoch, std::uint64_t lsn) {
  return {epoch, Lsn{lsn}, INT64_MAX};
}

std::optional<schema::Position> position_of(const nlohmann::json& json) {
  if (json.is_null()) return std::nullopt;
  return position_at(json.at(0).get<std::uint64_t>(), json.at(1).get<std::uint64_t>());
}

Timestamp instant_of(const nlohmann::json& microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds.get<std::int64_t>()));
}

}  // namespace

void Watermark::take(const schema::Heartbeat& heartbeat, IntakeTime clock, IntakeTime settle) {
  Sender& sender = sender_of(heartbeat);
  const std::uint64_t sequence = heartbeat.sequence;
  const std::uint64_t turn = sender.newest + 1;
  if (std::max(sequence, turn) - std::min(sequence, turn) > kOutOfTurn)
    still_until_ = clock + kStandstill;
  sender.newest = std::max(sender.newest, sequence);
  if (sequence > sender.complete) {
    const bool knows = heartbeat.confirmed_at != Timestamp{};
    const auto confirmed = position_at(heartbeat.epoch, heartbeat.confirmed.value);
    put(sender, {sequence, sequence, knows ? std::optional(confirmed) : std::nullopt, clock,
                 heartbeat.confirmed_at});
  }
  if (clock >= still_until_) advance(clock);
  age(clock, settle);
  if (!first_) first_ = clock;
  if (!knows_told_from(clock, settle))
    told_from_ = std::max(told_from_,
                          std::optional(position_at(heartbeat.epoch, heartbeat.confirmed.value)));
}

/// Joins the stretches that it is the missing one between.
void Watermark::put(Sender& sender, Stretch beat) {
  auto& ahead = sender.ahead;
  auto behind = std::find_if(ahead.begin(), ahead.end(),
                             [&](const Stretch& each) { return each.last >= beat.first; });
  if (behind != ahead.end() && behind->first <= beat.first) return;  // known
  const auto join = [](Stretch& to, const Stretch& more) {
    to.last = more.last;
    if (more.confirmed) {
      to.confirmed = more.confirmed;
      to.confirmed_at = more.confirmed_at;
    }
    to.came = std::min(to.came, more.came);
  };
  if (behind != ahead.begin() && std::prev(behind)->last + 1 == beat.first) {
    const auto before = std::prev(behind);
    join(*before, beat);
    if (behind != ahead.end() && before->last + 1 == behind->first) {
      join(*before, *behind);
      ahead.erase(behind);
    }
    return;
  }
  if (behind != ahead.end() && beat.last + 1 == behind->first) {
    join(beat, *behind);
    *behind = beat;
    return;
  }
  ahead.insert(behind, beat);
  if (ahead.size() > kAheadMax) ahead.pop_back();
}

/// A process that took over believes that what the one before it published is safe: as long as
/// heartbeats of that one are missing, what it published may be, too.
void Watermark::advance(IntakeTime clock) {
  for (Sender& each : senders_) {
    advance(each, clock);
    if (!each.ahead.empty()) return;
  }
}

void Watermark::advance(Sender& sender, IntakeTime clock) {
  std::size_t taken = 0;
  for (const Stretch& stretch : sender.ahead) {
    if (stretch.first != sender.complete + 1 && clock < stretch.came + kHoleAge) break;
    sender.complete = stretch.last;
    confirmed_ = std::max(confirmed_, stretch.confirmed);
    as_of_ = std::max(as_of_, stretch.confirmed_at);
    ++taken;
  }
  sender.ahead.erase(sender.ahead.begin(),
                     sender.ahead.begin() + static_cast<std::ptrdiff_t>(taken));
}

void Watermark::age(IntakeTime clock, IntakeTime settle) {
  if (candidate_ && clock >= candidate_since_ + settle) {
    delivered_ = std::max(delivered_, candidate_);
    candidate_.reset();
  }
  if (candidate_ || confirmed_ == delivered_) return;
  candidate_ = confirmed_;
  candidate_since_ = clock;
}

Watermark::Sender& Watermark::sender_of(const schema::Heartbeat& heartbeat) {
  const std::int64_t started_at = heartbeat.started_at.time_since_epoch().count();
  const auto at = std::find_if(senders_.begin(), senders_.end(), [&](const Sender& sender) {
    return sender.started_at == started_at && sender.instance == heartbeat.instance;
  });
  if (at != senders_.end()) return *at;
  if (senders_.size() == kSendersMax) senders_.erase(senders_.begin());
  return senders_.emplace_back(Sender{heartbeat.instance, started_at, 0, 0, {}});
}

std::string Watermark::encode() const {
  Json senders = Json::array();
  for (const Sender& sender : senders_) {
    Json ahead = Json::array();
    for (const Stretch& each : sender.ahead)
      ahead.push_back({each.first, each.last, to_json(each.confirmed), each.came.count(),
                       each.confirmed_at.time_since_epoch().count()});
    senders.push_back(
        {sender.instance, sender.started_at, sender.complete, sender.newest, std::move(ahead)});
  }
  return dump_json(Json{{"senders", std::move(senders)},
                        {"still_until", still_until_.count()},
                        {"confirmed", to_json(confirmed_)},
                        {"as_of", as_of_.time_since_epoch().count()},
                        {"candidate", to_json(candidate_)},
                        {"candidate_since", candidate_since_.count()},
                        {"delivered", to_json(delivered_)},
                        {"first", first_ ? Json(first_->count()) : Json(nullptr)},
                        {"told_from", to_json(told_from_)}});
}

Watermark Watermark::decode(std::string_view state) {
  Watermark mark;
  const auto json = parse_json(state);
  try {
    for (const auto& each : json.at("senders")) {
      Sender& sender = mark.senders_.emplace_back();
      sender.instance = each.at(0).get<std::string>();
      sender.started_at = each.at(1).get<std::int64_t>();
      sender.complete = each.at(2).get<std::uint64_t>();
      sender.newest = each.at(3).get<std::uint64_t>();
      for (const auto& stretch : each.at(4))
        sender.ahead.push_back({stretch.at(0).get<std::uint64_t>(),
                                stretch.at(1).get<std::uint64_t>(), position_of(stretch.at(2)),
                                IntakeTime(stretch.at(3).get<std::int64_t>()),
                                stretch.size() > 4 ? instant_of(stretch.at(4)) : Timestamp{}});
    }
    mark.still_until_ = IntakeTime(json.at("still_until").get<std::int64_t>());
    mark.confirmed_ = position_of(json.at("confirmed"));
    // Not there in what earlier builds wrote: unknown until the next heartbeat.
    if (json.contains("as_of")) mark.as_of_ = instant_of(json.at("as_of"));
    mark.candidate_ = position_of(json.at("candidate"));
    mark.candidate_since_ = IntakeTime(json.at("candidate_since").get<std::int64_t>());
    mark.delivered_ = position_of(json.at("delivered"));
    // What earlier builds heard of is no news: all that comes now is told.
    mark.first_ = kLongAgo;
    if (json.contains("first") && !json.at("first").is_null())
      mark.first_ = IntakeTime(json.at("first").get<std::int64_t>());
    if (json.contains("told_from")) mark.told_from_ = position_of(json.at("told_from"));
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return mark;
}

}  // namespace walpulse::monitor
