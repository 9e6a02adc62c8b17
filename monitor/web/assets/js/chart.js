// uPlot, fetched when the first chart is looked at: the other views do without it.

import { date, duration } from "./time.js";

const DAY_SECONDS = 86_400;
/** Ticks stand at whole days: between two days there is nothing, and a day is named once. */
const DAY_STEPS = [1, 2, 5, 7, 10, 14, 30].map((days) => days * DAY_SECONDS);

let library = null;
let drawn = { element: null, text: "", plot: null };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function dayText(stamp) {
  const day = new Date(stamp * 1000);
  return date(day, "UTC", day);
}

function optionsFor(width) {
  const axis = {
    stroke: colour("--faint"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line") },
  };
  const seconds = (_, value) => (value === null || value === undefined ? "-" : duration(value));
  return {
    width,
    height: 220,
    // Days are of UTC, whatever the reader's zone: so they are drawn as such.
    tzDate: (stamp) => library.tzDate(new Date(stamp * 1000), "UTC"),
    scales: { y: { range: (_, low, high) => [0, (high || 1) * 1.1] } },
    axes: [
      { ...axis, incrs: DAY_STEPS, values: (_, stamps) => stamps.map(dayText) },
      { ...axis, size: 90, values: (_, ticks) => ticks.map((tick) => duration(tick)) },
    ],
    series: [
      { label: "day (UTC)", value: "{YYYY}-{MM}-{DD}" },
      { label: "usual", stroke: colour("--text"), width: 2, value: seconds, points: { show: true } },
      { label: "nine of ten", stroke: colour("--bar"), width: 2, dash: [6, 4], value: seconds },
    ],
    hooks: { setLegend: [showLast] },
  };
}

/** The legend says the last day's values until the pointer is at another. */
function showLast(plot) {
  if (plot.cursor.idx === null || plot.cursor.idx === undefined) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

/** Draws into the element of that selector once it stands on the page; again only where days or theme changed. */
export function drawTrend(selector, days) {
  const text = JSON.stringify(days) + colour("--ground") + innerWidth;
  requestAnimationFrame(async () => {
    const element = document.querySelector(selector);
    if (!element || (drawn.element === element && drawn.text === text)) return;
    drawn.plot?.destroy();
    drawn = { element, text, plot: null };
    library ??= (await import("/assets/uplot.js")).default;
    if (drawn.element !== element || drawn.text !== text) return;
    const data = [
      days.map((day) => Date.parse(day.day) / 1000),
      days.map((day) => day.usual_seconds),
      days.map((day) => day.nine_of_ten_seconds),
    ];
    drawn.plot = new library(optionsFor(element.clientWidth), data, element);
    showLast(drawn.plot);
  });
}
