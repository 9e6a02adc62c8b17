// Before there is anything to show: what walpulse waits for, and the commands that bring it.

import { h } from "../dom.js";
import { when } from "../when.js";
import { counted, number } from "../words.js";

/** Where the connector sends to, so that this very monitor hears it: as far as the monitor can know. */
function destination(monitor) {
  const listens = monitor.listens_on ?? "";
  const project = /^projects\/([^/]+)\/subscriptions\/([^/]+)$/.exec(listens);
  if (project) return `pubsub://${project[1]}/TOPIC-OF-${project[2].toUpperCase()}`;
  if (!/^https?:\/\//.test(listens)) return `${location.origin}/push`;
  // Every address of its machine: the one by which this page was reached is one of them.
  return listens.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${location.hostname}`);
}

export function nothingHeardNode(context, overview) {
  const { monitor } = overview;
  const to = destination(monitor);
  return h(
    "section",
    {},
    h("h1", {}, "No connector has reported yet."),
    h("p", {}, "Beside Mage's database, or wherever it can be reached:"),
    h("pre", {}, `walpulse-connector doctor --to ${to}\nwalpulse-connector run --to ${to}`),
    h("p", {}, "The first says what is missing and what mends it; the second captures."),
    h(
      "p",
      { class: "faint name" },
      `${monitor.listens_on ? `listening on ${monitor.listens_on}` : "listening"} since `,
      when(context, monitor.started_at),
      `, ${counted(monitor.message_count, "message")}`,
      monitor.rejected_count ? `, ${number(monitor.rejected_count)} of them refused` : null,
      `. Ledger ${monitor.ledger}.`,
    ),
  );
}

export function noRunNode(context, overview) {
  const lines = overview.sources.map((source) =>
    h(
      "p",
      { key: source.id },
      "Connected to ",
      h("span", { class: "name" }, source.id),
      ", heard ",
      when(context, source.heard_at, { seconds: true, unknown: "a moment ago" }),
      ". ",
      `${counted(source.trigger_count, "trigger")} known`,
      overview.next_due && overview.next_due.source === source.id
        ? [", first slot due ", when(context, overview.next_due.due_at)]
        : null,
      ".",
      source.snapshot ? h("strong", {}, ` Reading: ${counted(source.snapshot.rows, "row")} so far.`) : null,
    ),
  );
  return h(
    "section",
    {},
    h("h1", {}, "Connected, and no run yet."),
    lines,
    overview.sources.some((source) => source.snapshot)
      ? null
      : [
          h("p", {}, "Runs appear as they are made. Earlier runs appear after:"),
          h("pre", {}, `walpulse-connector snapshot --to ${destination(overview.monitor)}`),
        ],
  );
}
