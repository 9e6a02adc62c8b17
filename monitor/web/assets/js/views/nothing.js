// Where there is no view to draw: an address that is none, a thing that is not there, a question that was refused.

import { h } from "../dom.js";
import { cut } from "../words.js";

export function refusedNode(context, problem) {
  const allowed = problem.allowed?.length
    ? h("p", { class: "faint" }, `Allowed: ${cut(problem.allowed.join(", "), 600)}.`)
    : null;
  return [
    h("h1", {}, problem.title ?? "It is not there"),
    h("p", {}, cut(problem.detail ?? "", 1000)),
    problem.remedy ? h("p", {}, cut(problem.remedy, 1000)) : null,
    problem.example ? h("p", { class: "faint" }, `For example: ${cut(problem.example, 200)}`) : null,
    allowed,
    h(
      "p",
      {},
      h("a", { href: context.link(context.view, context.id) }, "Without filters"),
      " · ",
      h("a", { href: context.link("now") }, "Now"),
    ),
  ];
}

export function nowhereNode(context) {
  return [
    h("h1", {}, "There is no such view"),
    h(
      "p",
      {},
      h("a", { href: context.link("now") }, "Now"),
      ", ",
      h("a", { href: context.link("pipelines") }, "Pipelines"),
      ", ",
      h("a", { href: context.link("pipe") }, "Pipe"),
      ".",
    ),
  ];
}

const ASKING_TEXT = "Asking...";

/** What stands there until the first answer; and if none comes, that none came. */
export function waitingNode(link) {
  const texts = {
    asking: ASKING_TEXT,
    signed_out: "You are signed out.",
    refused: "You may not read this page.",
    away: "The ledger does not answer yet.",
    nothing: "No answer yet.",
    busy: ASKING_TEXT,
  };
  return [h("p", { class: "lead faint" }, texts[link.kind] ?? ASKING_TEXT)];
}
