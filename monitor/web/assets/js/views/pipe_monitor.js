// The process that answers, and the rules that it judges by.

import { h } from "../dom.js";
import { facts } from "./facts.js";
import { when } from "../when.js";
import { counted, cut, number } from "../words.js";

export function monitorNode(context, monitor) {
  const leader = monitor.leads
    ? "this instance"
    : monitor.leader === null
      ? h("strong", { class: "bad" }, "nobody: problems are neither opened nor told")
      : cut(monitor.leader, 80);
  return h(
    "section",
    {},
    h("h2", {}, "Monitor"),
    facts([
      ["version", monitor.version],
      ["instance", h("span", { class: "name" }, cut(monitor.instance, 80))],
      ["up since", when(context, monitor.started_at)],
      ["ledger", h("span", { class: "name" }, cut(monitor.ledger, 200))],
      ["leads", leader],
      [
        "listens on",
        monitor.listens_on === null
          ? "nothing: this instance shows the page only"
          : h("span", { class: "name" }, cut(monitor.listens_on, 200)),
      ],
      [
        "messages",
        `${number(monitor.message_count)} since the ledger was made${
          monitor.rejected_count ? `, ${number(monitor.rejected_count)} refused` : ""
        }`,
      ],
    ]),
    monitor.warnings.length
      ? h(
          "ul",
          { class: "lines warn" },
          monitor.warnings.map((warning) => h("li", { key: warning }, cut(warning, 500))),
        )
      : null,
  );
}

/** One may be shown shorter than the other. */
function sameDigest(one, other) {
  return (
    one === other || (Boolean(one) && Boolean(other) && (one.startsWith(other) || other.startsWith(one)))
  );
}

export function rulesInForce(context, rules, monitor) {
  const tables = rules.tables.map((table) =>
    h(
      "tr",
      { key: table.place },
      h("th", { scope: "row", class: "name" }, cut(table.place, 120)),
      h("td", { class: "number" }, counted(table.matched, "pipeline")),
    ),
  );
  return h(
    "section",
    {},
    h("h2", {}, "Rules"),
    rules.path === null
      ? h("p", {}, "There is no rules file: every pipeline has the defaults.")
      : facts([
          ["file", h("span", { class: "name" }, cut(rules.path, 200))],
          ["digest", h("code", {}, rules.hash ?? "unknown")],
          [
            "on this instance",
            sameDigest(rules.hash, monitor.rules_hash)
              ? "the same"
              : h("strong", { class: "warn" }, cut(monitor.rules_hash ?? "none", 80)),
          ],
          ["time zone", rules.time_zone],
          ["tables", number(rules.table_count)],
          [
            "without a table",
            rules.unmatched_count
              ? [
                  counted(rules.unmatched_count, "pipeline"),
                  ": ",
                  h(
                    "span",
                    { class: "name" },
                    rules.unmatched
                      .slice(0, 10)
                      .map((name) => cut(name, 60))
                      .join(", "),
                  ),
                  rules.unmatched_count > 10 ? ", ..." : null,
                ]
              : "none",
          ],
        ]),
    rules.mistakes.length
      ? [
          h("p", { class: "bad" }, "The files as they are now are wrong; the rules of before stay in force:"),
          h("pre", {}, rules.mistakes.join("\n")),
        ]
      : null,
    tables.length
      ? h("table", {}, h("caption", { class: "unseen" }, "Tables of the rules"), h("tbody", {}, tables))
      : null,
  );
}
