// The open problems, the muted below a line, groups closed until somebody opens them.

import { h } from "../dom.js";
import { problemRow, kindNode } from "../problem_row.js";
import { groupedProblems } from "../problem_groups.js";
import { causeText, problemName } from "../problem_words.js";
import { when } from "../when.js";
import { counted, cut, kindWord, number } from "../words.js";
import { withChoice } from "../url_state.js";

function teamsOf(problems) {
  const counts = new Map();
  for (const problem of problems) counts.set(problem.team, (counts.get(problem.team) ?? 0) + 1);
  if (counts.size < 2) return null;
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const rest = sorted.slice(3).reduce((sum, [, count]) => sum + count, 0);
  return h(
    "span",
    { class: "faint" },
    ` · ${sorted
      .slice(0, 3)
      .map(([team, count]) => `${team === null ? "no team" : cut(team, 40)} ${number(count)}`)
      .join(", ")}${rest ? `, other ${number(rest)}` : ""}`,
  );
}

const GROUP_WORDS = {
  failing: "failing",
  not_started: "that did not start",
  waiting: "waiting to start",
  too_long: "running too long",
  not_done: "not done",
  stale: "without a success",
};

function summaryOf(context, { group, problems, head }) {
  const first = problems.toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since))[0];
  if (group === "at_first") {
    return [
      `${counted(problems.length, "problem")} ${problems.length === 1 ? "was" : "were"} there already when ` +
        "walpulse came",
    ];
  }
  if (group === "under")
    return [kindNode(head.kind), `${counted(problems.length, "problem")} that this explains`];
  const cause = causeText(first.cause);
  const pipelines = new Set(problems.map(problemName)).size;
  return [
    kindNode(first.kind),
    `${counted(pipelines, "pipeline")} ${GROUP_WORDS[first.kind] ?? kindWord(first.kind)} since `,
    when(context, first.since),
    cause ? [pipelines === problems.length ? ", all " : ", ", cause] : null,
    teamsOf(problems),
  ];
}

/** So few that stand alone are no list to be spared: a first start shows them. */
const SHOWN_ALONE = 5;

function groupNode(context, entry, alone) {
  const { group, problems, head } = entry;
  const key = `group-${group}-${(head ?? problems[0]).id}`;
  const rows = problems.map((problem) => problemRow(context, problem));
  const marked = problems.some((problem) => problem.id === context.query.problem);
  const closed = h(
    "details",
    { class: "group", key, open: marked || (alone && problems.length <= SHOWN_ALONE), "data-row": head ? null : true },
    h("summary", {}, summaryOf(context, entry)),
    rows,
  );
  return head ? h("div", { key: `with-${key}` }, problemRow(context, head), closed) : closed;
}

function entriesOf(context, problems) {
  const entries = groupedProblems(problems);
  const isGroup = ({ problem, head }) => !problem && !head;
  const heading = h("h2", { class: entries.every(isGroup) ? null : "over-rows" }, "Open problems");
  const rows = entries.map((entry) =>
    entry.problem ? problemRow(context, entry.problem) : groupNode(context, entry, entries.length === 1),
  );
  return [heading, rows];
}

/** `list` is what the API answered: it may have more pages. */
export function problemsNode(context, list) {
  const items = context.query.kind
    ? list.items.filter((problem) => problem.kind === context.query.kind)
    : list.items;
  const open = items.filter((problem) => problem.state === "open");
  const muted = items.filter((problem) => problem.state === "muted");
  const more =
    list.next_page_token === null
      ? null
      : h(
          "p",
          { class: "paging" },
          `The ${number(list.items.length)} most severe of ${number(list.total)}. `,
          "Choose a kind, a team or a label to see the others.",
        );
  return [
    open.length
      ? h(
          "section",
          { "aria-label": "open problems", id: "problems" },
          entriesOf(context, open),
        )
      : null,
    more,
    muted.length
      ? h(
          "section",
          { class: "below", "aria-label": "muted problems" },
          h("h2", {}, counted(muted.length, "muted problem")),
          muted.map((problem) => problemRow(context, problem)),
        )
      : null,
  ];
}

const NO_FILTERS = ["tz", "problem", "mute", "page_token", "sort", "days"];

function filterText(name, value) {
  if (name === "kind") return kindWord(value);
  if (name === "has") return `with ${cut(value, 60).replaceAll("_", " ")}`;
  if (name.startsWith("label.")) return cut(`${name.slice(6)}=${value}`, 60);
  return `${name} ${cut(value, 60)}`;
}

/** What is filtered by, each with a way back; null where nothing is. */
export function filtersNode(context, view = "now") {
  const shown = Object.entries(context.query).filter(([name]) => !NO_FILTERS.includes(name));
  if (!shown.length) return null;
  return h(
    "p",
    { class: "filters" },
    "Only: ",
    shown.map(([name, value]) =>
      h(
        "a",
        {
          class: "chip",
          key: name,
          href: context.link(view, context.id, withChoice(context.query, { [name]: null })),
          "aria-label": `no longer only ${name} ${cut(value, 60)}`,
        },
        `${filterText(name, value)} ×`,
      ),
    ),
  );
}
