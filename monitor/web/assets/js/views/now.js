// The first view: what needs a person, then what goes on and what comes.

import { h } from "../dom.js";
import { apiChoices, queryText } from "../url_state.js";
import { when } from "../when.js";
import { counted, cut, nameText, number, statusWord } from "../words.js";
import { deadlinesNode } from "./deadline.js";
import { notMadeGoodLine } from "./not_made_good.js";
import { pipelineCard } from "./pipeline_card.js";
import { backToNormalNode, goingOnNode, nextNode } from "./now_beside.js";
import { noRunNode, nothingHeardNode } from "./now_first.js";
import { filtersNode, problemsNode } from "./now_problems.js";
import { countsOf, tilesNode } from "./now_tiles.js";
import { teamsNode } from "./teams.js";

/** So many are grouped by the page itself; more, and the server filters. */
const LIST_MAX = 200;
const OVERVIEW = 1;

/** `answers` are those of the round before: more problems than one list holds are filtered by the server. */
export function nowPaths(route, answers) {
  const counts = answers?.[OVERVIEW]?.counts ?? [];
  const total = counts.reduce((sum, each) => sum + each.open + each.muted, 0);
  const names = [
    "source",
    "team",
    "state",
    "severity",
    "pipeline",
    "text",
    ...(total > LIST_MAX ? ["kind"] : []),
  ];
  return [
    `/problems${queryText({ page_size: LIST_MAX, ...apiChoices(route.query, names) })}`,
    `/overview${queryText({ source: route.query.source, team: route.query.team })}`,
  ];
}

export function nowTitle(context, [, overview]) {
  const open = overview.counts.reduce((sum, each) => sum + each.open, 0);
  return open ? `(${open}) ${counted(open, "problem")}` : "Nothing needs you";
}

/** What the head narrows everything to is no filter of the problems alone. */
const OF_THE_WHOLE_VIEW = ["source", "team", "tz", "problem", "mute"];

function ofTeam({ query }) {
  if (!query.team) return "";
  return query.team === "none" ? " of no team" : ` of ${cut(query.team, 40)}`;
}

function sentence(context, overview) {
  const { total, fine } = overview.pipelines;
  const end = overview.last_end;
  const next = overview.next_due;
  return h(
    "p",
    { class: "lead" },
    `${counted(total, "pipeline")}${ofTeam(context)}, ${number(fine)} fine.`,
    overview.channel_count
      ? null
      : [" ", h("strong", { class: "warn" }, "Nobody is told"), ": the ", h("a", { href: context.link("pipe") }, "rules name no channel"), "."],
    end
      ? [
          " Last end ",
          when(context, end.ended_at, { seconds: true }),
          " ",
          h("a", { class: "name", href: context.link("run", end.id) }, nameText(end.pipeline.name, 60)),
          `, ${statusWord(end.status)}.`,
        ]
      : " No run has ended yet.",
    next
      ? [
          " Next due ",
          when(context, next.due_at),
          " ",
          h(
            "a",
            { class: "name", href: context.link("pipeline", next.pipeline.id) },
            nameText(next.pipeline.name, 60),
          ),
          ".",
        ]
      : null,
  );
}

function allFine(context, overview) {
  const ended = overview.last_problem_ended_at;
  return h(
    "section",
    {},
    h("h1", { class: "good" }, "Nothing needs you."),
    h(
      "p",
      { class: "lead" },
      `${counted(overview.pipelines.total, "pipeline")}${ofTeam(context)}; `,
      ended ? ["the last problem ended ", when(context, ended), "."] : "no problem since walpulse came.",
    ),
  );
}

function nothingFound(context, overview) {
  const open = overview.counts.reduce((sum, each) => sum + each.open + each.muted, 0);
  return h(
    "p",
    { class: "lead" },
    `No problem is like that; ${counted(open, "problem")} in all. `,
    h("a", { href: context.link("now") }, "Show them"),
  );
}

export function nowNode(ofPage, [problems, overview]) {
  const context = { ...ofPage, noChannel: !overview.channel_count };
  if (!overview.sources.length && !overview.pipelines.total) return nothingHeardNode(context, overview);
  if (!overview.pipelines.total && !problems.items.length)
    return [noRunNode(context, overview), nextNode(context, overview)];
  const filters = filtersNode(context);
  const narrowed = Object.keys(context.query).some((name) => !OF_THE_WHOLE_VIEW.includes(name));
  const few = overview.few_pipelines;
  // A part of the problems does not tell that a pipeline has none.
  const all = narrowed || problems.next_page_token !== null ? null : problems.items;
  const counts = countsOf(overview, problems, context.query);
  const shown = problemsNode(context, problems);
  const empty = shown.every((part) => part === null);
  return [
    h("h1", { class: "unseen" }, "Now"),
    few.length && empty && !filters ? null : tilesNode(context, counts),
    empty && !narrowed ? null : sentence(context, overview),
    filters,
    empty ? (narrowed ? nothingFound(context, overview) : allFine(context, overview)) : shown,
    notMadeGoodLine(context, overview.not_made_good, all ?? []),
    deadlinesNode(context, overview, all),
    few.length
      ? h(
          "section",
          {},
          h("h2", {}, "All pipelines"),
          h(
            "div",
            { class: "cards" },
            few.map((pipeline) => pipelineCard(context, pipeline)),
          ),
        )
      : null,
    h(
      "div",
      { class: "columns" },
      backToNormalNode(context, overview),
      goingOnNode(context, overview),
      nextNode(context, overview),
    ),
    teamsNode(context, overview.teams),
  ];
}
