// What makes runs of a pipeline, and when next: Mage's own words in UTC, beside them the reader's clock.

import { h, outward } from "../dom.js";
import { clock } from "../time.js";
import { instantOf, when } from "../when.js";
import { cut } from "../words.js";

function dueNode(context, trigger) {
  if (trigger.state === "paused")
    return [" paused in Mage", trigger.paused_by ? [" since ", when(context, trigger.paused_by)] : null];
  if (!trigger.next_due_at)
    return trigger.follows ? " nothing due" : " when it is called, or as Mage decides";
  return [" next ", when(context, trigger.next_due_at)];
}

/** "`0 2 * * *` UTC = 02:00 Lisbon": only where a day has one slot, as only then one clock says it. */
function intervalNode(context, trigger) {
  if (!trigger.interval) return trigger.type ? `, ${cut(trigger.type, 40)}` : null;
  const due = instantOf(trigger.next_due_at);
  const daily = /^(@daily|@weekly|@monthly|\d+ \d+ .*)$/.test(trigger.interval);
  return [
    ", ",
    h("code", { class: "name" }, cut(trigger.interval, 80)),
    " UTC",
    daily && due && context.zone !== "UTC"
      ? ` = ${clock(due, context.zone)} ${context.zone.split("/").at(-1).replaceAll("_", " ")}`
      : null,
    ",",
  ];
}

function lastSlot(context, trigger) {
  if (!trigger.last_slot) return null;
  const run = trigger.last_slot_run;
  const how = !run ? "" : run.completed ? ", completed" : run.failed ? ", failed" : ", goes on";
  return h(
    "span",
    { class: "faint" },
    "; last slot ",
    when(context, trigger.last_slot),
    run
      ? [" ", h("a", { href: context.link("run", `${trigger.source}:${run.run}`) }, `run ${run.run}`)]
      : null,
    how,
  );
}

export function triggersNode(context, triggers) {
  return h(
    "section",
    {},
    h("h2", {}, "Triggers"),
    triggers.length
      ? h(
          "ul",
          { class: "lines" },
          triggers.map((trigger) =>
            h(
              "li",
              { key: trigger.id },
              h("strong", { class: "name" }, cut(trigger.name ?? trigger.id, 80)),
              intervalNode(context, trigger),
              trigger.problem ? [" ", h("strong", { class: "bad" }, "did not start"), " when it was due;"] : null,
              dueNode(context, trigger),
              lastSlot(context, trigger),
              " ",
              outward(trigger.mage_url, "in Mage"),
            ),
          ),
        )
      : h(
          "p",
          { class: "faint" },
          "No trigger of it is known: its runs are made by hand, or triggers are not captured.",
        ),
  );
}
