// How long a pipeline takes, day by day: a chart for those who see it, the same as a table for all.

import { h } from "../dom.js";
import { duration } from "../time.js";
import { withChoice } from "../url_state.js";
import { number } from "../words.js";
import { drawTrend } from "../chart.js";

const SPANS = [30, 90];

function table(days) {
  return h(
    "details",
    {},
    h("summary", {}, "The same as a table"),
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, "Ends and durations, day by day (UTC)"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["day (UTC)", "completed", "failed", "cancelled", "usual", "nine of ten"].map((text) =>
            h("th", { scope: "col" }, text),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        days.toReversed().map((day) =>
          h(
            "tr",
            { key: day.day },
            h("th", { scope: "row" }, day.day),
            [day.completed, day.failed, day.cancelled].map((count) => h("td", {}, number(count))),
            [day.usual_seconds, day.nine_of_ten_seconds].map((seconds) => h("td", {}, duration(seconds))),
          ),
        ),
      ),
    ),
  );
}

export function trendNode(context, { trend }) {
  const span = SPANS.includes(Number(context.query.days)) ? Number(context.query.days) : SPANS[0];
  const from = new Date(context.now - span * 86_400_000).toISOString().slice(0, 10);
  const days = trend.filter((day) => day.day > from);
  const timed = days.filter((day) => day.usual_seconds !== null);
  const chart = h("div", {
    class: "chart",
    "data-own": true,
    "aria-hidden": "true",
    id: "trend",
    key: `trend-${span}`,
  });
  drawTrend("#trend", timed);
  return h(
    "section",
    {},
    h("h2", {}, `Durations, ${span} days`),
    h(
      "p",
      { class: "filters" },
      SPANS.map((each) =>
        h(
          "a",
          {
            class: "chip",
            key: each,
            "aria-current": each === span ? "true" : null,
            href: context.link("pipeline", context.id, withChoice(context.query, { days: each })),
          },
          `${each} days`,
        ),
      ),
    ),
    timed.length < 2 ? h("p", { class: "faint" }, "Two days with completed runs make a trend.") : chart,
    days.length ? table(days) : null,
  );
}
