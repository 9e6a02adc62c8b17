#include "monitor/rules/route_checks.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/reporter.h"
#include "publisher/config/nearest.h"

namespace walpulse::rules {
namespace {

class RouteChecks {
 public:
  RouteChecks(Rules& rules, MistakeList& mistakes) : rules_(rules), mistakes_(mistakes) {}

  void run();

 private:
  void check_names();
  void check_calls();
  void check_channel(const std::string& name, Place place, std::string_view key);
  void complete_notify();
  void check_loops();
  /// Where the chain of calls that begins with `start` comes back to it; nothing: nowhere.
  bool comes_back(const AfterRule& start) const;

  const ChannelRule* find(std::string_view name) const {
    const auto found = std::ranges::find(rules_.channels, name, &ChannelRule::name);
    return found == rules_.channels.end() ? nullptr : &*found;
  }
  const AfterRule* caller_of(std::string_view channel) const {
    const auto found = std::ranges::find_if(
        rules_.afters, [&](const AfterRule& each) { return each.call.value == channel; });
    return found == rules_.afters.end() ? nullptr : &*found;
  }
  void refuse(Place place, std::string_view key, const std::string& what,
              std::string_view example) {
    mistakes_.add(
        {rules_.files[place.file], place.line, std::string(key), what, std::string(example)});
  }

  Rules& rules_;
  MistakeList& mistakes_;
};

void RouteChecks::check_channel(const std::string& name, Place place, std::string_view key) {
  if (find(name) != nullptr) return;
  std::vector<std::string_view> known;
  known.reserve(rules_.channels.size());
  for (const ChannelRule& channel : rules_.channels) known.push_back(channel.name);
  const std::string meant(config::nearest(name, known));
  refuse(place, key,
         in_quotes(name) + " is no [channel.NAME]" +
             (meant.empty() ? "" : "; did you mean " + meant + "?"),
         "[channel.data]");
}

void RouteChecks::check_names() {
  for (const NotifyRule& notify : rules_.notifies) {
    for (const std::string& name : notify.to.value) {
      check_channel(name, notify.to.place, "to");
      if (const AfterRule* caller = caller_of(name)) {
        refuse(notify.to.place, "to",
               in_quotes(name) + " is called by [[after]] at " + to_string(rules_, caller->place) +
                   ": a message would start what it starts",
               "[channel.data]");
      }
    }
  }
  for (const Expectation& expectation : rules_.expectations) {
    if (!expectation.to) continue;
    for (const std::string& name : expectation.to->value) {
      check_channel(name, expectation.to->place, "to");
    }
  }
}

void RouteChecks::check_calls() {
  for (const AfterRule& after : rules_.afters) {
    if (after.call.value.empty()) continue;
    check_channel(after.call.value, after.call.place, "call");
    const ChannelRule* channel = find(after.call.value);
    if (channel == nullptr || channel->type == ChannelType::webhook) continue;
    refuse(after.call.place, "call",
           in_quotes(after.call.value) + " is of type " +
               std::string(kChannelTypes[static_cast<std::size_t>(channel->type)]) +
               ": a webhook is called",
           R"(type = "webhook")");
  }
}

void RouteChecks::complete_notify() {
  if (!rules_.notifies.empty()) return;
  std::vector<const ChannelRule*> told;
  for (const ChannelRule& channel : rules_.channels) {
    if (caller_of(channel.name) == nullptr) told.push_back(&channel);
  }
  if (told.size() > 1) {
    return refuse(told[1]->place, "channel",
                  "is a second one, and no [[notify]] says who is told of what", "[[notify]]");
  }
  if (told.empty()) return;
  NotifyRule all;
  all.place = told.front()->place;
  all.to = {{told.front()->name}, told.front()->place};
  rules_.notifies.push_back(std::move(all));
}

/// Whether the table holds for each run of its pipelines, as far as the file can say: by its name.
bool is_by_name_alone(const AfterRule& after) {
  return !after.about.source && !after.about.trigger && after.about.labels.empty();
}

bool RouteChecks::comes_back(const AfterRule& start) const {
  std::vector<std::string> reached{start.starts.value};
  std::set<std::string> known(reached.begin(), reached.end());
  Captures captures;
  for (std::size_t at = 0; at < reached.size(); ++at) {
    const std::string pipeline = reached[at];
    for (const std::size_t i : rules_.after_index.candidates(pipeline)) {
      const AfterRule& each = rules_.afters[i];
      captures.clear();
      if (!is_by_name_alone(each) || !each.about.matches({pipeline, {}, {}, {}}, captures))
        continue;
      if (&each == &start) return true;
      const std::string& next = each.starts.value;
      if (!next.empty() && known.insert(next).second) reached.push_back(next);
    }
  }
  return false;
}

void RouteChecks::check_loops() {
  for (const AfterRule& after : rules_.afters) {
    if (after.starts.value.empty() || !is_by_name_alone(after) || !comes_back(after)) continue;
    Captures captures;
    const bool itself = after.about.matches({after.starts.value, {}, {}, {}}, captures);
    refuse(after.starts.place, "starts",
           in_quotes(after.starts.value) +
               (itself ? " is what the table is about: it would start itself for ever"
                       : " starts, by other tables, what this one is about: a loop without end"),
           R"(starts = "dbt_daily")");
  }
}

void RouteChecks::run() {
  check_names();
  check_calls();
  complete_notify();
  if (rules_.afters.size() <= kAftersMax) return check_loops();
  refuse(rules_.afters[kAftersMax].place, "after",
         "is one of more than " + std::to_string(kAftersMax) + " tables", "");
}

}  // namespace

void complete_routes(Rules& rules, MistakeList& mistakes) { RouteChecks(rules, mistakes).run(); }

}  // namespace walpulse::rules
