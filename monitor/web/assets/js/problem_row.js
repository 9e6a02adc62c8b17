// One problem on one screenful: what, where, since when, why, who knows, and where to go.

import { h, outward } from "./dom.js";
import { bars } from "./bars.js";
import { labelLinks } from "./label_links.js";
import { toldText } from "./told_words.js";
import { cut, kindMark, kindWord, nameText, whose } from "./words.js";
import { nextText, problemName, sinceText, whyText } from "./problem_words.js";

export function kindNode(kind, mark = kindMark(kind)) {
  return [
    h("span", { class: "word" }, h("span", { "aria-hidden": "true" }, `${mark} `), kindWord(kind)),
    " ",
  ];
}

function mainLink(context, problem) {
  const name = problemName(problem);
  const href = problem.pipeline ? context.link("pipeline", problem.pipeline.id) : context.link("pipe");
  return h(
    "a",
    { class: "name", href, "data-main": true, title: name.length > 80 ? cut(name, 500) : null },
    nameText(name, 80),
  );
}

/** Source-wide problems lead to Mage itself. */
function inMageText(problem) {
  if (!problem.pipeline) return "Mage";
  return problem.run === null ? "Pipeline in Mage" : "Run in Mage";
}

function buttons(problem) {
  const whose = `of ${cut(problem.subject || problem.source, 60)}`;
  const mute = problem.mute
    ? h(
        "button",
        {
          type: "button",
          "data-act": "unmute",
          "data-mute": problem.mute.id,
          "aria-label": `Unmute ${whose}`,
        },
        "Unmute",
      )
    : h(
        "button",
        {
          type: "button",
          "data-act": "mute",
          "data-problem": problem.id,
          "data-subject": cut(problem.subject || problem.source, 80),
          "data-pipeline": problem.pipeline?.id ?? null,
          "aria-label": `Mute ${whose}`,
        },
        "Mute",
      );
  return [
    mute,
    outward(problem.mage_url, inMageText(problem), { class: "button" }),
    outward(problem.runbook, "Runbook", { class: "button less" }),
  ];
}

/** `level` is the heading's: rows in a group stand one deeper. */
export function problemRow(context, problem, level = 3) {
  const labels = problem.pipeline ? labelLinks(context, problem.pipeline.id, problem.labels) : null;
  const marked = context.query.problem === problem.id ? "true" : null;
  const severity = problem.severity === "page" || problem.kind === "failing" ? "" : " warning";
  return h(
    "article",
    {
      class: `problem${problem.mute ? " muted" : severity}`,
      key: `problem-${problem.id}`,
      "data-row": true,
      "aria-current": marked,
      "data-problem-row": problem.id,
    },
    h(
      `h${level}`,
      {},
      kindNode(problem.kind),
      mainLink(context, problem),
      labels ? [" ", h("span", { class: "labels" }, labels)] : null,
    ),
    h("span", { class: "since" }, sinceText(context, problem)),
    h(
      "span",
      { class: "who faint less name" },
      whose(problem).join(", "),
    ),
    h("span", { class: "why" }, whyText(context, problem)),
    h("span", { class: "next faint" }, nextText(context, problem)),
    h("span", { class: "told faint" }, toldText(context, problem)),
    h("span", { class: "ends" }, problem.last_ends.length ? bars(problem.last_ends) : null),
    h("span", { class: "doing" }, buttons(problem)),
  );
}
