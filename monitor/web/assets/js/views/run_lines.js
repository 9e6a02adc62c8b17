// Runs as a table: of a pipeline.

import { cell, h } from "../dom.js";
import { labelLinks } from "../label_links.js";
import { duration } from "../time.js";
import { since, when } from "../when.js";
import { statusWord, triggerText } from "../words.js";

const MARKS = {
  COMPLETED: ["✓", "good"],
  FAILED: ["✕", "bad"],
  CANCELLED: ["◻", "faint"],
  RUNNING: ["▸", ""],
  INITIAL: ["◌", ""],
  ORPHANED: ["▽", "warn"],
};

export function statusNode(status) {
  const [mark, tone] = MARKS[status] ?? ["?", ""];
  return h("span", { class: tone }, h("span", { "aria-hidden": "true" }, `${mark} `), statusWord(status));
}

export function madeBy(run) {
  if (run.trigger) return triggerText(run.trigger.name ?? run.trigger.id);
  return (
    { manual: "made by hand", backfill: "made by a backfill", trigger: "made by a trigger" }[run.made_by] ??
    ""
  );
}

function tookText(context, run) {
  if (run.active) return since(context, run.started_at ?? run.created_at);
  return run.seconds === null ? null : duration(run.seconds);
}

function line(context, run) {
  return h(
    "tr",
    { key: run.id, "data-row": true },
    h(
      "th",
      { scope: "row" },
      h("a", { href: context.link("run", run.id), "data-main": true }, run.run),
      run.deleted ? h("span", { class: "faint" }, " deleted in Mage") : null,
    ),
    h(
      "td",
      {},
      statusNode(run.status),
      run.attempts > 1 ? h("span", { class: "faint" }, `, attempt ${run.attempts}`) : null,
    ),
    h(
      "td",
      { "data-label": "ended" },
      run.ended_at
        ? when(context, run.ended_at, { seconds: true })
        : h("span", { class: "faint" }, "goes on"),
    ),
    cell({ class: "number", "data-label": "took" }, tookText(context, run)),
    cell({ "data-label": "slot" }, when(context, run.slot, { unknown: null })),
    cell({ class: "name", "data-label": "by" }, madeBy(run)),
    cell({ class: "name", "data-label": "labels" }, labelLinks(context, run.pipeline.id, run.labels)),
  );
}

export function runsTable(context, runs) {
  return h(
    "table",
    { class: "list" },
    h("caption", { class: "unseen" }, "Runs"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["run", "status", "ended", ["took", "number"], "slot", "by", "labels"].flatMap((column) => {
          const [text, kind] = [column].flat();
          return h("th", { scope: "col", class: kind }, text);
        }),
      ),
    ),
    h(
      "tbody",
      {},
      runs.map((run) => line(context, run)),
    ),
  );
}
