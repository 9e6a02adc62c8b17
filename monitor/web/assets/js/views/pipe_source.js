// One source: whether it is heard, how far it is known, and by which connectors.

import { h } from "../dom.js";
import { facts } from "./facts.js";
import { problemRow } from "../problem_row.js";
import { duration } from "../time.js";
import { when } from "../when.js";
import { counted, cut, number } from "../words.js";

/** "1.4 GB". */
function bytes(count) {
  if (count === null || count === undefined) return "unknown";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const STATE_WORDS = {
  live: ["live", "good"],
  behind: ["behind", "warn"],
  blind: ["walpulse cannot see it", "bad"],
  beginning: ["beginning: not known yet up to when all is there", "warn"],
};

function connectorNode(context, connector) {
  return h(
    "li",
    { key: connector.instance },
    h("strong", { class: "name" }, cut(connector.instance, 80)),
    ` ${connector.state.replaceAll("_", " ")}, heartbeat `,
    when(context, connector.heard_at, { seconds: true }),
    h(
      "span",
      { class: "faint" },
      `; behind ${connector.lag_seconds === null ? "unknown" : duration(connector.lag_seconds)} (${bytes(connector.lag_bytes)})`,
      `; its slot holds ${bytes(connector.retained_wal_bytes)} of WAL`,
      connector.safe_wal_bytes === null ? null : `, ${bytes(connector.safe_wal_bytes)} more fit`,
      `; ${connector.published_count === null ? "unknown" : number(connector.published_count)} published`,
      connector.retried_count ? `, ${number(connector.retried_count)} retried` : null,
      "; up since ",
      when(context, connector.started_at),
    ),
  );
}

function tableNode(context, table) {
  return h(
    "tr",
    { key: `${table.table}-${table.epoch}` },
    h("th", { scope: "row", class: "name" }, cut(table.table, 100)),
    h(
      "td",
      { "data-label": "standing" },
      table.standing,
      table.gap ? h("strong", { class: "bad" }, ", a gap: walpulse-connector recover") : null,
    ),
    h(
      "td",
      { "data-label": "newest" },
      when(context, table.newest_at, { seconds: true, unknown: "nothing yet" }),
    ),
    h(
      "td",
      { "data-label": "known up to" },
      when(context, table.events_at, { seconds: true, unknown: "unknown" }),
    ),
  );
}

export function sourceNode(context, source) {
  const [word, tone] = STATE_WORDS[source.state] ?? [source.state, ""];
  return h(
    "section",
    { key: source.id },
    h("h2", { class: "name" }, cut(source.id, 100)),
    facts([
      ["state", h("strong", { class: tone }, word)],
      [
        "known up to",
        [
          when(context, source.as_of, { seconds: true }),
          source.behind_seconds ? `, ${duration(source.behind_seconds)} behind` : null,
        ],
      ],
      ["heard", when(context, source.heard_at, { seconds: true, unknown: "never" })],
      [
        "holds",
        `${counted(source.pipeline_count, "pipeline")}, ${counted(source.trigger_count, "trigger")} that expect runs`,
      ],
      source.snapshot
        ? [
            "snapshot",
            `reading ${cut(source.snapshot.table, 60)}: ${counted(source.snapshot.rows, "row")} so far${
              source.snapshot.rows_expected === null ? "" : ` of ${number(source.snapshot.rows_expected)}`
            }`,
          ]
        : null,
    ]),
    source.problems.map((problem) => problemRow(context, problem)),
    h("h3", {}, "Connectors"),
    source.connectors.length
      ? h(
          "ul",
          { class: "lines" },
          source.connectors.map((connector) => connectorNode(context, connector)),
        )
      : h("p", { class: "faint" }, "None has sent a heartbeat."),
    h("h3", {}, "Tables"),
    source.tables.length
      ? h(
          "table",
          { class: "list" },
          h("caption", { class: "unseen" }, "Tables"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["table", "standing", "newest", "known up to"].map((text) => h("th", { scope: "col" }, text)),
            ),
          ),
          h(
            "tbody",
            {},
            source.tables.map((table) => tableNode(context, table)),
          ),
        )
      : h("p", { class: "faint" }, "None is known."),
  );
}
