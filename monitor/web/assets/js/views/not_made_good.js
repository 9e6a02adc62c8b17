// What nobody made good, on the first view: also of pipelines that are fine again.

import { h } from "../dom.js";
import { when } from "../when.js";
import { labelLinks } from "../label_links.js";
import { counted, nameText, number } from "../words.js";

/** Failing ones that have no such slot: they are called, or another of their labels made the slot good. */
function failingWithoutSlot(problems, pipelines) {
  const known = new Set(pipelines.map((each) => each.pipeline.id));
  return problems.filter((each) => each.kind === "failing" && !each.closed_at && each.pipeline && !known.has(each.pipeline.id));
}

const FAILING_SHOWN = 5;

function failingNode(context, failing) {
  if (!failing.length) return null;
  const rest = failing.length - FAILING_SHOWN;
  return h(
    "p",
    {},
    "Without a slot: ",
    failing.slice(0, FAILING_SHOWN).flatMap((each, index) => [
      index ? ", " : "",
      h("a", { class: "name", href: context.link("pipeline", each.pipeline.id) }, nameText(each.pipeline.name, 60)),
      " ",
      labelLinks(context, each.pipeline.id, each.labels),
      ` ${counted(each.failed_in_a_row, "run")}, none completed since `,
      when(context, each.since),
    ]),
    rest > 0 ? `, and ${number(rest)} more` : null,
    ".",
  );
}

/** `problems` are those that the list has, also muted ones. */
export function notMadeGoodLine(context, { slot_count: slots, pipeline_count: count, pipelines }, problems) {
  const failing = failingNode(context, failingWithoutSlot(problems, pipelines));
  if (!slots && !failing) return null;
  return h("section", { id: "not-made-good" }, h("h2", {}, "Not made good"), slots ? slotsNode(context, slots, count, pipelines) : null, failing);
}

function slotsNode(context, slots, count, pipelines) {
  const rest = count - pipelines.length;
  return [
    h(
      "p",
      {},
      h(
        "a",
        { href: context.link("pipelines", null, { has: "not_made_good" }) },
        `${counted(slots, "slot")} of ${counted(count, "pipeline")}`,
      ),
      ": ",
      pipelines.flatMap((each, index) => [
        index ? ", " : "",
        h(
          "a",
          { class: "name", href: `${context.link("pipeline", each.pipeline.id)}#not-made-good` },
          nameText(each.pipeline.name, 60),
        ),
        each.slot_count > 1 ? [` ${number(each.slot_count)}, from `, when(context, each.oldest_slot), " to "] : " ",
        when(context, each.newest_slot),
      ]),
      rest > 0 ? `, and ${number(rest)} more` : null,
      ".",
    ),
    h("p", { class: "faint" }, "The run of the slot failed, and no later run completed it."),
  ];
}
