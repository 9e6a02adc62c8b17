// The runs of a pipeline: its last ends as bars, and the list, page by page.

import { h } from "../dom.js";
import { bars } from "../bars.js";
import { pagingNode } from "../paging.js";
import { date } from "../time.js";
import { instantOf } from "../when.js";
import { queryText, withChoice } from "../url_state.js";
import { counted, statusWord } from "../words.js";
import { filtersNode } from "./now_problems.js";
import { runsTable } from "./run_lines.js";

export function runsNode(context, list) {
  const filters = filtersNode(context, "pipeline");
  const csv = `/api/v1/runs${queryText({ pipeline: context.id, format: "csv", page_size: 200 })}`;
  const chosen = (status) => context.query.status === status;
  return h(
    "section",
    { id: "runs" },
    h("h2", {}, "Runs"),
    h(
      "p",
      { class: "filters" },
      ["COMPLETED", "FAILED", "CANCELLED", "RUNNING"].map((status) =>
        h(
          "a",
          {
            class: "chip",
            "aria-current": chosen(status) ? "true" : null,
            key: status,
            href: context.link(
              "pipeline",
              context.id,
              withChoice(context.query, { status: chosen(status) ? null : status }),
            ),
          },
          statusWord(status),
        ),
      ),
      h("a", { href: csv }, "CSV"),
    ),
    filters,
    list.items.length
      ? runsTable(context, list.items)
      : h(
          "p",
          {},
          list.next_page_token
            ? "None among those that were looked at; the next page goes on."
            : "No run is like that.",
        ),
    pagingNode(context, list, "#runs"),
  );
}

export function endsNode(context, answer) {
  if (!answer.last_ends.length) return null;
  const oldest = instantOf(answer.last_ends.at(-1).ended_at);
  return h(
    "section",
    {},
    h("h2", {}, `Last ${counted(answer.last_ends.length, "end")}`),
    bars(answer.last_ends, {
      count: answer.last_ends.length,
      height: 60,
      link: (end) => context.link("run", `${answer.pipeline.source}:${end.run}`),
    }),
    h(
      "p",
      { class: "faint" },
      `Since ${date(oldest, context.zone, context.now)}. Height is how long a run took; crossed ` +
        "to the top: failed; hollow: cancelled.",
    ),
  );
}
