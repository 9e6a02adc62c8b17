// Whether what is wanted by a time of day is done, or will be.

import { h } from "../dom.js";
import { instantOf, when, whenClock } from "../when.js";
import { cut, nameText, number } from "../words.js";
import { dayOf, duration, zoneName } from "../time.js";

function isLater(one, other) {
  return instantOf(one) > instantOf(other);
}

/** "06:12" on the deadline's own day, with its day on another. */
function beside(context, text, deadline) {
  const day = (each) => dayOf(instantOf(each), context.zone);
  return day(text) === day(deadline) ? whenClock(context, text) : when(context, text);
}

/** What makes it doubtful that the next run will be as those before it. */
const DOUBTS = { failing: "failing now", not_started: "its last run did not start", stale: "without a success for long" };

/** Null: none; undefined: not all problems are known. */
function doubtOf(problems, pipeline) {
  const isDoubt = (each) => each.kind in DOUBTS && !each.closed_at && each.pipeline?.id === pipeline.id;
  return problems ? (problems.find(isDoubt) ?? null) : undefined;
}

/** Whether that is soon enough. */
function judged(context, next, problem) {
  if (isLater(next.expected_at, next.at)) return h("strong", { class: "warn" }, ": later than wanted");
  if (problem) return h("strong", { class: "warn" }, `, but ${DOUBTS[problem.kind]}`);
  if (problem === undefined) return null;
  const spare = (instantOf(next.at) - instantOf(next.expected_at)) / 1000;
  return `: in time, ${duration(spare)} to spare`;
}

/** "usually done by 06:20: in time, 40 min to spare"; and what is to be thought of it where it is over, or too late. */
function expectedText(context, next, problem) {
  if (!next.expected_at) return null;
  const at = beside(context, next.expected_at, next.at);
  if (instantOf(next.expected_at) < context.now)
    return [", ", h("strong", { class: "warn" }, "though usually done by ", at)];
  return [
    next.under_way ? ", done by about " : ", usually done by ",
    at,
    judged(context, next, problem),
  ];
}

/** "done 06:12", "on its way, done by about 06:10: ...", "not yet, usually done by 06:20: ...". `problem` is one that is
 *  open beside it. */
function workText(context, next, problem) {
  if (next.done) return ["done", next.done_at ? [" ", beside(context, next.done_at, next.at)] : null];
  return [next.under_way ? "on its way" : "not yet", expectedText(context, next, problem)];
}

function lastWorkText(context, last) {
  if (!last.done) return [h("strong", { class: "bad" }, "not done")];
  if (!last.done_at) return ["done"];
  const late = (instantOf(last.done_at) - instantOf(last.at)) / 1000;
  return ["done ", beside(context, last.done_at, last.at), late > 0 ? `, ${duration(late)} late` : null];
}

/** Of one pipeline, as a sentence. */
export function deadlineNode(context, deadline, problems) {
  if (!deadline) return null;
  const { last, next } = deadline;
  return h(
    "p",
    { id: "deadline" },
    h(
      "strong",
      {},
      `To be done by ${cut(deadline.done_by, 120)} ${zoneName(deadline.time_zone, context.now)}`,
    ),
    ": ",
    last ? [when(context, last.at), " ", lastWorkText(context, last), "; next "] : null,
    when(context, next.at),
    " ",
    workText(context, next, doubtOf(problems, deadline.pipeline)),
    ".",
  );
}

function deadlineLine(context, deadline, problems) {
  const { pipeline, next } = deadline;
  return h(
    "li",
    { key: pipeline.id, "data-row": true },
    when(context, next.at),
    " ",
    h(
      "a",
      { class: "name", href: context.link("pipeline", pipeline.id), "data-main": true },
      nameText(pipeline.name, 80),
    ),
    " ",
    h("span", { class: next.done ? "good" : null }, next.done ? "✓ " : null, workText(context, next, doubtOf(problems, pipeline))),
  );
}

/** What is wanted within a day; null where the rules want nothing by a time. */
export function deadlinesNode(context, overview, problems) {
  if (!overview.deadline_count) return null;
  const rest = overview.deadline_count - overview.deadlines.length;
  return h(
    "section",
    {},
    h("h2", {}, `To be done within ${duration(overview.deadline_window_seconds).replace("1 d", "24 h")}`),
    h(
      "ul",
      { class: "lines" },
      overview.deadlines.map((deadline) => deadlineLine(context, deadline, problems)),
    ),
    rest > 0
      ? h(
          "p",
          { class: "faint" },
          `and ${number(rest)} more; ${number(overview.deadline_done_count)} of ` +
            `${number(overview.deadline_count)} are done`,
        )
      : null,
  );
}
