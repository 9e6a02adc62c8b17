#include <nlohmann/json.hpp>

#include "monitor/api/api_json.h"

namespace walpulse::monitor::api {
namespace {

Json last_error(const reading::ChannelView& channel) {
  const Delivery* failed = channel.last_failed();
  if (failed == nullptr) return nullptr;
  const bool waits = failed->state == Delivery::State::waiting;
  return {{"delivery", std::to_string(failed->id)},
          {"answer", text_or_null(failed->answer)},
          {"given_up_at", instant(failed->ended)},
          {"next_attempt_at", instant(waits ? std::optional(failed->due) : std::nullopt)}};
}

Json type_of(const rules::ChannelRule& rule) {
  return rules::kChannelTypes[static_cast<std::size_t>(rule.type)];
}

Json seconds(rules::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

Json json_of(const reading::ChannelView& channel) {
  Json given_up = Json::array();
  for (const Delivery& each : channel.last_given_up) given_up.push_back(json_of(each));
  return {{"name", channel.name},
          {"type", channel.rule == nullptr ? Json(nullptr) : type_of(*channel.rule)},
          {"in_rules", channel.rule != nullptr},
          {"last_sent_at", instant(channel.last_sent)},
          {"last_error", last_error(channel)},
          {"collected_count", channel.collected},
          {"waiting_count", channel.waiting},
          {"oldest_waiting_at", instant(channel.oldest_waiting)},
          {"given_up_count", channel.given_up},
          {"given_up", std::move(given_up)}};
}

Json json_of(const rules::Rules& rules, const rules::Told& told) {
  const rules::Route& route = told.route;
  return {{"channel", route.channel},
          {"place", text_or_null(route.target)},
          {"first_seconds", seconds(route.first)},
          {"then_seconds", seconds(route.then)},
          {"repeat_seconds", route.repeat ? seconds(*route.repeat) : Json(nullptr)},
          {"hours", route.hours ? Json(route.hours->text()) : Json(nullptr)},
          {"kinds", told.of_all_kinds ? Json(nullptr) : Json(told.kinds)},
          {"table", to_string(rules, route.place)}};
}

}  // namespace walpulse::monitor::api
