// How a pipeline stands, in one word with its mark.

import { h } from "../dom.js";
import { labelLinks } from "../label_links.js";
import { when } from "../when.js";
import { counted, kindMark, kindWord, KINDS } from "../words.js";

const WORDS = {
  unusual: ["unusual", "~"],
  never_ran: ["never ran", "·"],
  paused: ["paused", "‖"],
  fine: ["fine", "✓"],
};

/** Since when what is so: a run that takes too long began before it did. */
const SINCE_WORDS = { too_long: "running since ", waiting: "made ", not_started: "due ", not_done: "wanted by " };

export function stateWord(state) {
  return WORDS[state]?.[0] ?? kindWord(state);
}

export const STATES = [
  ...Object.keys(KINDS).filter((kind) => !["scheduler", "blind"].includes(kind)),
  ...Object.keys(WORDS),
];

export function stateNode(context, pipeline, withSince = true) {
  const isProblem = pipeline.state in KINDS;
  const tone =
    pipeline.muted || !isProblem
      ? pipeline.state === "unusual"
        ? "warn"
        : "calm"
      : pipeline.severity === "page" || pipeline.state === "failing"
        ? "bad"
        : "warn";
  return [
    h(
      "span",
      { class: `word ${tone}` },
      h("span", { "aria-hidden": "true" }, `${WORDS[pipeline.state]?.[1] ?? kindMark(pipeline.state)} `),
      stateWord(pipeline.state),
      pipeline.muted ? ", muted" : null,
    ),
    withSince ? whoseRuns(context, pipeline) : null,
    withSince && pipeline.since
      ? h("span", { class: "faint" }, SINCE_WORDS[pipeline.state] ?? "since ", when(context, pipeline.since))
      : null,
    withSince && pipeline.problem_count > 1
      ? h("span", { class: "faint" }, ` and ${counted(pipeline.problem_count - 1, "problem")} more`)
      : null,
    withSince && pipeline.not_made_good_count
      ? h("span", { class: "warn" }, ` ${counted(pipeline.not_made_good_count, "slot")} not made good`)
      : null,
  ];
}

/** "for partner=acme": of one partner of many it says which, the others may be fine. */
function whoseRuns(context, pipeline) {
  const links = labelLinks(context, pipeline.id, pipeline.labels);
  return links ? [h("span", { class: "labels" }, "for ", links), " "] : null;
}

/** Why it is called unusual: the value and what is usual. */
export function unusualText(duration, unusual) {
  if (!unusual) return null;
  const range = `usual is ${duration(unusual.low_seconds)} to ${duration(unusual.high_seconds)}`;
  return unusual.running
    ? `run ${unusual.run} goes on for longer than is usual (${range})`
    : `run ${unusual.run} took ${duration(unusual.seconds)} (${range})`;
}
