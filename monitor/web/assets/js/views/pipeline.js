// One pipeline: how it stands, what runs it, how long it takes, what failed and was not made good.

import { h, outward } from "../dom.js";
import { problemRow } from "../problem_row.js";
import { causeText, sinceText } from "../problem_words.js";
import { duration } from "../time.js";
import { toldNode } from "../told_words.js";
import { apiChoices, queryText } from "../url_state.js";
import { when } from "../when.js";
import { cut, labelsText, nameText, statusWord, whose } from "../words.js";
import { deadlineNode } from "./deadline.js";
import { mixedEndsNode } from "./mixed_ends.js";
import { figuresNode } from "./pipeline_figures.js";
import { groupsNode } from "./pipeline_groups.js";
import { rulesNode } from "./pipeline_rules.js";
import { triggersNode } from "./pipeline_triggers.js";
import { stateNode, stateWord, unusualText } from "./state_word.js";
import { trendNode } from "./trend.js";
import { notMadeGoodNode, failuresNode } from "./pipeline_failures.js";
import { endsNode, runsNode } from "./pipeline_runs.js";

const RUNS_A_PAGE = 25;

export function pipelinePaths(route) {
  const choices = apiChoices(route.query, ["status", "trigger", "window", "page_token"]);
  const runs = queryText({ pipeline: route.id, page_size: RUNS_A_PAGE, ...choices });
  return [`/pipelines/${encodeURIComponent(route.id)}`, `/runs${runs}`];
}

export function pipelineTitle(context, [answer]) {
  return `${nameText(answer.pipeline.name, 60)}: ${stateWord(answer.pipeline.state)}`;
}

/** "Failing since 02:04: 3 in a row, all at load_sales." Of one partner of many it says which: the others may be fine. */
function standing(context, { pipeline, problems }) {
  const worst = problems.find((problem) => problem.state !== "closed");
  if (worst?.kind === "failing") {
    const cause = causeText(worst.cause);
    const labels = labelsText(worst.labels);
    return [
      h(
        "strong",
        { class: "bad" },
        labels ? ["Failing for ", h("span", { class: "name" }, cut(labels, 80))] : "Failing",
        " since ",
        when(context, worst.since),
      ),
      worst.failed_in_a_row > 1 ? `: ${worst.failed_in_a_row} in a row` : ": once",
      cause ? [worst.same_cause ? ", all " : ", the last ", cause] : null,
      ".",
    ];
  }
  if (worst) {
    const tone = worst.severity === "page" ? "bad" : "warn";
    return [h("strong", { class: tone }, worst.title), ": ", sinceText(context, worst), "."];
  }
  if (pipeline.state === "unusual")
    return [h("strong", { class: "warn" }, "Unusual: "), unusualText(duration, pipeline.unusual), "."];
  const end = pipeline.last_end;
  return [
    stateNode(context, pipeline, false),
    end
      ? ["last end ", when(context, end.ended_at), `, ${statusWord(end.status)} in ${duration(end.seconds)}.`]
      : "no run of it has ended.",
  ];
}

export function pipelineNode(context, [answer, runs]) {
  const { pipeline } = answer;
  const open = answer.problems.filter((problem) => problem.state !== "closed");
  const over = answer.problems.filter((problem) => problem.state === "closed");
  const who = whose(pipeline);
  return [
    h("h1", { class: "name" }, nameText(pipeline.name, 300)),
    h("p", { class: "lead" }, standing(context, answer)),
    h(
      "p",
      { class: "faint" },
      who.length ? h("span", { class: "name" }, `${who.join(", ")} · `) : null,
      `source ${cut(pipeline.source, 60)} `,
      outward(pipeline.mage_url, "Pipeline in Mage"),
      " ",
      outward(pipeline.runbook, "Runbook"),
      " ",
      open.length
        ? null
        : h(
            "button",
            {
              type: "button",
              "data-act": "mute",
              "data-pipeline": pipeline.id,
              "data-subject": nameText(pipeline.name, 80),
            },
            "Mute beforehand",
          ),
    ),
    open.map((problem) => [problemRow(context, problem, 2), toldNode(context, problem)]),
    deadlineNode(context, answer.deadline, answer.problems),
    mixedEndsNode(context, answer.mixed_ends),
    figuresNode(context, answer),
    notMadeGoodNode(context, answer.not_made_good),
    endsNode(context, answer),
    triggersNode(context, answer.triggers),
    trendNode(context, answer),
    failuresNode(context, answer.failures),
    groupsNode(context, answer.groups),
    rulesNode(answer),
    over.length
      ? h(
          "section",
          {},
          h("h2", {}, "Problems that are over"),
          h(
            "ul",
            { class: "lines" },
            over.map((problem) =>
              h(
                "li",
                { key: problem.id },
                problem.title,
                labelsText(problem.labels) ? ` ${cut(labelsText(problem.labels), 60)}` : null,
                h(
                  "span",
                  { class: "faint" },
                  " ",
                  when(context, problem.since),
                  " to ",
                  when(context, problem.closed_at),
                ),
              ),
            ),
          ),
        )
      : null,
    runsNode(context, runs),
  ];
}
