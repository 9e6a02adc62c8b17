// What nobody made good, on the first view: also of pipelines that are fine again.

import { h } from "../dom.js";
import { when } from "../when.js";
import { counted, nameText, number } from "../words.js";

export function notMadeGoodLine(context, { slot_count: slots, pipeline_count: count, pipelines }) {
  if (!slots) return null;
  const rest = count - pipelines.length;
  return h(
    "section",
    { id: "not-made-good" },
    h("h2", {}, "Not made good"),
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
        each.slot_count > 1 ? ` ${number(each.slot_count)}, the last of ` : " ",
        when(context, each.newest_slot),
      ]),
      rest > 0 ? `, and ${number(rest)} more` : null,
      ".",
    ),
    h("p", { class: "faint" }, "The run of the slot failed, and no later run completed it."),
  );
}
