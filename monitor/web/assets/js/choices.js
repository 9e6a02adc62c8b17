// What a reader chooses becomes an address, and the address becomes the view.

import { onAct } from "./actions.js";
import { kept, keep } from "./preferences.js";
import { setTheme, theme } from "./theme.js";
import { addressOf, headChoices, withChoice } from "./url_state.js";

const SEARCH_MS = 150;
const TYPING_MS = 400;

/** Calls with the last of a burst. */
function behindBurst(pause, act) {
  let timer = null;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), pause);
  };
}

function choose(router, changes, options) {
  const { view, id, query } = router.route;
  router.go(addressOf(view, id, withChoice(query, changes)), options);
}

/** Searching looks at the pipelines, wherever one comes from; typing on leaves one step for Back. */
function search(router, text) {
  const { view, query } = router.route;
  const there = view === "pipelines";
  router.go(
    addressOf("pipelines", null, there ? withChoice(query, { text }) : { ...headChoices(query), text }),
    { replace: there },
  );
}

function chooseLabel(router, text) {
  const label = /^\s*([A-Za-z_]\w*)\s*=(.*)$/.exec(text);
  if (!label && text.trim()) return;
  const without = Object.fromEntries(
    Object.keys(router.route.query)
      .filter((name) => name.startsWith("label."))
      .map((name) => [name, null]),
  );
  choose(
    router,
    { ...without, ...(label ? { [`label.${label[1]}`]: label[2].trim() } : {}) },
    { replace: true },
  );
}

export function listenForChoices(router, { redraw }) {
  const searching = behindBurst(SEARCH_MS, (text) => search(router, text));
  const typing = behindBurst(TYPING_MS, (name, text) => choose(router, { [name]: text }, { replace: true }));
  const labelling = behindBurst(TYPING_MS, (text) => chooseLabel(router, text));
  onAct("search", (field) => searching(field.value.trim()));
  onAct("source", (field) => choose(router, { source: field.value }));
  onAct("team", (field) => choose(router, { team: field.value }));
  onAct("tz", (field) => {
    keep("tz", field.value);
    choose(router, { tz: field.value });
  });
  onAct("choose", (field) =>
    field instanceof HTMLSelectElement
      ? choose(router, { [field.dataset.name]: field.value })
      : typing(field.dataset.name, field.value.trim()),
  );
  onAct("choose-label", (field) => labelling(field.value));
  onAct("theme", (field) => {
    setTheme(field.value);
    redraw();
  });
  onAct("reload", () => location.reload());
  onAct("copy", (button) =>
    navigator.clipboard?.writeText(button.dataset.text).then(
      () => {
        button.textContent = "Copied";
      },
      () => {},
    ),
  );
  onAct("keys", () => document.getElementById("keys").showModal());
  onAct("keys-close", () => document.getElementById("keys").close());
  onAct("keys-off", (box) => keep("keys", box.checked ? "" : "off"));
  document.getElementById("theme").value = theme();
  document.getElementById("keys-off").checked = kept("keys") !== "off";
}
