#include "monitor/api/mute_answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "decoder/base/json_dom.h"
#include "monitor/api/api_error.h"
#include "monitor/api/api_json.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {
namespace {

/// All that are ever looked through for one.
constexpr std::size_t kMutesSearched = 100'000;

http::ServerResponse answer_of(const MuteMistake& mistake) {
  return api::response_of(api::bad_value(std::string(mistake.member),
                                         std::string(mistake.member) + ": " + mistake.message,
                                         std::string(mistake.example)));
}

http::ServerResponse away(const Error& error) { return api::response_of(api::ledger_away(error)); }

std::string* member_of(MuteWish& wish, std::string_view name) {
  if (name == "pipeline") return &wish.pipeline;
  if (name == "problem") return &wish.problem;
  if (name == "source") return &wish.source;
  if (name == "until") return &wish.until;
  if (name == "for") return &wish.lasts;
  return name == "reason" ? &wish.reason : nullptr;
}

bool take_labels(const nlohmann::json& json, telemetry::Labels& labels) {
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return false;
    labels[name] = value.get<std::string>();
  }
  return true;
}

}  // namespace

tl::expected<MuteWish, MuteMistake> read_mute_wish(std::string_view body) {
  using Wrong = tl::unexpected<MuteMistake>;
  constexpr std::string_view kRight = R"({"pipeline": "daily_*", "for": "2h", "reason": "..."})";
  const auto json = parse_json(body);
  if (!json.is_object()) return Wrong({"body", "is no JSON object", kRight});
  MuteWish wish;
  for (const auto& [name, value] : json.items()) {
    if (name == "labels") {
      if (take_labels(value, wish.labels)) continue;
      return Wrong({"labels", "is no object of texts", R"({"partner": "acme"})"});
    }
    std::string* member = member_of(wish, name);
    if (member == nullptr)
      return Wrong({"body",
                    "has a member that is not known: known are pipeline, problem, source, labels, "
                    "until, for, reason",
                    kRight});
    if (!value.is_string()) return Wrong({"body", name + " is no text", kRight});
    *member = value.get<std::string>();
  }
  return wish;
}

http::ServerResponse create_mute(PageLedger& ledger, std::string_view body,
                                 const std::string& caller, Timestamp now,
                                 std::chrono::milliseconds lasts_max) {
  if (body.size() > kMuteBodyBytesMax)
    return api::response_of({.status = 413,
                             .name = "too-large",
                             .title = "Too large",
                             .detail = "a mute has some hundred bytes"});
  const auto wish = read_mute_wish(body);
  if (!wish) return answer_of(wish.error());
  const auto known = ledger.problems(0);
  if (!known) return away(known.error());
  auto mute = mute_of(*wish, caller, now, lasts_max, known->open);
  if (!mute) return answer_of(mute.error());
  const auto id = ledger.keep_mute(*mute);
  if (!id) return away(id.error());
  mute->id = *id;
  const api::Json answer = api::json_of(*mute, now);
  http::ServerResponse response{201, "application/json", dump_json(answer) + "\n"};
  response.headers = {{"Location", answer["url"].get<std::string>()},
                      {"Cache-Control", "no-store"}};
  return response;
}

http::ServerResponse end_mute(PageLedger& ledger, std::string_view id, const std::string& caller,
                              Timestamp now) {
  std::vector<Mute> mutes;
  const auto looked =
      ledger.look([&](Transaction& in, const Context&) { mutes = in.mutes().all(kMutesSearched); });
  if (!looked) return away(looked.error());
  const auto found =
      std::ranges::find(mutes, id, [](const Mute& each) { return std::to_string(each.id); });
  if (found == mutes.end()) return api::response_of(api::not_found("there is no such mute"));
  const auto over = lifted(*found, caller, now);
  if (!over) {
    return api::response_of({.status = 409,
                             .name = "over-already",
                             .title = "Over already",
                             .detail = "the mute is over already"});
  }
  if (const auto kept = ledger.keep_mute(*over); !kept) return away(kept.error());
  http::ServerResponse response{204, "", ""};
  response.headers = {{"Cache-Control", "no-store"}};
  return response;
}

}  // namespace walpulse::monitor
