// What somebody wrote for a pipeline, and where.

import { h } from "../dom.js";
import { cut } from "../words.js";

export function rulesNode(answer) {
  return h(
    "section",
    {},
    h("h2", {}, "Rules that apply"),
    answer.rules.length
      ? h(
          "ul",
          { class: "lines" },
          answer.rules.map((row) =>
            h(
              "li",
              { key: `${row.key}-${row.place}` },
              h("code", {}, cut(row.key, 80)),
              " ",
              h("span", { class: "name" }, cut(row.value, 300)),
              h("span", { class: "faint name" }, ` ${cut(row.place, 120)}`),
            ),
          ),
        )
      : h("p", { class: "faint" }, "None was written for it: the defaults hold."),
  );
}
