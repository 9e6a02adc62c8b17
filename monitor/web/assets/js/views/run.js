// One run: what it did, and what is different from the last that completed.

import { h, outward } from "../dom.js";
import { problemRow } from "../problem_row.js";
import { toldNode } from "../told_words.js";
import { labelLinks } from "../label_links.js";
import { causeText } from "../problem_words.js";
import { clockSeconds, dayOf, duration } from "../time.js";
import { instantOf, since, when } from "../when.js";
import { cut, nameText, statusWord } from "../words.js";
import { blocksNode } from "./run_blocks.js";
import { madeBy } from "./run_lines.js";
import { usualNode, againstNode } from "./run_against.js";
import { stepsNode } from "./run_steps.js";

export function runPaths(route) {
  return [`/runs/${encodeURIComponent(route.id)}?include=steps,blocks,last_success`];
}

export function runTitle(context, [{ run }]) {
  return `${run.run} ${statusWord(run.status)}, ${nameText(run.pipeline.name, 60)}`;
}

/** "02:00:05-02:04:17"; with the day where it is another than today's. */
function between(context, run) {
  const from = instantOf(run.started_at);
  const to = instantOf(run.ended_at);
  if (!from || !to) return null;
  const sameDay = dayOf(from, context.zone) === dayOf(to, context.zone);
  return [
    when(context, run.started_at, { seconds: true }),
    "-",
    sameDay
      ? h("time", { datetime: run.ended_at }, clockSeconds(to, context.zone))
      : when(context, run.ended_at, { seconds: true }),
  ];
}

function sentenceOfRun(context, { run, cause }) {
  const at = run.status === "FAILED" ? causeText(cause) : null;
  const parts = [
    [
      h("strong", { class: run.status === "FAILED" ? "bad" : null }, run.status),
      at ? [" ", at] : null,
      run.active
        ? [" for ", since(context, run.started_at ?? run.created_at)]
        : run.seconds === null
          ? null
          : ` after ${duration(run.seconds)}`,
    ],
    between(context, run),
    madeBy(run) || null,
    labelLinks(context, run.pipeline.id, run.labels),
  ];
  return h(
    "p",
    { class: "lead name" },
    parts.filter(Boolean).flatMap((part, index) => (index ? [", ", part] : [part])),
    ".",
  );
}

function marks(run) {
  return [
    run.deleted ? h("p", { class: "warn" }, "Deleted in Mage: kept here.") : null,
    run.attempts > 1 ? h("p", {}, `Attempt ${run.attempts}: it was started again after an end.`) : null,
  ];
}

export function runNode(context, [answer]) {
  const { run, cause } = answer;
  const open = answer.problems.filter((problem) => problem.run === run.run || problem.state !== "closed");
  return [
    h(
      "h1",
      {},
      `Run ${run.run} `,
      h(
        "a",
        { class: "name", href: context.link("pipeline", run.pipeline.id) },
        nameText(run.pipeline.name, 200),
      ),
    ),
    sentenceOfRun(context, answer),
    cause?.error ? h("blockquote", { class: "name" }, cut(cause.error, 2000)) : null,
    marks(run),
    answer.remedy
      ? h("section", {}, h("h2", { class: "warn" }, "Mage never ends it"), h("pre", {}, answer.remedy))
      : null,
    h(
      "p",
      { class: "doing" },
      outward(run.mage_url, "Run in Mage", { class: "button" }),
      " ",
      outward(run.mage_logs_url, "Logs in Mage", { class: "button" }),
      run.slot ? h("span", { class: "faint" }, " for the slot ", when(context, run.slot)) : null,
    ),
    usualNode(context, answer),
    againstNode(context, answer),
    blocksNode(context, answer.blocks),
    answer.steps ? stepsNode(context, answer.steps) : null,
    open.length
      ? h(
          "section",
          {},
          h("h2", {}, "Open problems of its pipeline"),
          open.map((problem) => [problemRow(context, problem), toldNode(context, problem)]),
        )
      : null,
  ];
}
