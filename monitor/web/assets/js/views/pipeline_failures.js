// What failed of a pipeline, why, and which slots nobody made good.

import { h } from "../dom.js";
import { causeText } from "../problem_words.js";
import { date } from "../time.js";
import { instantOf, when } from "../when.js";
import { counted, number, triggerText } from "../words.js";

export function notMadeGoodNode(context, slots) {
  if (!slots.length) return null;
  return h(
    "section",
    {},
    h("h2", { class: "bad", id: "not-made-good" }, "Not made good"),
    h(
      "p",
      {},
      slots.flatMap((slot, index) => [
        index ? ", " : "",
        h(
          "a",
          {
            href: context.link("run", `${context.id.slice(0, context.id.indexOf(":"))}:${slot.run}`),
            title: `slot of ${triggerText(slot.trigger.name ?? slot.trigger.id)}`,
          },
          when(context, slot.slot),
        ),
      ]),
      ".",
    ),
    h("p", { class: "faint" }, "Slots whose last run failed and that no later run completed."),
  );
}

const DAYS_SHOWN = 7;

/** "28 Nov 3 times, 27 Nov once": by the reader's days, the newest first. */
function daysText(context, instants) {
  const days = Map.groupBy(instants.map(instantOf), (at) => date(at, context.zone, context.now));
  const told = [...days]
    .slice(0, DAYS_SHOWN)
    .map(([day, each]) => `${day} ${each.length === 1 ? "once" : `${number(each.length)} times`}`);
  const rest = days.size - told.length;
  return told.join(", ") + (rest > 0 ? `, and on ${counted(rest, "day")} before` : "");
}

export function failuresNode(context, failures) {
  if (!failures.looked_at) return null;
  const source = context.id.slice(0, context.id.indexOf(":"));
  return h(
    "section",
    {},
    h("h2", {}, "Failures by cause"),
    h(
      "p",
      { class: "faint" },
      `The last ${counted(failures.looked_at, "failed run")}`,
      failures.from ? [", since ", when(context, failures.from)] : null,
      ".",
    ),
    h(
      "ul",
      { class: "lines" },
      failures.causes.map((group) =>
        h(
          "li",
          { key: `${group.cause}-${group.block}` },
          h("strong", {}, number(group.count)),
          " ",
          causeText(group) ?? "cause not known",
          h(
            "span",
            { class: "faint" },
            ", last ",
            h("a", { href: context.link("run", `${source}:${group.last_run}`) }, `run ${group.last_run}`),
            " ",
            when(context, group.last_at),
            `: ${daysText(context, group.at)}`,
          ),
        ),
      ),
    ),
  );
}
