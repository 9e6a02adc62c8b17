#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "monitor/messages/compose.h"

namespace walpulse::monitor::messages {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// 28 November 2026, a Saturday; Lisbon has UTC's time then.
constexpr Timestamp kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};
constexpr Timestamp at(int hour, int minute, int second = 0) {
  return kMidnight + hours(hour) + minutes(minute) + seconds(second);
}

inline Problem problem(ProblemKind kind, std::string subject, Timestamp since, Evidence evidence) {
  static std::int64_t next = 100;
  Problem made;
  made.id = ++next;
  made.finding.key = {kind, "mage-db", std::move(subject), ""};
  made.finding.since = since;
  made.finding.evidence = std::move(evidence);
  made.opened = since;
  return made;
}

/// Notices in the order in which they were noted, and the facts of their subjects.
class Notices {
 public:
  Notices& add(Notice::Phase phase, Problem of, Facts facts = {}) {
    Notice notice;
    notice.id = static_cast<std::int64_t>(notices.size()) + 1;
    notice.phase = phase;
    facts_.insert_or_assign(of.id, std::move(facts));
    notice.problem = std::move(of);
    notices.push_back(std::move(notice));
    return *this;
  }
  Notices& opened(Problem of, Facts facts = {}) {
    return add(Notice::Phase::opened, std::move(of), std::move(facts));
  }
  Notices& closed(Problem of, Timestamp when, Facts facts = {}) {
    of.closed = when;
    return add(Notice::Phase::closed, std::move(of), std::move(facts));
  }

  MessageContext context(Timestamp now) const {
    MessageContext made;
    made.zone = *rules::TimeZone::named("Europe/Lisbon");
    made.now = now;
    made.page_url = "https://walpulse.example.com/";
    made.mage_url = "https://mage.example.com";
    made.facts = [this](const Problem& of) { return facts_.at(of.id); };
    return made;
  }
  Message message(Timestamp now) const { return compose(notices, context(now)); }

  std::vector<Notice> notices;

 private:
  std::map<std::int64_t, Facts> facts_;
};

/// The message as a person reads it: signs, links in brackets.
inline std::string shown(const Message& message) {
  std::string text;
  for (const MessagePart& part : message.parts) {
    text += ':' + std::string(sign_of(part.mood)) + ": " + plain_text(part.headline) + '\n';
    for (const Line& line : part.lines) text += plain_text(line) + '\n';
    for (const Link& link : part.links) text += '[' + link.text + "] " + link.url + '\n';
  }
  return text;
}

inline Problem failing_once() {
  return problem(ProblemKind::failing, "daily_sales partner=acme", at(2, 4),
                 {{"failed_in_a_row", "1"},
                  {"run", "812"},
                  {"pipeline", "daily_sales"},
                  {"label.partner", "acme"},
                  {"runbook", "https://wiki.example.com/sales"}});
}
inline Facts facts_of_first() {
  Facts facts;
  facts.successes_before = 41;
  facts.trigger = "nightly";
  facts.run_began = at(2, 0, 5);
  facts.run_ended = at(2, 4, 17);
  facts.usual = minutes(12);
  facts.next_run = at(26, 0);
  return facts;
}

}  // namespace walpulse::monitor::messages
