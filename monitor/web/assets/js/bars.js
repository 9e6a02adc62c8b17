// The last ends of a pipeline, oldest first. A bar's height is how long the run took; its state is told by shape and
// by colour: completed is solid, failed reaches the top and is crossed, cancelled is hollow.

import { h, s } from "./dom.js";
import { duration } from "./time.js";
import { counted, statusWord } from "./words.js";

const STEP = 7;
const WIDTH = 5;

function heightOf(end, longest, height) {
  if (end.status === "FAILED") return height;
  if (end.status === "CANCELLED" || !(longest > 0) || end.seconds === null) return height * 0.45;
  return Math.max(height * 0.2, height * Math.sqrt(end.seconds / longest) * 0.92);
}

function mark(end, x, height, longest) {
  const tall = heightOf(end, longest, height);
  const top = height - tall;
  const inset = end.status === "CANCELLED" ? 0.75 : 0;
  const box = s("rect", {
    class: `bar ${statusWord(end.status)}`,
    x: x + inset,
    y: (top + inset).toFixed(1),
    width: WIDTH - 2 * inset,
    height: Math.max(1, tall - 2 * inset).toFixed(1),
  });
  if (end.status !== "FAILED") return [box];
  return [
    box,
    s("path", { class: "cross", d: `M${x},${top + 2}l${WIDTH},${WIDTH}m0,-${WIDTH}l-${WIDTH},${WIDTH}` }),
  ];
}

/** "18 completed, then 2 failed": what the bars show, for whoever does not see them. */
function barsText(ends) {
  const stretches = [];
  for (const end of ends) {
    const word = statusWord(end.status);
    if (stretches.at(-1)?.word === word) stretches.at(-1).count += 1;
    else stretches.push({ word, count: 1 });
  }
  if (stretches.length > 6) {
    const failed = ends.filter((end) => end.status === "FAILED").length;
    return `last ${counted(ends.length, "end")}: ${failed} failed, the last ${statusWord(ends.at(-1).status)}`;
  }
  const told = stretches.map(({ word, count }) => `${count} ${word}`).join(", then ");
  return `last ${counted(ends.length, "end")}: ${told}`;
}

/** `ends` newest first, as the API has them; `link(end)` makes each bar a link. */
export function bars(ends, { count = 20, height = 22, link = null, label = (end) => `run ${end.run}` } = {}) {
  const shown = (ends ?? []).slice(0, count).reverse();
  if (!shown.length) return h("span", { class: "faint" }, "no end yet");
  const longest = Math.max(...shown.map((end) => end.seconds ?? 0));
  const width = count * STEP;
  const drawn = shown.map((end, index) => {
    const x = width - (shown.length - index) * STEP;
    const title = s("title", {}, `${label(end)} ${statusWord(end.status)}, ${duration(end.seconds)}`);
    const whole = s("rect", { class: "reach", x: x - 1, y: 0, width: STEP, height });
    const shapes = [title, whole, mark(end, x, height, longest)];
    return link ? s("a", { href: link(end), "aria-label": title.textContent }, shapes) : s("g", {}, shapes);
  });
  const attributes = {
    class: "bars",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    preserveAspectRatio: "xMaxYMid slice",
  };
  if (link) return s("svg", { ...attributes, role: "group", "aria-label": barsText(shown) }, drawn);
  return s("svg", { ...attributes, role: "img", "aria-label": barsText(shown) }, drawn);
}

/** How far a running run is, against what it usually takes: the marks are usual and nine of ten. */
export function progressBar(seconds, usual, nineOfTen) {
  const end = Math.max(seconds, nineOfTen ?? 0, usual ?? 0) * 1.05 || 1;
  const at = (value) => ((100 * value) / end).toFixed(2);
  const over = nineOfTen !== null && nineOfTen !== undefined && seconds > nineOfTen;
  const line = (value, name) =>
    value === null || value === undefined
      ? null
      : s("line", { class: name, x1: at(value), x2: at(value), y1: 0, y2: 10 });
  return s(
    "svg",
    {
      class: `progress${over ? " over" : ""}`,
      viewBox: "0 0 100 10",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    s("rect", { class: "track", width: 100, height: 10 }),
    s("rect", { class: "run", y: 2, width: at(seconds), height: 6 }),
    line(usual, "usual"),
    line(nineOfTen, "most"),
  );
}
