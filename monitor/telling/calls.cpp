#include "monitor/telling/calls.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "monitor/delivery/message_times.h"
#include "monitor/ledger/application/known_triggers.h"
#include "monitor/rules/after.h"

namespace walpulse::monitor {
namespace {

/// What a table's calls are counted by: it stays where another table comes or goes. FNV-1a.
std::string name_of_table(const rules::AfterRule& after) {
  std::string text = after.call.value + '\n' + after.body.text() + '\n';
  for (const std::string& end : after.is) text += end + '\n';
  text += rules::to_string(after.about);
  std::uint32_t hash = 0x811c9dc5;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(8, '0');
  for (std::size_t at = hex.size(); at-- > 0; hash >>= 4) hex[at] = kDigits[hash & 15];
  return hex;
}

/// Says of happenings what rules ask. The name of each trigger is read once.
class Subjects {
 public:
  Subjects(Transaction& in, const Context& context) : in_(in), context_(context) {}

  rules::Subject of(const Happening& happening, const SourceRow& source) {
    rules::Subject subject;
    subject.pipeline = happening.pipeline;
    subject.source = source.name;
    if (happening.trigger) subject.trigger = name_of(*happening.trigger, source);
    subject.labels.insert(happening.labels.begin(), happening.labels.end());
    return subject;
  }

 private:
  const std::optional<std::string>& name_of(std::int64_t trigger, const SourceRow& source) {
    const auto [at, is_new] = names_.try_emplace({source.id, trigger});
    if (is_new) at->second = trigger_name(in_, context_, source, trigger);
    return at->second;
  }

  Transaction& in_;
  const Context& context_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::optional<std::string>> names_;
};

class Caller {
 public:
  Caller(Transaction& in, const rules::Rules& rules, const ServerClock& clock, Timestamp wall)
      : in_(in), rules_(rules), clock_(clock), wall_(wall) {}

  Delivery call(const rules::AfterRule& after, const Happening& happening,
                const rules::Subject& subject) {
    const std::string run = *subject.source + ':' + std::to_string(happening.run);
    const std::string key_begin = name_of_table(after) + '/';
    Delivery made;
    made.kind = Delivery::Kind::call;
    made.channel = after.call.value;
    made.subject = run;
    made.key = key_begin + run + '/' + happening.status + '/' + std::to_string(happening.nth);
    made.of = "run " + run + ' ' + happening.status;
    made.created = made.due = wall_;
    const rules::RunEnd end{happening.run,   happening.status,  happening.nth,
                            happening.at,    happening.trigger, happening.seconds,
                            happening.block, happening.error,   happening.traceparent,
                            made.key};
    made.content = after.body.render(values_of(rules_, after, subject, end));
    const Timestamp server_now = clock_.now_at(*subject.source);
    made.expires = expires(happening.at, server_now, after.not_older_than, wall_);
    if (is_too_old(happening.at, server_now, after.not_older_than)) {
      end_unmade(made, Delivery::State::too_old,
                 "it ended " + to_rfc3339(happening.at) + ", longer ago than not_older_than, " +
                     rules::to_string(*after.not_older_than) + ", allows");
    } else if (after.at_most && !may_call(after, key_begin)) {
      end_unmade(made, Delivery::State::dropped,
                 "more than at_most, " + rules::to_string(*after.at_most) + ", allows: see " +
                     rules::to_string(rules_, after.place));
    }
    return made;
  }

 private:
  void end_unmade(Delivery& call, Delivery::State state, std::string why) const {
    call.state = state;
    call.ended = wall_;
    call.answer = std::move(why);
  }

  /// Counts it where it may be made.
  bool may_call(const rules::AfterRule& after, const std::string& key_begin) {
    const auto [count, is_new] = made_.try_emplace(&after, 0);
    if (is_new)
      count->second =
          in_.deliveries().calls_since(after.call.value, key_begin, wall_ - after.at_most->per);
    if (!monitor::may_call(CallLimit{after.at_most->count, after.at_most->per}, count->second))
      return false;
    ++count->second;
    return true;
  }

  Transaction& in_;
  const rules::Rules& rules_;
  const ServerClock& clock_;
  const Timestamp wall_;
  std::map<const rules::AfterRule*, std::int64_t> made_;
};

}  // namespace

std::vector<Delivery> calls_of(Transaction& in, const Context& context,
                               std::span<const Happening> happenings, const rules::Rules& rules,
                               const ServerClock& clock, Timestamp wall) {
  std::vector<Delivery> calls;
  if (rules.afters.empty()) return calls;
  Caller caller(in, rules, clock, wall);
  Subjects subjects(in, context);
  for (const Happening& happening : happenings) {
    const auto source = std::ranges::find(context.sources, happening.source, &SourceRow::id);
    if (source == context.sources.end()) continue;
    const rules::Subject subject = subjects.of(happening, *source);
    for (const rules::AfterRule* after : rules::afters_of(rules, subject, happening.status))
      calls.push_back(caller.call(*after, happening, subject));
  }
  return calls;
}

}  // namespace walpulse::monitor
