#include "monitor/api/delivery_answers.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "monitor/api/answers.h"
#include "monitor/api/api_error.h"

namespace walpulse::monitor {
namespace {

constexpr std::string_view kDeliveriesPath = "/api/v1/deliveries/";
constexpr std::string_view kRetry = "/retry";

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string_view retried_delivery(std::string_view path) {
  if (!path.starts_with(kDeliveriesPath) || !path.ends_with(kRetry)) return {};
  path.remove_prefix(kDeliveriesPath.size());
  if (path.size() <= kRetry.size()) return {};
  path.remove_suffix(kRetry.size());
  return path;
}

http::ServerResponse retry_delivery(PageLedger& ledger, std::string_view id,
                                    const std::string& caller, Timestamp now) {
  const auto number = number_of(id);
  const auto wished = number ? ledger.retry(*number, now, caller) : Result<Wished>(Wished::unknown);
  if (!wished) return api::response_of(api::ledger_away(wished.error()));
  if (*wished == Wished::unknown)
    return api::response_of(
        api::not_found("there is no such delivery: what ended is kept 30 days"));
  if (*wished == Wished::refused)
    return api::response_of({.status = 409,
                             .name = "not-given-up",
                             .title = "Not given up",
                             .detail = "only a delivery that was given up is sent again"});
  if (*wished == Wished::outdated)
    return api::response_of({.status = 409,
                             .name = "outdated",
                             .title = "Over by now",
                             .detail = "all that it tells of is over by now",
                             .remedy = "walpulse-monitor deliveries drop " + std::string(id) +
                                       " takes it off the list."});
  http::ServerResponse response{202, "", ""};
  response.headers = {{"Cache-Control", "no-store"}};
  return response;
}

namespace api {
namespace {

const std::vector<std::string_view>& state_names() {
  static const auto kNames = [] {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kDeliveryStates; ++i)
      names.push_back(name_of(static_cast<Delivery::State>(i)));
    return names;
  }();
  return kNames;
}

}  // namespace

Json json_of(const Delivery& delivery) {
  const bool waits = delivery.state == Delivery::State::waiting;
  return {{"id", std::to_string(delivery.id)},
          {"kind", name_of(delivery.kind)},
          {"state", name_of(delivery.state)},
          {"channel", delivery.channel},
          {"of", delivery.of},
          {"created_at", instant(delivery.created)},
          {"due_at", instant(waits ? std::optional(delivery.due) : std::nullopt)},
          {"attempts", delivery.attempts},
          {"repeated_at", instant(delivery.repeated)},
          {"ended_at", instant(delivery.ended)},
          {"answer", text_or_null(delivery.answer)}};
}

Answer<Content> deliveries(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  DeliveriesAsked asked;
  if (const auto state = parameters.choice("state", state_names()))
    asked.state = delivery_state(*state);
  asked.channel = parameters.text("channel", 256);
  const std::size_t size = parameters.page_size();
  const auto mark = parameters.page_mark();
  if (mark && mark->numbers.size() != 1) parameters.latch(token_expired());
  if (parameters.error()) return refuse(*parameters.error());
  if (mark) asked.before = mark->numbers[0];
  asked.count_max = size + 1;
  auto found = scene.in.deliveries().list(asked);
  std::optional<std::string> next;
  if (found.size() > size) {
    found.pop_back();
    next = parameters.page_token({{found.back().id}, ""});
  }
  Json items = Json::array();
  for (const Delivery& each : found) items.push_back(json_of(each));
  return content_of(list_head(scene, std::nullopt, std::move(items), next));
}

}  // namespace api
}  // namespace walpulse::monitor
