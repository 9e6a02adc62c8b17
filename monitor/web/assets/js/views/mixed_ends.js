// One partner fails and another succeeds in turns: taken together, the one hides the other.

import { h } from "../dom.js";
import { labelLinks } from "../label_links.js";
import { counted, cut } from "../words.js";

function mixedNode(context, mixed) {
  const of = (value) => labelLinks(context, context.id, { [mixed.label]: value });
  return h(
    "section",
    { key: mixed.label, class: "mixed" },
    h("h2", { class: "warn" }, `Ends alternate by ${cut(mixed.label, 60)}`),
    h(
      "p",
      {},
      of(mixed.failing),
      ` failed ${counted(mixed.failed_in_a_row, "time")} in a row, while `,
      of(mixed.succeeding),
      " succeeds. Taken together their failures and recoveries alternate, and hide the one that fails. ",
      mixed.rule === null
        ? "No rule can hold these names: give the pipeline, the source or the label another."
        : "These lines in the rules file tell them apart:",
    ),
    mixed.rule === null
      ? null
      : [
          h("pre", {}, mixed.rule.trim()),
          h("button", { type: "button", "data-act": "copy", "data-text": mixed.rule }, "Copy"),
        ],
  );
}

export function mixedEndsNode(context, all) {
  return all.map((mixed) => mixedNode(context, mixed));
}
