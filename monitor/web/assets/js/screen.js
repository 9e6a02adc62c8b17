// Draws: the head, what is to be said above the view, the view. Keeps nothing but what stands on the screen.

import { h } from "./dom.js";
import { headNodes } from "./head.js";
import { morphChildren } from "./morph.js";
import { awayNotice, truthOf } from "./truth.js";
import { localised } from "./when.js";
import { cut } from "./words.js";

function fragment(nodes) {
  const all = document.createDocumentFragment();
  all.append(
    ...[nodes]
      .flat(Infinity)
      .filter((node) => node !== null && node !== undefined && node !== false && node !== ""),
  );
  return all;
}

function notices(context, link) {
  const lines = [];
  for (const name of context.unknown) {
    lines.push([
      "unknown",
      [
        `"${cut(name, 60)}" in the address is nothing that this view can filter by: it was not applied. `,
        h("a", { href: context.link(context.view, context.id, context.query) }, "Without it"),
      ],
    ]);
  }
  const away = awayNotice(context, link);
  if (away) lines.push(["away", away]);
  if (link.kind === "busy")
    lines.push([
      "busy",
      `The server has more to answer than it can: asking again in a moment. ${link.problem?.remedy ?? ""}`,
    ]);
  if (context.world.isOld) {
    const reload = h("button", { type: "button", class: "inline", "data-act": "reload" }, "load it anew");
    lines.push(["old", ["This page is of another version of walpulse than what answers it: ", reload, "."]]);
  }
  for (const notice of context.world.notices) {
    lines.push([
      notice.name,
      localised(
        context,
        [notice.text, notice.remedy]
          .filter(Boolean)
          .map((text) => cut(text, 500))
          .join("; "),
      ),
    ]);
  }
  return lines.map(([key, text]) => h("p", { key }, text));
}

export function drawAround(context, link, head) {
  const truth = truthOf(link, head, context.zone, context.world.behind);
  const header = document.getElementById("head");
  header.className = `${truth.tone}${context.menuOpen ? " open" : ""}`;
  morphChildren(header, fragment(headNodes(context, truth)));
  morphChildren(document.getElementById("notices"), fragment(notices(context, link)));
  document.body.dataset.link = link.kind === "asking" ? "asking" : truth.tone === "lost" ? "lost" : "";
}

export function drawView(nodes) {
  morphChildren(document.getElementById("view"), fragment(nodes));
}

/** For a screen reader, which does not see that something moved. */
export function say(text) {
  document.getElementById("said").textContent = text;
}
