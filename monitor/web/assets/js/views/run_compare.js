// What is different from the last run that completed. Pure: two runs in, lines out; what is equal is left out.

import { labelsText } from "../words.js";

/** A block that took a third more or less, and five seconds at least, is different. */
const SHARE = 1 / 3;
const SECONDS_MIN = 5;
const ENDS = ["COMPLETED", "FAILED", "CANCELLED", "UPSTREAM_FAILED", "CONDITION_FAILED"];

function differs(now, before) {
  if (now === null || before === null || now === undefined || before === undefined) return false;
  return Math.abs(now - before) >= Math.max(SECONDS_MIN, before * SHARE);
}

function triggerOf(run) {
  return run.trigger ? (run.trigger.name ?? run.trigger.id) : run.made_by;
}

function lastOfName(blocks) {
  return new Map((blocks ?? []).map((block) => [block.name, block]));
}

/** [{what, now, before, unit}]: `unit` is "seconds" or "text". */
export function differences(run, blocks, success) {
  const out = [];
  const other = success.run;
  const text = (what, now, before) => now !== before && out.push({ what, now, before, unit: "text" });
  text("trigger", triggerOf(run), triggerOf(other));
  text("labels", labelsText(run.labels) || "none", labelsText(other.labels) || "none");
  text("pipeline", run.pipeline.name, other.pipeline.name);
  text("attempts", String(run.attempts), String(other.attempts));
  if (differs(run.seconds, other.seconds)) {
    out.push({ what: "whole run", now: run.seconds, before: other.seconds, unit: "seconds" });
  }
  if (!blocks || !success.blocks) return out;
  // What a run that goes on has not done yet is no difference.
  const isOver = (block) => !run.active || ENDS.includes(block.status);
  const here = lastOfName(blocks.filter(isOver));
  const there = lastOfName(success.blocks);
  for (const [name, block] of here) out.push(...blockDifference(name, block, there.get(name)));
  for (const [name] of there) {
    if (!run.active && !here.has(name)) out.push(change(`block ${name}`, "was not reached", "ran"));
  }
  return out;
}

function change(what, now, before, unit = "text") {
  return { what, now, before, unit };
}

function blockDifference(name, block, before) {
  const what = `block ${name}`;
  if (!before) return [change(what, block.status ?? "unknown", "was not there")];
  if (block.status !== before.status)
    return [change(what, block.status ?? "unknown", before.status ?? "unknown")];
  if (differs(block.seconds, before.seconds)) return [change(what, block.seconds, before.seconds, "seconds")];
  return [];
}
