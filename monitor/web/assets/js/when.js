// Instants and spans as nodes. `context` is what every view is drawn with: {zone, now, query, view, id}.

import { h } from "./dom.js";
import { clock, distance, duration, moment, wholeInstant } from "./time.js";

/** Null where the text is none: unknown is never drawn as a time. */
export function instantOf(text) {
  const instant = text ? new Date(text) : null;
  return instant && !Number.isNaN(instant.getTime()) ? instant : null;
}

function timeNode(context, instant, shown) {
  const utc = context.zone === "UTC" ? "" : ` = ${wholeInstant(instant, "UTC")}`;
  return h(
    "time",
    { datetime: instant.toISOString(), title: wholeInstant(instant, context.zone) + utc },
    shown,
  );
}

/** "yesterday 02:11". */
export function when(context, text, { seconds = false, unknown = "unknown" } = {}) {
  const instant = instantOf(text);
  return instant ? timeNode(context, instant, moment(instant, context.zone, context.now, seconds)) : unknown;
}

/** "07:15", where the day is said already. */
export function whenClock(context, text) {
  const instant = instantOf(text);
  return instant ? timeNode(context, instant, clock(instant, context.zone)) : "unknown";
}

/** "5 h 8 min" up to the instant up to which everything is known. */
export function since(context, text) {
  const instant = instantOf(text);
  return instant ? duration(Math.max(0, (context.now - instant) / 1000)) : "unknown";
}

/** "in 5 min", "40 s ago". */
export function away(context, text) {
  const instant = instantOf(text);
  return instant ? distance(instant, context.now) : "unknown";
}

/** A text of the server with its instants as the reader's clock has them. */
export function localised(context, text) {
  return String(text ?? "").replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (found) => {
    const instant = instantOf(found);
    return instant ? moment(instant, context.zone, context.now) : found;
  });
}
