// The page without a mouse. j and k go from row to row by moving the focus to a row's own link, so that Enter, the
// focus ring and a screen reader do what they always do.

import { kept } from "./preferences.js";

function typing(target) {
  return target instanceof HTMLElement && target.closest("input, select, textarea, dialog[open]") !== null;
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  const link = rows[next].querySelector("a[data-main], summary, a, button") ?? rows[next];
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

/** Of the row that is gone to, never of one that stands within it: a closed group has many. */
function inRow(selector) {
  const row = document.activeElement?.closest("[data-row]");
  const own = [...(row?.querySelectorAll(selector) ?? [])].find((each) => each.closest("[data-row]") === row);
  own?.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  m: () => inRow("[data-act=mute]"),
  "/": () => document.querySelector("#search")?.focus(),
  "?": () => document.querySelector("#keys")?.showModal(),
  1: () => document.querySelector("nav a:nth-of-type(1)")?.click(),
  2: () => document.querySelector("nav a:nth-of-type(2)")?.click(),
  3: () => document.querySelector("nav a:nth-of-type(3)")?.click(),
};

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.id === "search") return event.target.blur();
    // Whoever dictates or has a switch turns single keys off: WCAG 2.1.4.
    if (typing(event.target) || kept("keys") === "off") return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
