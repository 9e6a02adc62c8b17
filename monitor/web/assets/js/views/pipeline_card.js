// A pipeline as a card, where there are few of them.

import { h } from "../dom.js";
import { bars } from "../bars.js";
import { duration } from "../time.js";
import { usualText } from "../usual.js";
import { when } from "../when.js";
import { counted, nameText } from "../words.js";
import { stateNode, unusualText } from "./state_word.js";

export function pipelineCard(context, pipeline) {
  return h(
    "article",
    { class: "card", key: pipeline.id, "data-row": true },
    h(
      "h3",
      {},
      h(
        "a",
        { class: "name", href: context.link("pipeline", pipeline.id), "data-main": true },
        nameText(pipeline.name, 80),
      ),
    ),
    h("p", {}, stateNode(context, pipeline)),
    unusualText(duration, pipeline.unusual)
      ? h("p", { class: "warn" }, unusualText(duration, pipeline.unusual))
      : null,
    h("p", {}, bars(pipeline.last_ends)),
    h(
      "p",
      { class: "faint" },
      pipeline.running_count ? `${counted(pipeline.running_count, "run")} now, ` : null,
      pipeline.last_success_at
        ? ["last success ", when(context, pipeline.last_success_at)]
        : "no success known",
      pipeline.usual_seconds === null ? null : `, ${usualText(pipeline)}`,
      pipeline.next_due_at ? [", next due ", when(context, pipeline.next_due_at)] : null,
    ),
  );
}
