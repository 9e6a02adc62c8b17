// A pipeline that serves forty partners: the one that fails, first.

import { cell, h } from "../dom.js";
import { labelLinks } from "../label_links.js";
import { when } from "../when.js";
import { counted, cut } from "../words.js";
import { statusNode } from "./run_lines.js";

export function groupsNode(context, groups) {
  if (!groups.length) return null;
  const source = context.id.slice(0, context.id.indexOf(":"));
  const failing = groups.filter((group) => group.failed_in_a_row > 0).length;
  return h(
    "section",
    {},
    h("h2", {}, `By label: ${failing} of ${counted(groups.length, "group")} failing`),
    h(
      "table",
      { class: "list" },
      h("caption", { class: "unseen" }, "Groups of runs that are told apart"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["labels", "trigger", "last end", "in a row", "last success"].map((text) =>
            h("th", { scope: "col" }, text),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        groups.map((group) =>
          h(
            "tr",
            { key: JSON.stringify([group.labels, group.trigger]), "data-row": true },
            h(
              "th",
              { scope: "row", class: "name" },
              labelLinks(context, context.id, group.labels) ?? "without a label",
            ),
            cell(
              { class: "name", "data-label": "trigger" },
              group.trigger === null ? null : cut(group.trigger, 60),
            ),
            cell(
              {},
              group.last_status === null
                ? null
                : [
                    statusNode(group.last_status),
                    " ",
                    group.last_run === null
                      ? null
                      : h(
                          "a",
                          { href: context.link("run", `${source}:${group.last_run}`), "data-main": true },
                          `run ${group.last_run}`,
                        ),
                    " ",
                    when(context, group.last_end_at),
                  ],
            ),
            h("td", { "data-label": "failed in a row" }, String(group.failed_in_a_row)),
            cell(
              { "data-label": "last success" },
              when(context, group.last_success_at, { unknown: "none known" }),
            ),
          ),
        ),
      ),
    ),
  );
}
