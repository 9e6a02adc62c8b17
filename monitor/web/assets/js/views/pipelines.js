// Every pipeline, the worst first.

import { cell, h } from "../dom.js";
import { bars } from "../bars.js";
import { pagingNode } from "../paging.js";
import { labelLinks } from "../label_links.js";
import { duration } from "../time.js";
import { usualSpan } from "../usual.js";
import { apiChoices, queryText } from "../url_state.js";
import { when } from "../when.js";
import { counted, cut, nameText, number } from "../words.js";
import { filtersNode } from "./now_problems.js";
import { stateNode, unusualText } from "./state_word.js";
import { teamsNode } from "./teams.js";
import { controls } from "./pipelines_filters.js";

const PASSED = ["source", "team", "state", "has", "trigger", "text", "sort", "page_token"];

export function pipelinesPaths(route) {
  return [`/pipelines${queryText(apiChoices(route.query, PASSED))}`];
}

export function pipelinesTitle() {
  return "Pipelines";
}

/** "18 of 21". */
export function successText(success) {
  return success.ended ? `${number(success.completed)} of ${number(success.ended)}` : "no end";
}

function usualCell(pipeline) {
  const span = usualSpan(pipeline);
  if (!span) return null;
  const exactly = `p50 ${pipeline.usual_seconds} s, p90 ${pipeline.nine_of_ten_seconds} s, of ${pipeline.usual_of} runs`;
  return h("span", { title: exactly }, span);
}

function pipelineRow(context, pipeline) {
  const unusual = unusualText(duration, pipeline.unusual);
  return h(
    "tr",
    { key: pipeline.id, "data-row": true },
    h(
      "th",
      { scope: "row" },
      h(
        "a",
        {
          class: "name",
          href: context.link("pipeline", pipeline.id),
          "data-main": true,
          title: pipeline.name.length > 80 ? cut(pipeline.name, 500) : null,
        },
        nameText(pipeline.name, 80),
      ),
      context.world.sources.length > 1 ? h("span", { class: "faint name" }, ` ${pipeline.source}`) : null,
      (pipeline.matched_labels ?? []).map(({ name, value }) => [
        " ",
        h("span", { class: "labels" }, labelLinks(context, pipeline.id, { [name]: value })),
      ]),
    ),
    h("td", {}, stateNode(context, pipeline), unusual ? h("span", { class: "faint" }, ` ${unusual}`) : null),
    h("td", { class: "row-bars" }, bars(pipeline.last_ends)),
    cell(
      { class: "number", "data-label": "success 7 d" },
      pipeline.success.ended ? successText(pipeline.success) : null,
    ),
    cell({ class: "number", "data-label": "usual" }, usualCell(pipeline)),
    cell({ "data-label": "last success" }, when(context, pipeline.last_success_at, { unknown: null })),
    cell({ "data-label": "next due" }, when(context, pipeline.next_due_at, { unknown: null })),
    cell(
      { "data-label": "now" },
      pipeline.running_count
        ? h(
            "a",
            { href: context.link("run", `${pipeline.source}:${pipeline.running[0].run}`) },
            counted(pipeline.running_count, "run"),
          )
        : null,
    ),
    cell({ "data-label": "team", class: "name" }, pipeline.team === null ? null : cut(pipeline.team, 40)),
  );
}

const COLUMNS = [
  ["name"],
  ["state"],
  ["last 20 ends"],
  ["success 7 d", "number"],
  ["usual", "number"],
  ["last success"],
  ["next due"],
  ["running"],
  ["team"],
];

export function pipelinesNode(context, [list]) {
  const filters = filtersNode(context, "pipelines");
  return [
    h("h1", {}, filters ? `${counted(list.total, "pipeline")} of these` : counted(list.total, "pipeline")),
    controls(context),
    filters,
    filters ? null : teamsNode(context, list.teams),
    list.items.length
      ? h(
          "table",
          { class: "list" },
          h("caption", { class: "unseen" }, "Pipelines"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              COLUMNS.map(([text, kind]) => h("th", { scope: "col", class: kind }, text)),
            ),
          ),
          h(
            "tbody",
            {},
            list.items.map((pipeline) => pipelineRow(context, pipeline)),
          ),
        )
      : h(
          "p",
          { class: "lead" },
          filters
            ? ["No pipeline is like that. ", h("a", { href: context.link("pipelines") }, "Show all")]
            : "No pipeline has had a run yet.",
        ),
    pagingNode(context, list),
  ];
}
