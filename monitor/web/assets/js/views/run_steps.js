// What happened to the row, commit by commit; where it stands in the log is folded away.

import { h } from "../dom.js";
import { when } from "../when.js";
import { statusNode } from "./run_lines.js";

export function stepsNode(context, steps) {
  return h(
    "section",
    {},
    h("h2", {}, "Steps"),
    h(
      "ol",
      { class: "lines" },
      steps.map((step) =>
        h(
          "li",
          { key: `${step.epoch}-${step.lsn}-${step.ordinal}` },
          when(context, step.at, { seconds: true }),
          " ",
          step.status === null ? step.operation : statusNode(step.status),
          step.operation === "delete"
            ? " deleted in Mage"
            : step.operation === "read"
              ? " as the snapshot read it"
              : null,
        ),
      ),
    ),
    h(
      "details",
      {},
      h("summary", {}, "Positions in the log"),
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["commit", "epoch", "LSN", "ordinal", "operation"].map((text) => h("th", { scope: "col" }, text)),
          ),
        ),
        h(
          "tbody",
          {},
          steps.map((step) =>
            h(
              "tr",
              { key: `${step.epoch}-${step.lsn}-${step.ordinal}` },
              h("td", {}, h("time", { datetime: step.at }, step.at)),
              [step.epoch, step.lsn, step.ordinal, step.operation].map((value) => h("td", {}, String(value))),
            ),
          ),
        ),
      ),
    ),
  );
}
