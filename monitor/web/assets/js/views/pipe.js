// walpulse itself: whether it sees, whether it counts, whether it tells.

import { h } from "../dom.js";
import { queryText } from "../url_state.js";
import { sourceNode } from "./pipe_source.js";
import { channelsNode } from "./pipe_channels.js";
import { monitorNode, rulesInForce } from "./pipe_monitor.js";
import { verdictNode } from "./pipe_verdict.js";

export function pipePaths(route) {
  return [`/sources${queryText({ source: route.query.source })}`, "/rules"];
}

export function pipeTitle() {
  return "Pipe";
}

export function pipeNode(context, [sources, rules]) {
  return [
    h("h1", {}, "Pipe"),
    sources.items.length
      ? [verdictNode(sources, rules), sources.items.map((source) => sourceNode(context, source))]
      : h(
          "p",
          { class: "lead" },
          "No connector has reported yet. ",
          h("a", { href: context.link("now") }, "What brings one"),
        ),
    monitorNode(context, sources.monitor),
    channelsNode(context, sources.channels, rules),
    rulesInForce(context, rules, sources.monitor),
  ];
}
