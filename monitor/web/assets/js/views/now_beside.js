// Beside the problems: what is fine again, what goes on, what comes next. A sentence where there is nothing.

import { h, outward } from "../dom.js";
import { progressBar } from "../bars.js";
import { problemName } from "../problem_words.js";
import { labelLinks } from "../label_links.js";
import { duration } from "../time.js";
import { usualText } from "../usual.js";
import { away, instantOf, when, whenClock } from "../when.js";
import { counted, cut, kindWord, nameText, number, statusWord, triggerText } from "../words.js";

function nameLink(context, pipeline) {
  return h(
    "a",
    { class: "name", href: context.link("pipeline", pipeline.id), "data-main": true },
    nameText(pipeline.name, 80),
  );
}

function hours(seconds) {
  return duration(seconds).replace(" 0 min", "");
}

export function backToNormalNode(context, overview) {
  const window = hours(overview.back_to_normal_window_seconds);
  const items = overview.back_to_normal.map((problem) =>
    h(
      "li",
      { key: problem.id, "data-row": true },
      h(
        "span",
        { class: "word calm" },
        h("span", { "aria-hidden": "true" }, "✓ "),
        `was ${kindWord(problem.kind)}`,
      ),
      problem.pipeline
        ? nameLink(context, problem.pipeline)
        : h("span", { class: "name" }, cut(problemName(problem), 80)),
      " fine since ",
      when(context, problem.closed_at),
      `, after ${duration((Date.parse(problem.closed_at) - Date.parse(problem.since)) / 1000)}`,
    ),
  );
  return h(
    "section",
    {},
    h("h2", {}, "Back to normal"),
    items.length
      ? h("ul", { class: "lines" }, items)
      : h("p", { class: "faint" }, `No problem ended in the last ${window}.`),
  );
}

/** "and 3 more runs", which leads to them. */
function moreLink(context, count, what, choices) {
  if (count <= 0) return null;
  return h("p", {}, h("a", { href: context.link("pipelines", null, choices) }, `and ${counted(count, what)}`));
}

function goingOnLine(context, run) {
  const seconds = Math.max(0, (context.now - instantOf(run.since)) / 1000);
  const labels = labelLinks(context, run.pipeline.id, run.labels);
  const usual = usualText(run) ?? "too few runs to know what is usual";
  return h(
    "li",
    { key: run.id, "data-row": true },
    nameLink(context, run.pipeline),
    labels ? [" ", labels] : null,
    " ",
    h("a", { href: context.link("run", run.id) }, `run ${run.run}`),
    run.status === "RUNNING"
      ? ` ${duration(seconds)}`
      : ` ${statusWord(run.status)} for ${duration(seconds)}`,
    run.unusual ? h("strong", { class: "warn" }, " unusually long") : null,
    h("span", { class: "faint" }, `, ${usual}`),
    " ",
    outward(run.mage_url, "in Mage"),
    progressBar(seconds, run.usual_seconds, run.nine_of_ten_seconds),
  );
}

export function goingOnNode(context, overview) {
  const more = overview.going_on_count - overview.going_on.length;
  return h(
    "section",
    {},
    h("h2", {}, `Going on${overview.going_on_count ? ` (${number(overview.going_on_count)})` : ""}`),
    overview.going_on.length
      ? h(
          "ul",
          { class: "lines" },
          overview.going_on.map((run) => goingOnLine(context, run)),
        )
      : h("p", { class: "faint" }, "No run goes on."),
    moreLink(context, more, "more run", { has: "running" }),
  );
}

export function nextNode(context, overview) {
  const more = overview.due_count - overview.due.length;
  const items = overview.due.map((due) =>
    h(
      "li",
      { key: `${due.trigger.id}-${due.slot}`, "data-row": true },
      whenClock(context, due.due_at),
      " ",
      nameLink(context, due.pipeline),
      h(
        "span",
        { class: "faint" },
        ` ${away(context, due.due_at)}, ${triggerText(due.trigger.name ?? due.trigger.id)}`,
      ),
    ),
  );
  return h(
    "section",
    {},
    h("h2", {}, `Next ${hours(overview.due_window_seconds)}`),
    items.length ? h("ul", { class: "lines" }, items) : h("p", { class: "faint" }, "Nothing is due."),
    moreLink(context, more, "more trigger", { sort: "due" }),
  );
}
