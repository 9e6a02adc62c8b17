// Light or dark: as the system says, unless the reader says otherwise on this machine.

import { kept, keep } from "./preferences.js";

export function theme() {
  return kept("theme") ?? "";
}

export function setTheme(chosen) {
  keep("theme", chosen);
  applyTheme();
}

export function applyTheme() {
  if (theme()) document.documentElement.dataset.theme = theme();
  else delete document.documentElement.dataset.theme;
}
