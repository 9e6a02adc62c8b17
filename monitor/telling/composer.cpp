#include "monitor/telling/composer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "monitor/channels/channels.h"
#include "monitor/messages/compose.h"
#include "monitor/rules/routes.h"
#include "monitor/telling/known_facts.h"
#include "monitor/watch/herald.h"
#include "monitor/watch/muting.h"

namespace walpulse::monitor {
namespace {

/// So many notices of a channel become messages at once, and of so many problems the facts are
/// read: more are told together, by their number.
constexpr std::size_t kNoticesMax = 10'000;
constexpr std::size_t kFactsMax = 200;
constexpr std::size_t kProblemsNamed = 10;

bool is_of_first_look(const Notice& notice) { return notice.phase == Notice::Phase::found; }

std::vector<std::int64_t> ids_of(const std::vector<Notice>& notices) {
  std::vector<std::int64_t> ids;
  ids.reserve(notices.size());
  for (const Notice& notice : notices) ids.push_back(notice.id);
  return ids;
}

/// "problems 12, 13", for people.
std::string named(const messages::Message& message) {
  if (message.told.empty()) return "the first look";
  std::string text = message.told.size() == 1 ? "problem" : "problems";
  for (std::size_t i = 0; i < std::min(message.told.size(), kProblemsNamed); ++i)
    text += (i == 0 ? " " : ", ") + std::to_string(message.told[i].problem);
  if (message.told.size() > kProblemsNamed)
    text += ", ... (" + std::to_string(message.told.size()) + ')';
  return text;
}

/// The delivery that told this place that the problem began.
std::optional<std::int64_t> told_with(Transaction& in, const Notice& over) {
  for (const Notice& each : in.notices().of_problem(over.problem.id))
    if (each.channel == over.channel && each.target == over.target && each.delivery &&
        *each.delivery != kNotTold)
      return each.delivery;
  return std::nullopt;
}

messages::Together together(Transaction& in, std::int64_t delivery,
                            const reading::Directory& directory) {
  messages::Together found;
  const auto sent = in.deliveries().find(delivery);
  const auto message =
      sent ? messages::message_from(sent->content) : Result<messages::Message>(messages::Message{});
  if (!message) return found;
  std::set<std::int64_t> told;
  for (const messages::Told& each : message->told)
    if (!each.over) told.insert(each.problem);
  found.count = told.size();
  for (const Problem& problem : directory.open)
    if (told.contains(problem.id)) found.open.push_back(subject_of(problem.finding.key));
  return found;
}

}  // namespace

std::vector<Composed> Composer::plan(Transaction& in, const Context& context,
                                     const rules::RuleBook::InForce& rules, Timestamp now) {
  if (std::exchange(rules_hash_, rules.hash) != rules.hash) held_.clear();
  std::vector<Composed> all;
  for (const NoticeStore::Waiting& waiting : in.notices().channels()) {
    const auto held = held_.find(waiting.channel);
    if (held != held_.end() && held->second.waiting == waiting && now < held->second.next) continue;
    const auto& channels = rules.rules->channels;
    const auto channel = std::ranges::find(channels, waiting.channel, &rules::ChannelRule::name);
    if (channel == channels.end()) {
      all.push_back({std::nullopt, ids_of(in.notices().waiting(waiting.channel, kNoticesMax))});
      continue;
    }
    for (Due& each : due(in, *rules.rules, waiting, now))
      all.push_back(compose(in, context, rules, *channel, std::move(each), now));
  }
  return all;
}

/// The older go first. Where all of so many are held by their hours, those behind them may be due.
std::vector<Composer::Due> Composer::due(Transaction& in, const rules::Rules& rules,
                                         const NoticeStore::Waiting& waiting, Timestamp now) {
  std::vector<Due> all;
  Timestamp next = kInfinity;
  std::int64_t after = 0;
  for (bool more = true; more && all.empty();) {
    std::vector<Notice> notices = in.notices().waiting(waiting.channel, kNoticesMax, after);
    more = notices.size() == kNoticesMax;
    if (more) after = notices.back().id;
    all = due_of(in, rules, std::move(notices), now, next);
  }
  // Once these messages are kept what waits is another.
  held_.insert_or_assign(waiting.channel, Held{waiting, all.empty() ? next : now});
  return all;
}

/// A message goes as soon as one of its notices is due, and takes along those whose hours are.
/// Those that go not are due at `next`, or later.
std::vector<Composer::Due> Composer::due_of(Transaction& in, const rules::Rules& rules,
                                            std::vector<Notice> waiting, Timestamp now,
                                            Timestamp& next) {
  std::map<std::string, std::vector<Notice>> places;
  for (Notice& notice : waiting) places[notice.target].push_back(std::move(notice));
  std::vector<Due> all;
  for (auto& [target, notices] : places) {
    const auto last_message = in.deliveries().last_message(notices.front().channel, target);
    Timestamp due = kInfinity;
    rules::Duration then = rules::Duration::max();
    Due place{target, {}, now};
    for (Notice& notice : notices) {
      const rules::Pace pace =
          pace_of(notice.problem.finding, notice.channel, notice.target, rules);
      const Timestamp wanted = message_due(pace, rules.time_zone, notice.noted, last_message);
      // What was due in its hours, and was not told by their end, is due when they begin again.
      due = std::min(
          due, pace.hours ? std::max(wanted, opens_at(*pace.hours, rules.time_zone, now)) : wanted);
      then = std::min(then, pace.then);
      if (!pace.hours || is_open(*pace.hours, rules.time_zone, now))
        place.notices.push_back(std::move(notice));
    }
    if (due <= now && !place.notices.empty()) {
      place.next_message = now + then;
      all.push_back(std::move(place));
    } else {
      next = std::min(next, due);
    }
  }
  return all;
}

Composed Composer::compose(Transaction& in, const Context& context,
                           const rules::RuleBook::InForce& rules, const rules::ChannelRule& channel,
                           Due due, Timestamp now) {
  std::map<std::int64_t, Problem> newest;
  for (const Notice& notice : due.notices)
    newest.insert_or_assign(notice.problem.id, notice.problem);
  std::vector<Problem> problems;
  problems.reserve(std::min(newest.size(), kFactsMax));
  std::set<reading::PipelineDirectory::Key> pipelines;
  for (auto& [id, problem] : newest) {
    if (problems.size() == kFactsMax) break;
    pipelines.emplace(problem.finding.key.source, pipeline_of(problem.finding));
    problems.push_back(std::move(problem));
  }
  const auto directory = directory_.look_at(pipelines, in, context, rules, now);
  std::map<std::int64_t, messages::Facts> facts;
  if (directory) facts = known_facts(in, context, *directory, *rules.rules, problems);
  for (const Notice& notice : due.notices)
    if (notice.phase == Notice::Phase::closed)
      facts[notice.problem.id].told_with = told_with(in, notice);

  messages::MessageContext said;
  said.zone = rules.rules->time_zone;
  said.now = now;
  said.page_url = addresses_.page;
  said.mage_url = addresses_.mage;
  said.details = channel.details;
  said.not_before = due.next_message;
  said.facts = [&](const Problem& problem) {
    const auto known = facts.find(problem.id);
    return known == facts.end() ? messages::Facts{} : known->second;
  };
  if (directory) {
    said.together = [&](std::int64_t delivery) { return together(in, delivery, *directory); };
    said.watched = [&](const std::string& source) {
      messages::Watched watched;
      if (const auto known = directory->pipeline_counts.find(source);
          known != directory->pipeline_counts.end())
        watched.pipelines = known->second;
      for (const Problem& each : directory->open)
        if (each.finding.key.source == source) ++watched.problems;
      return watched;
    };
  }
  Composed composed;
  composed.notices = ids_of(due.notices);
  messages::Message message = messages::compose(due.notices, said);
  if (message.empty()) return composed;
  if (message.told.size() == 1 && message.told[0].over)
    if (const auto opening = facts[message.told[0].problem].told_with)
      if (const auto sent = in.deliveries().find(*opening))
        message.thread = channels::thread_in(sent->answer);
  Delivery& delivery = composed.message.emplace();
  if (message.told.empty() || std::ranges::all_of(due.notices, is_of_first_look))
    delivery.kind = Delivery::Kind::greeting;
  delivery.channel = channel.name;
  delivery.subject = due.target;
  delivery.key = "message/" + std::to_string(context.birth.time_since_epoch().count()) + '/' +
                 std::to_string(composed.notices.front());
  delivery.content = messages::to_json(message);
  delivery.of = named(message);
  delivery.created = delivery.due = now;
  return composed;
}

}  // namespace walpulse::monitor
