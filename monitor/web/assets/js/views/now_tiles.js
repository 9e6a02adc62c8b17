// How many problems there are of each kind; each number is the length of the list behind it.

import { h } from "../dom.js";
import { withChoice } from "../url_state.js";
import { number, TILES, KINDS } from "../words.js";

/** Counts by kind, and of the muted: of the list itself where it is whole, since it is filtered by more than the API
 *  counts by. Null where that is not known. */
export function countsOf(overview, problems, query) {
  const isFiltered = Object.keys(query).some(
    (name) => ["severity", "pipeline", "text"].includes(name) || name.startsWith("label."),
  );
  if (!isFiltered) {
    return {
      byKind: Object.fromEntries(overview.counts.map((each) => [each.kind, each.open])),
      muted: overview.muted_count,
    };
  }
  if (problems.next_page_token !== null || query.state) return null;
  const byKind = {};
  for (const problem of problems.items) {
    if (problem.state === "open") byKind[problem.kind] = (byKind[problem.kind] ?? 0) + 1;
  }
  return { byKind, muted: problems.items.filter((problem) => problem.state === "muted").length };
}

function tile(context, count, text, choice) {
  const [name, value] = Object.entries(choice)[0];
  const chosen = context.query[name] === value;
  const href = context.link(
    "now",
    null,
    withChoice(context.query, { kind: null, state: null, ...(chosen ? {} : choice) }),
  );
  return h(
    "li",
    { key: value },
    h(
      "a",
      {
        href,
        class: count === 0 ? "zero" : count > 0 && name === "kind" ? "some" : null,
        "aria-current": chosen ? "true" : null,
      },
      h("b", {}, count === null ? "?" : number(count)),
      " ",
      text,
    ),
  );
}

export function tilesNode(context, counts) {
  const count = (kind) => (counts ? (counts.byKind[kind] ?? 0) : null);
  const more = Object.keys(KINDS).filter(
    (kind) => !TILES.includes(kind) && (count(kind) || context.query.kind === kind),
  );
  return h(
    "div",
    { class: "counts" },
    h(
      "ul",
      { class: "tiles four", "aria-label": "open problems by kind" },
      TILES.map((kind) => tile(context, count(kind), KINDS[kind].tile, { kind })),
    ),
    h(
      "ul",
      { class: "tiles more", "aria-label": "further problems" },
      more.map((kind) => tile(context, count(kind), KINDS[kind].tile, { kind })),
      tile(context, counts ? counts.muted : null, "muted", { state: "muted" }),
    ),
  );
}
