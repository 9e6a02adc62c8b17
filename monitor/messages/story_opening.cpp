#include <string>

#include "monitor/messages/story.h"
#include "monitor/messages/subject_names.h"

namespace walpulse::monitor::messages {
namespace {

/// Adds a sentence behind another: "; last success yesterday 02:11".
void join(std::string& text, const char* between, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : between) + more;
}

std::string run_number(const StoryPieces& of) {
  if (of.facts.run) return std::to_string(*of.facts.run);
  const auto run = number_said(of.finding, "run");
  return run ? std::to_string(*run) : "";
}

std::string next_run(const StoryPieces& of) {
  return of.facts.next_run ? " Next run " + of.time.at(*of.facts.next_run) + '.' : "";
}

std::string last_success(const StoryPieces& of) {
  return of.facts.last_success ? "last success " + of.time.at(*of.facts.last_success) : "";
}

/// "run 812, trigger nightly"
std::string run_said(const StoryPieces& of) {
  std::string text;
  if (const std::string run = run_number(of); !run.empty()) text = "run " + run;
  if (!of.facts.trigger.empty()) join(text, ", ", "trigger " + cleaned(of.facts.trigger, 60));
  return text;
}

std::string first_failure(const StoryPieces& of) {
  std::string text = run_said(of);
  if (of.facts.run_began && of.facts.run_ended) {
    text += (text.empty() ? "" : ": ") + of.time.span(*of.facts.run_began, *of.facts.run_ended) +
            ' ' + of.time.place() + ", " +
            with_usual(*of.facts.run_ended - *of.facts.run_began, of.facts, false);
  } else {
    join(text, ": ", of.time.at_place(of.finding.since));
  }
  if (of.facts.retries != 0) join(text, ", ", "retried " + counted(of.facts.retries, "time"));
  return text + '.' + next_run(of);
}

std::string later_failure(const StoryPieces& of) {
  std::string text = run_said(of);
  join(text, ", ", "failing since " + of.time.at_place(of.finding.since));
  if (of.facts.retries != 0) text += " (retried " + counted(of.facts.retries, "time") + ')';
  join(text, "; ", last_success(of));
  return text + '.' + next_run(of);
}

MessagePart failing(const StoryPieces& of) {
  const Facts& facts = of.facts;
  const std::uint64_t count = number_said(of.finding, "failed_in_a_row").value_or(1);
  Text headline;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" failed");
  if (!facts.block.empty()) headline.say(" at block ").name(facts.block);
  if (count > 1) {
    headline.say(", " + ordinal(count) + " time in a row");
    if (facts.same_block) headline.say(", the same block each time");
  } else if (facts.successes_before && *facts.successes_before != 0) {
    headline.say(", after " + (*facts.successes_before == 1
                                   ? std::string("a success")
                                   : std::to_string(*facts.successes_before) + " successes"));
  }
  MessagePart part{Mood::red, headline.take(), {}, {}};
  if (!facts.error.empty()) part.lines.push_back(Text().value(facts.error, kTextLengthMax).take());
  part.lines.push_back(Text().say(count > 1 ? later_failure(of) : first_failure(of)).take());
  return part;
}

MessagePart not_started(const StoryPieces& of) {
  const Facts& facts = of.facts;
  const Timestamp due = time_said(of.finding, "slot").value_or(of.finding.since);
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" did not start: due " + of.time.at_place(due) + ", no run after " +
               lasted(of.problem.opened - due));
  const std::string_view trigger = said(of.finding, "trigger");
  if (!trigger.empty()) line.say("trigger ").value(trigger, 60);
  if (!facts.interval.empty())
    line.say(trigger.empty() ? "its interval is " : " (").code(facts.interval).say(" UTC");
  if (!facts.interval.empty() && !trigger.empty()) line.say(")");
  line.say(line.empty() ? "Its trigger is active" : " is active");
  if (facts.last_run) {
    line.say("; its last run was " + of.time.at(*facts.last_run));
    if (!facts.last_run_status.empty()) line.say(", ").value(facts.last_run_status, 30);
  }
  line.say(".");
  if (const auto missed = number_said(of.finding, "missed"); missed && *missed > 1)
    line.say(' ' + std::to_string(*missed) + " slots have no run.");
  if (facts.others_started && *facts.others_started != 0)
    line.say(
        ' ' + counted(*facts.others_started, "other trigger") +
        " did start since, so the scheduler lives: look for a missing or broken pipeline file.");
  return {Mood::clock, headline.take(), {line.take()}, {}};
}

MessagePart scheduler(const StoryPieces& of) {
  Text headline, line;
  headline.say_strongly("Mage's scheduler starts nothing")
      .say(" since " + of.time.at_place(of.finding.since));
  const auto due = number_said(of.finding, "due"), missing = number_said(of.finding, "missing");
  if (due && missing)
    headline.say(": " + std::to_string(*missing) + " of " + counted(*due, "due run") +
                 (*missing == 1 ? " is missing" : " are missing"));
  if (of.facts.last_run) line.say("last run created " + of.time.at(*of.facts.last_run) + ". ");
  line.say("Source ").value(of.finding.key.source, 60);
  line.say(
      ". One message for all of them; they follow one by one only if they stay away when it is "
      "back.");
  return {Mood::clock, headline.take(), {line.take()}, {}};
}

MessagePart waiting(const StoryPieces& of) {
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" waits to start, for " + lasted(of.problem.opened - of.finding.since));
  std::string text = run_said(of);
  join(text, " ", "has been INITIAL since " + of.time.at_place(of.finding.since));
  line.say(text + ": Mage runs no more at once than it may, or its scheduler stands.");
  return {Mood::hourglass, headline.take(), {line.take()}, {}};
}

MessagePart too_long(const StoryPieces& of) {
  const Facts& facts = of.facts;
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" has been running for " + lasted(of.problem.opened - of.finding.since));
  std::string limits;
  if (facts.limit) join(limits, ", ", "limit " + lasted(*facts.limit));
  if (facts.usual) join(limits, ", ", "usual " + lasted(*facts.usual));
  if (!limits.empty()) headline.say(" (" + limits + ')');
  line.say(run_said(of));
  line.say((line.empty() ? "since " : ", since ") + of.time.at_place(of.finding.since));
  if (!facts.block.empty()) {
    line.say("; at block ").name(facts.block);
    if (facts.block_since) line.say(" since " + of.time.at(*facts.block_since));
  }
  if (const auto runs = number_said(of.finding, "runs"))
    line.say("; " + counted(*runs, "run") + " of it do");
  line.say(".");
  return {Mood::hourglass, headline.take(), {line.take()}, {}};
}

MessagePart not_done(const StoryPieces& of) {
  const Facts& facts = of.facts;
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" is not done: wanted by " +
               of.time.at_place(time_said(of.finding, "deadline").value_or(of.finding.since)));
  if (facts.running_since) {
    line.say("running since " + of.time.at(*facts.running_since) + ", " +
             with_usual(of.problem.opened - *facts.running_since, facts, true) + '.');
  } else {
    std::string text = "no run of it goes on";
    join(text, "; ", last_success(of));
    line.say(text + '.' + next_run(of));
  }
  return {Mood::hourglass, headline.take(), {line.take()}, {}};
}

MessagePart stale(const StoryPieces& of) {
  const auto last = time_said(of.finding, "last_success");
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" had no success for " + lasted(of.problem.opened - of.finding.since));
  std::string text = last ? "last success " + of.time.at_place(*last)
                          : "none is known since " + of.time.at_place(of.finding.since);
  if (of.facts.limit) text += ", wanted every " + lasted(*of.facts.limit);
  line.say(text + '.' + next_run(of));
  return {Mood::hourglass, headline.take(), {line.take()}, {}};
}

MessagePart not_running(const StoryPieces& of) {
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" is not running, and is to run for ever");
  line.say("it ran last " +
           of.time.at_place(time_said(of.finding, "last_ran").value_or(of.finding.since)) + '.');
  return {Mood::red, headline.take(), {line.take()}, {}};
}

MessagePart abandoned(const StoryPieces& of) {
  const std::string run = run_number(of);
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(": Mage will never end " + (run.empty() ? "a run" : "run " + run));
  line.say("its trigger was deleted " + of.time.at_place(of.finding.since) + ". Cancel it: ")
      .code("PUT /api/pipeline_runs/" + (run.empty() ? "RUN" : run) +
            " {\"pipeline_run\": {\"status\": \"cancelled\"}}");
  return {Mood::warning, headline.take(), {line.take()}, {}};
}

MessagePart blind(const StoryPieces& of) {
  Text headline, line;
  headline.say_strongly("walpulse cannot see " + cleaned(of.finding.key.source));
  headline.say(" since " + of.time.at_place(of.finding.since) + ": ");
  const std::string_view reason = said(of.finding, "reason");
  if (reason.empty())
    headline.say("nothing comes");
  else
    headline.value(reason);
  line.say("Blind for " + lasted(of.context.now - of.finding.since) +
           ". Lateness is not judged until it is back.");
  return {Mood::warning, headline.take(), {line.take()}, {}};
}

/// A kind that has no sentences of its own.
MessagePart any(const StoryPieces& of, Mood mood) {
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(": " + std::string(title_of(of.finding.key.kind)));
  line.say("since " + of.time.at_place(of.finding.since));
  if (of.context.details == Details::all)
    for (const auto& [name, value] : of.finding.evidence)
      line.say("; ").value(name, 40).say(" ").value(value, 200);
  return {mood, headline.take(), {line.take()}, {}};
}

}  // namespace

MessagePart opening_of(const StoryPieces& of) {
  switch (of.finding.key.kind) {
    case ProblemKind::failing:
      return failing(of);
    case ProblemKind::not_started:
      return not_started(of);
    case ProblemKind::waiting:
      return waiting(of);
    case ProblemKind::too_long:
      return too_long(of);
    case ProblemKind::not_done:
      return not_done(of);
    case ProblemKind::stale:
      return stale(of);
    case ProblemKind::not_running:
      return not_running(of);
    case ProblemKind::abandoned:
      return abandoned(of);
    case ProblemKind::scheduler:
      return scheduler(of);
    case ProblemKind::blind:
      return blind(of);
    case ProblemKind::check_failed:
      return any(of, Mood::red);
    case ProblemKind::undelivered:
      return any(of, Mood::warning);
  }
  return any(of, Mood::warning);
}

}  // namespace walpulse::monitor::messages
