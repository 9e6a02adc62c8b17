// The one line above every view: where one is, what one looks at, and whether it is true now.

import { h } from "./dom.js";
import { truthNode } from "./truth.js";
import { browserZone, zoneName } from "./time.js";

const TABS = [
  ["now", "Now"],
  ["pipelines", "Pipelines"],
  ["pipe", "Pipe"],
];
const UNDER = { pipeline: "pipelines", run: "pipelines" };

function navigation(context) {
  const at = UNDER[context.view] ?? context.view;
  return h(
    "nav",
    { "aria-label": "views" },
    TABS.map(([view, text]) =>
      h("a", { href: context.link(view), "aria-current": view === at ? "page" : null }, text),
    ),
  );
}

function choice(name, label, options, chosen) {
  return h(
    "select",
    { id: name, "aria-label": label, "data-act": name },
    options.map(([value, text]) =>
      h("option", { value, selected: value === chosen, key: value || "all" }, text),
    ),
  );
}

/** One source needs no choice: its name stands there. */
function sourceChoice(context) {
  const names = context.world.sources;
  const chosen = context.query.source ?? "";
  if (names.length <= 1 && !chosen) return names.length ? h("span", { class: "only name" }, names[0]) : null;
  const all = names.includes(chosen) || !chosen ? names : [...names, chosen];
  return choice("source", "source", [["", "all sources"], ...all.map((name) => [name, name])], chosen);
}

function teamChoice(context) {
  const teams = context.world.teams.filter((team) => team !== null);
  const chosen = context.query.team ?? "";
  if (!teams.length && !chosen) return null;
  const all = teams.includes(chosen) || !chosen || chosen === "none" ? teams : [...teams, chosen];
  return choice(
    "team",
    "team",
    [["", "all teams"], ...all.map((team) => [team, team]), ["none", "no team"]],
    chosen,
  );
}

function zoneChoice(context) {
  const own = browserZone();
  const zones = [...new Set([context.zone, own, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return h(
    "div",
    { class: "zone" },
    h("span", { "aria-hidden": "true" }, "times:"),
    choice(
      "tz",
      "time zone of all times",
      zones.map((zone, index) => [zone, index === 0 ? zoneName(zone, context.now) : zone]),
      context.zone,
    ),
  );
}

export function headNodes(context, truth) {
  return [
    h("a", { class: "brand", href: context.link("now") }, "walpulse"),
    h(
      "div",
      { class: "menu", id: "menu" },
      navigation(context),
      sourceChoice(context),
      teamChoice(context),
      h("input", {
        id: "search",
        type: "search",
        placeholder: "/ search",
        "aria-label": "search pipelines by name or label",
        "data-act": "search",
        value: context.query.text ?? "",
        autocomplete: "off",
        spellcheck: "false",
        maxlength: 256,
      }),
    ),
    zoneChoice(context),
    h(
      "button",
      {
        type: "button",
        class: "menu-button",
        "data-act": "menu",
        "aria-controls": "menu",
        "aria-expanded": context.menuOpen ? "true" : "false",
      },
      "Menu",
    ),
    truthNode(truth, context.link("pipe")),
  ];
}
