// Beside the last success, and beside what is usual.

import { h } from "../dom.js";
import { duration } from "../time.js";
import { usualText } from "../usual.js";
import { instantOf, when } from "../when.js";
import { cut, labelsText } from "../words.js";
import { progressBar } from "../bars.js";
import { differences } from "./run_compare.js";

export function usualNode(context, answer) {
  const { run } = answer;
  const usual = usualText(answer);
  if (!usual) return null;
  const seconds = run.active
    ? (context.now - instantOf(run.started_at ?? run.created_at)) / 1000
    : run.seconds;
  return h(
    "section",
    {},
    h(
      "p",
      { class: "faint" },
      `${usual}, of the last ${answer.usual_of} completed runs`,
    ),
    Number.isFinite(seconds)
      ? progressBar(Math.max(0, seconds), answer.usual_seconds, answer.nine_of_ten_seconds)
      : null,
  );
}

function valueText({ unit }, value) {
  return unit === "seconds" ? duration(value) : cut(value, 120);
}

export function againstNode(context, answer) {
  const { last_success: success, run } = answer;
  if (success === null || success === undefined) {
    return h(
      "section",
      {},
      h("h2", {}, "Against the last success"),
      h("p", { class: "faint" }, "No run of this pipeline completed before it, as far as walpulse knows."),
    );
  }
  const lines = differences(run, answer.blocks, success);
  const labels = labelsText(run.labels);
  const isOfOthers = labelsText(success.run.labels) !== labels;
  return h(
    "section",
    {},
    h(
      "h2",
      {},
      "Against the last success (",
      h("a", { href: context.link("run", success.run.id) }, success.run.run),
      " ",
      when(context, success.run.ended_at),
      ")",
    ),
    isOfOthers
      ? h(
          "p",
          { class: "faint name" },
          labels ? `No run with ${cut(labels, 80)} completed before it: ` : "No run without labels completed before it: ",
          `this one is ${labelsText(success.run.labels) ? `of ${cut(labelsText(success.run.labels), 80)}` : "of no label"}.`,
        )
      : null,
    lines.length
      ? h(
          "table",
          {},
          h("caption", { class: "unseen" }, "What differs"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["", "this run", "the last success"].map((text) =>
                text ? h("th", { scope: "col" }, text) : h("td", {}),
              ),
            ),
          ),
          h(
            "tbody",
            {},
            lines.map((line) =>
              h(
                "tr",
                { key: line.what },
                h("th", { scope: "row", class: "name" }, cut(line.what, 80)),
                h("td", {}, valueText(line, line.now)),
                h("td", {}, valueText(line, line.before)),
              ),
            ),
          ),
        )
      : h("p", { class: "faint" }, "Nothing that walpulse sees is different."),
  );
}
