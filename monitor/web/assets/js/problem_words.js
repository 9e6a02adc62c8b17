// A problem as a person tells it. Everything in it is a text or a time; nothing is guessed: what is not known is not
// said.

import { h, joined } from "./dom.js";
import { instantOf, since, when } from "./when.js";
import { usualText } from "./usual.js";
import { counted, cut, triggerText } from "./words.js";

/** "pipeline" and its labels apart, since the name alone is the link. */
export function problemName(problem) {
  if (!problem.pipeline) return problem.subject || problem.source;
  return problem.pipeline.name;
}

/** "3 in a row since 02:04 (5 h 8 min)". */
export function sinceText(context, problem) {
  const span = [when(context, problem.since), ` (${since(context, problem.since)})`];
  const evidence = problem.evidence ?? {};
  switch (problem.kind) {
    case "failing":
      return problem.failed_in_a_row > 1
        ? [`${problem.failed_in_a_row} in a row since `, span]
        : ["since ", span];
    case "not_started":
      return [
        "due ",
        when(context, evidence.slot ?? problem.since),
        Number(evidence.missed) > 1
          ? `, ${counted(Number(evidence.missed), "slot")} missed since`
          : `, ${since(context, problem.since)} ago`,
      ];
    case "not_done":
      return [
        "wanted by ",
        when(context, evidence.deadline ?? problem.since),
        `, ${since(context, problem.since)} ago`,
      ];
    case "too_long":
      return ["running since ", span];
    case "waiting":
      return ["waiting since ", span];
    case "stale":
      return ["no success since ", evidence.last_success === "none known" ? "walpulse came" : span];
    default:
      return ["since ", span];
  }
}

const CAUSES = {
  block_timeout: (block) => ["a block ran into its time limit: ", block],
  run_timeout: () => ["the run ran into its time limit"],
  initialisation: () => ["its blocks could not be made: look for a broken pipeline file"],
};

/** "at block load_sales"; null where nothing is known. */
export function causeText(cause) {
  if (!cause || cause.cause === "unknown") return null;
  const block = h("code", { class: "name" }, cut(cause.block ?? "?", 80));
  return CAUSES[cause.cause]?.(block) ?? ["at block ", block];
}

/** "Is it the same as yesterday?" Where it failed so before its last success, or has failed so only since. */
function sameSince(context, problem) {
  const same = instantOf(problem.same_cause_since);
  const began = instantOf(problem.since);
  if (!same || Math.abs(same - began) < 1000) return null;
  if (same < began) return [", as it did ", when(context, problem.same_cause_since), " already"];
  return problem.same_cause === false ? [": this one since ", when(context, problem.same_cause_since)] : null;
}

/** "limit 6 h by finance.toml:3". Where the file lies stands with the rules that apply. */
function limitText({ limit, rule }) {
  if (!limit) return null;
  const spoken = limit.replace(/(\d+)([smhd])/g, (_, count, unit) =>
    `${count} ${{ s: "s", m: "min", h: "h", d: "d" }[unit]}`,
  );
  return `limit ${spoken}${rule ? ` by ${cut(rule.split("/").at(-1), 60)}` : ""}`;
}

function failingWhy(context, problem) {
  const cause = causeText(problem.cause);
  if (!cause) return ["its blocks do not say why"];
  return [
    cause,
    problem.same_cause === true
      ? ", the same each time"
      : problem.same_cause === false
        ? ", another than before"
        : "",
    sameSince(context, problem),
    problem.cause.error ? [": ", h("q", { class: "name" }, cut(problem.cause.error, 160))] : null,
  ];
}

/** What stands below the name: why, as far as walpulse knows. */
export function whyText(context, problem) {
  const evidence = problem.evidence ?? {};
  const usual = usualText(problem);
  const run = problem.run === null ? null : `run ${problem.run}`;
  switch (problem.kind) {
    case "failing":
      return failingWhy(context, problem);
    case "not_started":
      return [
        h(
          "span",
          { class: "name" },
          triggerText(problem.trigger?.name ?? evidence.trigger ?? "?", 80),
        ),
        " is active and made no run",
      ];
    case "too_long":
      return joined([run, limitText(evidence), usual], ", ");
    case "waiting":
      return joined([run && `${run} was made, and Mage has not begun it`, limitText(evidence)], ", ");
    case "not_done":
      return joined([run ?? "no run goes on", usual], ", ");
    case "abandoned":
      return [`run ${problem.run ?? "?"} goes on, its trigger is gone: Mage never ends it`];
    case "scheduler":
      return [
        `${evidence.missing ?? "?"} of ${evidence.due ?? "?"} due runs are missing: one problem for all of them`,
      ];
    case "blind":
      return [evidence.reason ?? "no heartbeat", ". Lateness is not judged until it is back"];
    case "not_running":
      return ["it ought to run for ever"];
    case "stale":
      return [usual ?? ""];
    default:
      return [
        Object.entries(evidence)
          .map(([name, value]) => `${name} ${cut(value, 60)}`)
          .join(", "),
      ];
  }
}

/** "until 09:00, ana: vendor is down". */
export function muteText(context, mute) {
  const until =
    mute.until_recovered || !mute.until ? "until it is over" : ["until ", when(context, mute.until)];
  return [until, ", ", h("span", { class: "name" }, `${cut(mute.created_by, 60)}: ${cut(mute.reason, 200)}`)];
}

/** "last success yesterday 02:11, next run tomorrow 02:00". */
export function nextText(context, problem) {
  const parts = [];
  if (problem.pipeline) {
    parts.push(
      problem.last_success_at
        ? ["last success ", when(context, problem.last_success_at)]
        : "no success known",
    );
  }
  if (problem.next_due_at) parts.push(["next run ", when(context, problem.next_due_at)]);
  return parts.flatMap((part, index) => (index ? [", ", part] : [part]));
}
