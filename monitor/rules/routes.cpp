#include "monitor/rules/routes.h"

#include <algorithm>

#include "monitor/rules/placeholders.h"
#include "monitor/rules/target.h"

namespace walpulse::rules {
namespace {

class Router {
 public:
  Router(const Rules& rules, const Subject& subject, const Policy& policy, Severity severity,
         std::string_view kind)
      : rules_(rules), subject_(subject), policy_(policy), severity_(severity), kind_(kind) {}

  std::vector<Route> all() {
    for (const NotifyRule& notify : rules_.notifies)
      if (is_of_source(notify)) take(notify);
    std::erase_if(routes_, [this](const Route& route) {
      const auto channel = std::ranges::find(rules_.channels, route.channel, &ChannelRule::name);
      return channel->type == ChannelType::pagerduty ||
             channel->channel.find('{') != std::string::npos;
    });
    return std::move(routes_);
  }

  std::vector<Route> run() {
    const auto candidates = rules_.notify_index.candidates(subject_.pipeline);
    for (const bool otherwise : {false, true}) {
      for (const std::size_t i : candidates) {
        const NotifyRule& notify = rules_.notifies[i];
        if (notify.otherwise == otherwise && is_about_it(notify)) take(notify);
      }
      if (!routes_.empty()) break;
    }
    return std::move(routes_);
  }

 private:
  bool is_about_it(const NotifyRule& notify) {
    captures_.clear();
    if (!notify.severity.empty() && std::ranges::count(notify.severity, severity_) == 0)
      return false;
    const auto is_kind = [&](monitor::ProblemKind kind) { return name_of(kind) == kind_; };
    if (!notify.when.empty() && std::ranges::none_of(notify.when, is_kind)) return false;
    if (notify.team) {
      const std::string& team = policy_.team.value;
      if (team.empty() || !notify.team->matches(team, captures_)) return false;
    }
    return notify.about.matches(subject_, captures_);
  }

  bool is_of_source(const NotifyRule& notify) {
    captures_.clear();
    return !notify.about.source || notify.about.source->matches(*subject_.source, captures_);
  }

  std::string value_of(std::string_view name) const {
    if (name == "team") return policy_.team.value;
    if (name == "owner") return policy_.owner.value;
    if (name == "pipeline") return subject_.pipeline;
    if (name == "source") return subject_.source.value_or("");
    if (name == "trigger") return subject_.trigger.value_or("");
    const auto captured = std::ranges::find(captures_, name, &Captures::value_type::first);
    if (captured != captures_.end()) return std::string(captured->second);
    const auto label = subject_.labels.find(label_of(name));
    return label == subject_.labels.end() ? "" : label->second;
  }

  std::string target_of(const ChannelRule& channel) const {
    const auto value = [this](std::string_view name) { return value_of(name); };
    if (channel.type == ChannelType::slack) return filled_channel(channel.channel, value);
    return channel.type == ChannelType::mail ? filled_recipients(channel.to, value) : "";
  }

  void take(const NotifyRule& notify) {
    Pace pace = notify.pace;
    if (severity_ == Severity::page) pace.hours = std::nullopt;
    for (const std::string& name : notify.to.value) {
      const auto channel = std::ranges::find(rules_.channels, name, &ChannelRule::name);
      if (channel == rules_.channels.end()) continue;  // read_rules() refuses it
      add({name, target_of(*channel), pace.first, pace.then, pace.repeat, pace.hours,
           notify.place});
    }
  }

  void add(Route route) {
    const auto same = std::ranges::find_if(routes_, [&](const Route& each) {
      return each.channel == route.channel && each.target == route.target;
    });
    if (same == routes_.end()) {
      routes_.push_back(std::move(route));
      return;
    }
    same->first = std::min(same->first, route.first);
    same->then = std::min(same->then, route.then);
    if (!same->repeat || (route.repeat && *route.repeat < *same->repeat)) {
      same->repeat = route.repeat;
    }
    if (same->hours && route.hours) {
      same->hours = same->hours->joined(*route.hours);
    } else {
      same->hours = std::nullopt;
    }
  }

  const Rules& rules_;
  const Subject& subject_;
  const Policy& policy_;
  Severity severity_;
  std::string_view kind_;
  Captures captures_;
  std::vector<Route> routes_;
};

}  // namespace

std::vector<Route> routes_of(const Rules& rules, const Subject& subject, const Policy& policy,
                             Severity severity, std::string_view kind) {
  if (severity == Severity::record) return {};
  return Router(rules, subject, policy, severity, kind).run();
}

std::vector<Route> routes_to_all(const Rules& rules, const std::string& source) {
  const Subject subject{"", source, std::nullopt, {}};
  const Policy policy = policy_of(rules, subject);
  return Router(rules, subject, policy, Severity::notify, "").all();
}

Timestamp message_due(const Pace& pace, const TimeZone& zone, Timestamp oldest,
                      const std::optional<Timestamp>& last_message) {
  Timestamp due = oldest + pace.first;
  if (last_message) due = std::max(due, *last_message + pace.then);
  return pace.hours ? opens_at(*pace.hours, zone, due) : due;
}

std::vector<Told> told_of(const Rules& rules, const Subject& subject, const Policy& policy) {
  std::vector<Told> all;
  for (std::size_t i = 0; i < monitor::kProblemKinds; ++i) {
    const std::string kind(name_of(static_cast<monitor::ProblemKind>(i)));
    for (Route& route : routes_of(rules, subject, policy, policy.severity.value, kind)) {
      auto same = std::ranges::find(all, route, &Told::route);
      if (same == all.end()) same = all.insert(all.end(), Told{std::move(route), {}, false});
      same->kinds.push_back(kind);
      same->of_all_kinds = same->kinds.size() == monitor::kProblemKinds;
    }
  }
  return all;
}

std::optional<Quiet> quiet_at(const Rules& rules, const Subject& subject, Timestamp instant) {
  std::optional<Quiet> found;
  Captures captures;
  for (const std::size_t i : rules.quiet_index.candidates(subject.pipeline)) {
    const QuietRule& quiet = rules.quiets[i];
    captures.clear();
    const bool holds = quiet.every ? is_open(*quiet.every, rules.time_zone, instant)
                                   : quiet.from <= instant && instant < quiet.until;
    if (!holds || !quiet.about.matches(subject, captures)) continue;
    const Timestamp until =
        quiet.every ? closes_at(*quiet.every, rules.time_zone, instant) : quiet.until;
    if (!found || until > found->until) found = Quiet{quiet.reason, until, quiet.place};
  }
  return found;
}

}  // namespace walpulse::rules
