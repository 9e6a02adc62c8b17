// The four numbers of a pipeline, each with its window and the list that it is the sum of.

import { h } from "../dom.js";
import { duration } from "../time.js";
import { when } from "../when.js";
import { counted, number } from "../words.js";
import { successText } from "./pipelines.js";

function figure(value, what, window, href) {
  return h(
    "li",
    { key: what },
    h("b", {}, value),
    href ? h("a", { href }, what) : what,
    h("span", { class: "faint" }, " ", window),
  );
}

export function figuresNode(context, { pipeline, not_made_good: slots }) {
  const days = duration(pipeline.success.window_seconds);
  const seven = context.link("pipeline", context.id, {
    window: `${pipeline.success.window_seconds / 86_400}d`,
    status: "COMPLETED,FAILED,CANCELLED",
  });
  const usual = pipeline.usual_seconds === null ? "unknown" : duration(pipeline.usual_seconds);
  const most =
    pipeline.nine_of_ten_seconds === null
      ? ""
      : `, nine of ten below ${duration(pipeline.nine_of_ten_seconds)}`;
  return h(
    "ul",
    { class: "figures", "aria-label": "figures" },
    figure(successText(pipeline.success), "completed", `of all that ended in ${days}`, `${seven}#runs`),
    figure(
      usual,
      "usual",
      pipeline.usual_seconds === null
        ? "it takes eight completed runs to know"
        : `of the last ${counted(pipeline.usual_of, "completed run")}${most}`,
      `${context.link("pipeline", context.id, { status: "COMPLETED" })}#runs`,
    ),
    figure(
      when(context, pipeline.last_success_at, { unknown: "none known" }),
      "last success",
      "",
      `${context.link("pipeline", context.id, { status: "COMPLETED" })}#runs`,
    ),
    figure(
      number(pipeline.running_count),
      pipeline.running_count === 1 ? "run now" : "runs now",
      pipeline.next_due_at
        ? ["next due ", when(context, pipeline.next_due_at)]
        : "nothing due that walpulse knows of",
      `${context.link("pipeline", context.id, { status: "INITIAL,RUNNING,ORPHANED" })}#runs`,
    ),
    slots.length
      ? figure(
          number(slots.length),
          slots.length === 1 ? "slot not made good" : "slots not made good",
          "",
          null,
        )
      : null,
  );
}
