// Whether walpulse itself is well, in one sentence: it sees, it counts, it tells.

import { h } from "../dom.js";
import { duration } from "../time.js";
import { counted, cut, nameText } from "../words.js";

function sourceFaults(source) {
  const name = cut(source.id, 60);
  const faults = [];
  if (source.state === "blind") faults.push(`it cannot see ${name}`);
  if (source.state === "behind") faults.push(`${name} is ${duration(source.behind_seconds)} behind`);
  if (source.state === "beginning") faults.push(`of ${name} it is not known yet up to when all is there`);
  if (source.tables.some((table) => table.gap)) faults.push(`${name} has a gap`);
  return faults;
}

function faultsOf({ items, monitor, channels }, rules) {
  const faults = items.flatMap(sourceFaults);
  if (!monitor.leads && monitor.leader === null) faults.push("nobody leads");
  if (monitor.warnings.length) faults.push(`the monitor has ${counted(monitor.warnings.length, "warning")}`);
  if (rules.mistakes.length) faults.push("the rules files are wrong as they are now");
  for (const channel of channels)
    if (channel.given_up_count)
      faults.push(`${counted(channel.given_up_count, "delivery", "deliveries")} to ${nameText(channel.name, 40)} given up`);
  return faults;
}

function listed(names) {
  const shown = names.slice(0, 3).map((name) => nameText(name, 40));
  if (names.length > 3) shown.push(`${names.length - 3} more`);
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

export function verdictNode(sources, rules) {
  const faults = faultsOf(sources, rules);
  if (faults.length)
    return h("p", { class: "lead name" }, h("strong", { class: "bad" }, "walpulse is not well: "), `${faults.join("; ")}.`);
  const behind = Math.max(...sources.items.map((source) => source.behind_seconds ?? 0));
  const channels = sources.channels.filter((channel) => channel.in_rules).map((channel) => channel.name);
  return h(
    "p",
    { class: "lead name" },
    h("strong", { class: "good" }, "walpulse is well: "),
    `it sees ${listed(sources.items.map((source) => source.id))}, ${duration(behind)} behind, and tells `,
    channels.length ? `${listed(channels)}.` : "its log alone: the rules name no channel.",
  );
}
