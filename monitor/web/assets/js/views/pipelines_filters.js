// What the list of pipelines can be filtered by.

import { h } from "../dom.js";
import { cut } from "../words.js";
import { STATES, stateWord } from "./state_word.js";

function option(value, text, chosen) {
  return h("option", { value, selected: value === chosen, key: value || "none" }, text);
}

export function controls(context) {
  const { query } = context;
  return h(
    "div",
    { class: "filters" },
    h(
      "label",
      {},
      "state",
      h(
        "select",
        { "data-act": "choose", "data-name": "state" },
        option("", "any", query.state ?? ""),
        STATES.map((state) => option(state, stateWord(state), query.state)),
        query.state && !STATES.includes(query.state)
          ? option(query.state, cut(query.state, 40), query.state)
          : null,
      ),
    ),
    h(
      "label",
      {},
      "order",
      h(
        "select",
        { "data-act": "choose", "data-name": "sort" },
        option("", "worst first", query.sort ?? ""),
        option("name", "by name", query.sort),
        option("-ended_at", "last end first", query.sort),
        option("due", "next due first", query.sort),
      ),
    ),
    h(
      "label",
      {},
      "trigger",
      h("input", {
        type: "text",
        "data-act": "choose",
        "data-name": "trigger",
        maxlength: 512,
        value: query.trigger ?? "",
        size: 12,
        autocomplete: "off",
      }),
    ),
    h(
      "label",
      {},
      "label",
      h("input", {
        type: "text",
        "data-act": "choose-label",
        maxlength: 200,
        size: 14,
        placeholder: "partner=acme",
        value: labelOf(query),
        autocomplete: "off",
      }),
    ),
  );
}

function labelOf(query) {
  const [name, value] = Object.entries(query).find(([each]) => each.startsWith("label.")) ?? [];
  return name ? `${name.slice(6)}=${value}` : "";
}
