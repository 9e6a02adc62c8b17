#include "monitor/command/mute.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/json_dom.h"
#include "decoder/base/one_line.h"
#include "monitor/command/refuse.h"
#include "monitor/command/terminal.h"
#include "monitor/service/ledger_opening.h"
#include "monitor/watch/muting.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kMutesListed = 100;
constexpr std::size_t kMutesKnown = 100'000;

std::string object_text(const Mute& mute) {
  if (mute.problem) return "problem " + std::to_string(*mute.problem);
  std::string text = mute.pipeline;
  for (const auto& [name, value] : mute.labels) text += ' ' + name + '=' + value;
  return one_line(mute.source.empty() ? text : text + " (" + mute.source + ')');
}

int make_mute(const ServeOptions& options, PageLedger& ledger) {
  const auto known = ledger.problems(0);
  if (!known) return refuse(kExitUnavailable, to_string(known.error()));
  const MuteOptions& said = options.mute;
  MuteWish wish;
  wish.source = options.rules.source.value_or("");
  wish.labels.insert(options.rules.labels.begin(), options.rules.labels.end());
  (options.verb == "problem" ? wish.problem : wish.pipeline) =
      options.verb == "problem" ? said.id : said.pattern;
  wish.until = said.until;
  wish.lasts = said.lasts;
  wish.reason = said.reason;
  auto mute = mute_of(wish, user_name(), wall_clock(), options.mute_max, known->open);
  if (!mute) {
    const MuteMistake& mistake = mute.error();
    return refuse(kExitFailed, std::string(mistake.member) + ": " + mistake.message +
                                   "; for example " + std::string(mistake.example));
  }
  const auto id = ledger.keep_mute(*mute);
  if (!id) return refuse(kExitUnavailable, to_string(id.error()));
  mute->id = *id;
  const auto held =
      std::ranges::count_if(known->open, [&](const auto& each) { return is_for(*mute, each); });
  print_safely(mutes_text({*mute}, wall_clock()) + "It is for " + std::to_string(held) +
               (held == 1 ? " problem that is open.\n" : " problems that are open.\n"));
  return 0;
}

Result<std::vector<Mute>> mutes_in(PageLedger& ledger, bool all, std::size_t count_max) {
  std::vector<Mute> mutes;
  const auto looked = ledger.look([&](Transaction& in, const Context&) {
    mutes = all ? in.mutes().all(count_max) : in.mutes().in_force(wall_clock());
  });
  if (!looked) return forward(looked);
  return mutes;
}

int list_mutes(const ServeOptions& options, PageLedger& ledger) {
  const auto mutes = mutes_in(ledger, options.all, kMutesListed);
  if (!mutes) return refuse(kExitUnavailable, to_string(mutes.error()));
  if (options.json) {
    const std::string lines = mutes_json(*mutes);
    std::fwrite(lines.data(), 1, lines.size(), stdout);
  } else {
    print_safely(mutes->empty() ? "Nothing is muted.\n" : mutes_text(*mutes, wall_clock()));
  }
  return 0;
}

int lift_mute(const ServeOptions& options, PageLedger& ledger) {
  const auto mutes = mutes_in(ledger, true, kMutesKnown);
  if (!mutes) return refuse(kExitUnavailable, to_string(mutes.error()));
  const auto found = std::ranges::find(*mutes, options.mute.id,
                                       [](const Mute& each) { return std::to_string(each.id); });
  if (found == mutes->end())
    return refuse(kExitFailed, "there is no mute " + options.mute.id +
                                   ": walpulse-monitor mute list shows them");
  auto lifted_mute = lifted(*found, user_name(), wall_clock());
  if (!lifted_mute) return refuse(kExitFailed, "the mute is over already");
  const auto kept = ledger.keep_mute(*lifted_mute);
  if (!kept) return refuse(kExitUnavailable, to_string(kept.error()));
  print_safely(mutes_text({*lifted_mute}, wall_clock()));
  return 0;
}

}  // namespace

std::string mutes_text(const std::vector<Mute>& mutes, Timestamp now) {
  std::string out;
  for (const Mute& mute : mutes) {
    out += std::to_string(mute.id) + "  " + object_text(mute);
    if (mute.ended) {
      out += ", over since " + to_the_second(*mute.ended) + " (" + mute.ended_by + ")";
    } else if (!mute.until) {
      out += ", until it is over";
    } else {
      out += (*mute.until <= now ? ", ran out " : ", until ") + to_the_second(*mute.until);
    }
    out += "  " + one_line(mute.created_by + ": " + mute.reason) + '\n';
  }
  return out;
}

std::string mutes_json(const std::vector<Mute>& mutes) {
  std::string out;
  for (const Mute& mute : mutes) {
    nlohmann::ordered_json json = {{"id", mute.id}, {"source", mute.source}};
    if (mute.problem) json["problem"] = *mute.problem;
    if (!mute.problem) json["pipeline"] = mute.pipeline;
    json["labels"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : mute.labels) json["labels"][name] = value;
    json["reason"] = mute.reason;
    json["created_by"] = mute.created_by;
    json["created"] = to_rfc3339(mute.created);
    json["until"] = mute.until ? to_rfc3339(*mute.until) : "recovered";
    if (mute.ended) json["ended"] = to_rfc3339(*mute.ended);
    if (mute.ended) json["ended_by"] = mute.ended_by;
    out += dump_json(json) + '\n';
  }
  return out;
}

int mute(const ServeOptions& options) {
  const auto ledger = show_ledger(options);
  if (!ledger) return refuse(kExitUnavailable, to_string(ledger.error()));
  if (options.verb == "list") return list_mutes(options, **ledger);
  if (options.verb == "lift") return lift_mute(options, **ledger);
  return make_mute(options, **ledger);
}

}  // namespace walpulse::monitor
