#include "monitor/ledger/watermark.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/schema/json_dom.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr IntakeTime kHoleAge = 10min;
constexpr IntakeTime kStandstill = 60s;
constexpr std::uint64_t kOutOfTurn = 3;
/// A process that was replaced is heard of for a while only.
constexpr std::size_t kSendersMax = 8;
/// Ten minutes of heartbeats, and some.
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

}  // namespace

void Watermark::take(const schema::Heartbeat& heartbeat, IntakeTime clock, IntakeTime settle) {
  Sender& sender = sender_of(heartbeat);
  const std::uint64_t sequence = heartbeat.sequence;
  const std::uint64_t turn = sender.newest + 1;
  if (std::max(sequence, turn) - std::min(sequence, turn) > kOutOfTurn)
    still_until_ = clock + kStandstill;
  sender.newest = std::max(sender.newest, sequence);
  if (sequence > sender.complete && heartbeat.confirmed_at != Timestamp{}) {
    const Beat beat{sequence, position_at(heartbeat.epoch, heartbeat.confirmed.value), clock};
    const auto at =
        std::lower_bound(sender.ahead.begin(), sender.ahead.end(), beat,
                         [](const Beat& a, const Beat& b) { return a.sequence < b.sequence; });
    if (at == sender.ahead.end() || at->sequence != sequence) sender.ahead.insert(at, beat);
  } else if (sequence == sender.complete + 1) {
    sender.complete = sequence;  // it knows nothing of what is confirmed
  }
  if (sender.ahead.size() > kAheadMax) sender.ahead.erase(sender.ahead.begin());
  if (clock >= still_until_)
    for (Sender& each : senders_) advance(each, clock);
  age(clock, settle);
}

void Watermark::advance(Sender& sender, IntakeTime clock) {
  std::size_t taken = 0;
  for (const Beat& beat : sender.ahead) {
    if (beat.sequence != sender.complete + 1 && clock < beat.came + kHoleAge) break;
    sender.complete = beat.sequence;
    confirmed_ = std::max(confirmed_, std::optional(beat.confirmed));
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
    for (const Beat& beat : sender.ahead)
      ahead.push_back({beat.sequence, beat.confirmed.epoch, beat.confirmed.commit_lsn.value,
                       beat.came.count()});
    senders.push_back(
        {sender.instance, sender.started_at, sender.complete, sender.newest, std::move(ahead)});
  }
  return schema::dump_json(Json{{"senders", std::move(senders)},
                                {"still_until", still_until_.count()},
                                {"confirmed", to_json(confirmed_)},
                                {"candidate", to_json(candidate_)},
                                {"candidate_since", candidate_since_.count()},
                                {"delivered", to_json(delivered_)}});
}

Watermark Watermark::decode(std::string_view state) {
  Watermark mark;
  const auto json = schema::parse_json(state);
  try {
    for (const auto& each : json.at("senders")) {
      Sender& sender = mark.senders_.emplace_back();
      sender.instance = each.at(0).get<std::string>();
      sender.started_at = each.at(1).get<std::int64_t>();
      sender.complete = each.at(2).get<std::uint64_t>();
      sender.newest = each.at(3).get<std::uint64_t>();
      for (const auto& beat : each.at(4))
        sender.ahead.push_back(
            {beat.at(0).get<std::uint64_t>(),
             position_at(beat.at(1).get<std::uint64_t>(), beat.at(2).get<std::uint64_t>()),
             IntakeTime(beat.at(3).get<std::int64_t>())});
    }
    mark.still_until_ = IntakeTime(json.at("still_until").get<std::int64_t>());
    mark.confirmed_ = position_of(json.at("confirmed"));
    mark.candidate_ = position_of(json.at("candidate"));
    mark.candidate_since_ = IntakeTime(json.at("candidate_since").get<std::int64_t>());
    mark.delivered_ = position_of(json.at("delivered"));
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return mark;
}

}  // namespace walpulse::monitor
