// The right end of the head: whether what stands on the page is true now, and since when it is not.

import { h } from "./dom.js";
import { clock, clockSeconds, duration } from "./time.js";
import { instantOf, localised } from "./when.js";
import { cut } from "./words.js";

/** Below it a lag is the rhythm of heartbeats and questions, not news. */
const BEHIND_SECONDS = 60;

/**
 * {tone, text, act}: `tone` is live, behind, quiet (nothing was heard yet) or lost. `link` is the poller's, `head`
 * the {as_of, behind_seconds} of the last answer or null; `behindSources` are named where there are several.
 */
export function truthOf(link, head, zone, behindSources = []) {
  const asOf = instantOf(head?.as_of);
  switch (link.kind) {
    case "signed_out":
      return { tone: "lost", text: "signed out", act: "reload", actText: "sign in" };
    case "refused":
      return {
        tone: "lost",
        text: `you may not read this: ${
          link.problem?.remedy ?? link.problem?.detail ?? "ask for roles/iap.httpsResourceAccessor"
        }`,
      };
    case "away":
      return { tone: "lost", text: `the ledger has not answered since ${clockSeconds(link.since, zone)}` };
    case "nothing":
      return { tone: "lost", text: `no answer since ${clockSeconds(link.since, zone)}, trying again` };
    case "asking":
      return { tone: "quiet", text: "asking" };
    default:
  }
  if (!asOf) return { tone: "quiet", text: "nothing heard yet" };
  const behind = head.behind_seconds ?? 0;
  if (behind > BEHIND_SECONDS) {
    const who = behindSources.length > 1 ? ` (${cut(behindSources.join(", "), 60)})` : "";
    return {
      tone: "behind",
      text: `${duration(behind)} behind${who}: you see Mage as of ${clockSeconds(asOf, zone)}`,
    };
  }
  return { tone: "live", long: "live, as of ", text: clockSeconds(asOf, zone) };
}

/** It leads to what it is the short form of. */
export function truthNode(truth, pipe) {
  return h(
    "p",
    { class: `truth ${truth.tone}`, id: "truth" },
    h(
      "a",
      { href: pipe },
      h("span", { class: "dot", "aria-hidden": "true" }),
      h("span", {}, truth.long ? h("span", { class: "long" }, truth.long) : null, truth.text),
    ),
    truth.act
      ? [" - ", h("button", { type: "button", class: "inline", "data-act": truth.act }, truth.actText)]
      : null,
  );
}

/** The ledger's absence, said whole; null where there is none. */
export function awayNotice(context, link) {
  if (link.kind !== "away") return null;
  const detail =
    localised(context, link.problem?.detail) ||
    `the ledger has not answered since ${clock(link.since, context.zone)}`;
  return `${sentenceCase(detail)}. ${sentenceCase(link.problem?.remedy || "Capture goes on; nothing is lost")}.`;
}

function sentenceCase(text) {
  const whole = String(text).trim().replace(/\.$/, "");
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}
