// The blocks of a run as bars on one line of time.

import { h, s } from "../dom.js";
import { duration } from "../time.js";
import { instantOf, when } from "../when.js";
import { cut, statusWord } from "../words.js";

function span(blocks, now) {
  const starts = blocks
    .map((block) => instantOf(block.started_at ?? block.created_at))
    .filter(Boolean)
    .map(Number);
  const ends = blocks.map((block) => Number(instantOf(block.ended_at) ?? now));
  const from = Math.min(...starts);
  return { from, length: Math.max(1000, Math.max(...ends) - from) };
}

function blockBar(block, { from, length }, now) {
  const start = instantOf(block.started_at);
  if (!start) return null;
  const end = instantOf(block.ended_at) ?? now;
  const tone = block.status === "FAILED" ? "failed" : block.status === "COMPLETED" ? "" : "other";
  return s(
    "svg",
    { class: "progress", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: "track", y: 4, width: 100, height: 2 }),
    s("rect", {
      class: `block ${tone}`,
      x: ((100 * (start - from)) / length).toFixed(2),
      y: 1,
      height: 8,
      width: Math.max(0.4, (100 * (end - start)) / length).toFixed(2),
    }),
  );
}

export function blocksNode(context, blocks) {
  if (blocks === null || blocks === undefined) {
    return h(
      "section",
      {},
      h("h2", {}, "Blocks"),
      h(
        "p",
        { class: "faint" },
        "Blocks are not captured: walpulse-connector setup --table block_run shows them from then on.",
      ),
    );
  }
  if (!blocks.length)
    return h("section", {}, h("h2", {}, "Blocks"), h("p", { class: "faint" }, "Mage has made none."));
  const whole = span(blocks, context.now);
  return h(
    "section",
    {},
    h("h2", {}, "Blocks"),
    h(
      "table",
      { class: "list" },
      h("caption", { class: "unseen" }, "Blocks"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["block", "status", "began", "took", "when in the run"].map((text) =>
            h("th", { scope: "col" }, text),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        blocks.map((block) =>
          h(
            "tr",
            { key: block.id, "data-row": true },
            h("th", { scope: "row", class: "name" }, cut(block.name ?? "?", 80)),
            h(
              "td",
              { class: block.status === "FAILED" ? "bad" : null },
              statusWord(block.status),
              block.error ? h("blockquote", { class: "name" }, cut(block.error, 500)) : null,
            ),
            h(
              "td",
              { "data-label": "began" },
              when(context, block.started_at, { seconds: true, unknown: "-" }),
            ),
            h(
              "td",
              { class: "number", "data-label": "took" },
              block.seconds === null ? "-" : duration(block.seconds),
            ),
            h("td", {}, blockBar(block, whole, context.now)),
          ),
        ),
      ),
    ),
  );
}
