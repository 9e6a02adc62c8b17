// Muting: what, how long, and why. The form is the browser's own dialog; the answer of the API stands in it where it
// refuses.

import { onAct } from "./actions.js";
import { ask } from "./api.js";
import { h } from "./dom.js";
import { refusalText } from "./refusal.js";

let target = null;

function dialog() {
  return document.getElementById("mute");
}

/** `of` is {problem, pipeline, subject}; one of the first two may be missing. */
export function openMute(of) {
  target = of;
  document.getElementById("mute-subject").textContent = of.subject;
  document.getElementById("mute-error").textContent = "";
  const choices = [
    of.problem && ["problem", "this problem, until it is over at the latest"],
    of.pipeline && ["pipeline", "whatever comes of the pipeline"],
  ].filter(Boolean);
  document
    .getElementById("mute-what")
    .replaceChildren(...choices.map(([value, text]) => h("option", { value }, text)));
  document.getElementById("mute-form").elements.reason.value = "";
  dialog().showModal();
  document.getElementById("mute-form").elements.reason.focus();
}

function bodyOf(form) {
  const long = form.elements.long.value;
  const what =
    form.elements.what.value === "problem" ? { problem: target.problem } : { pipeline: target.pipeline };
  return {
    ...what,
    ...(long === "recovered" ? { until: "recovered" } : { for: long }),
    reason: form.elements.reason.value,
  };
}

/** `changed(text)` is called when a mute was set or lifted. */
export function listenForMutes(changed) {
  onAct("mute", (button) => openMute(button.dataset));
  onAct("mute-cancel", () => dialog().close());
  onAct("mute-send", async (form) => {
    const result = await ask("/mutes", { method: "POST", body: bodyOf(form) });
    if (result.kind !== "answer") {
      document.getElementById("mute-error").textContent = refusalText(result, "muted", "mute");
      return;
    }
    dialog().close();
    changed(`muted: ${target.subject}`);
  });
  onAct("unmute", async (button) => {
    const result = await ask(`/mutes/${encodeURIComponent(button.dataset.mute)}`, { method: "DELETE" });
    changed(result.kind === "answer" ? "no longer muted" : refusalText(result, "muted", "unmute"), result.kind !== "answer");
  });
}
