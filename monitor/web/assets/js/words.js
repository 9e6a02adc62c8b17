// The page's words, each in one place.

const whole = new Intl.NumberFormat("en-US");

/** "41,200". */
export function number(value) {
  return value === null || value === undefined ? "unknown" : whole.format(value);
}

/** "1 run", "1,200 runs". */
export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Per kind of problem: its word in a row, the word of its tile, and a mark, so that colour is never alone. */
export const KINDS = {
  failing: { word: "failing", tile: "failing", mark: "✕" },
  not_started: { word: "did not start", tile: "did not start", mark: "○" },
  waiting: { word: "waiting", tile: "waiting to start", mark: "◌" },
  too_long: { word: "too long", tile: "too long", mark: "◷" },
  not_done: { word: "not done", tile: "not done", mark: "◔" },
  stale: { word: "no success", tile: "without success", mark: "△" },
  not_running: { word: "not running", tile: "not running", mark: "□" },
  abandoned: { word: "abandoned", tile: "abandoned", mark: "▽" },
  scheduler: { word: "scheduler", tile: "scheduler", mark: "‖" },
  check_failed: { word: "check failed", tile: "checks failed", mark: "≠" },
  blind: { word: "walpulse cannot see", tile: "blind", mark: "◎" },
  undelivered: { word: "not delivered", tile: "not delivered", mark: "✉" },
};

/** Always there, zero or not; the others appear with their first problem. */
export const TILES = ["failing", "not_started", "too_long", "not_done"];

export function kindWord(kind) {
  return KINDS[kind]?.word ?? String(kind).replaceAll("_", " ");
}

export function kindMark(kind) {
  return KINDS[kind]?.mark ?? "!";
}

/** "COMPLETED" as it stands in a sentence. */
export function statusWord(status) {
  return String(status ?? "unknown").toLowerCase();
}

/** "trigger nightly"; a name that ends with the word needs none before it: "hourly_orders trigger". */
export function triggerText(name, length = 60) {
  const text = cut(name, length);
  return /\btrigger$/i.test(text) ? text : `trigger ${text}`;
}

/** "partner=acme, region=eu". */
export function labelsText(labels) {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** Whose it is: ["team finance", "owner ana@example.com"], as far as the rules say. */
export function whose({ team, owner }) {
  return [team && `team ${cut(team, 60)}`, owner && `owner ${cut(owner, 80)}`].filter(Boolean);
}

/** Names can be 10 kB long: a row shows the beginning, the tooltip a screenful. */
export function cut(text, length = 120) {
  const characters = Array.from(String(text));
  return characters.length <= length ? String(text) : `${characters.slice(0, length - 1).join("")}…`;
}

/** A name as a link or a heading: one of blanks alone would be nothing to see or to press. */
export function nameText(name, length) {
  return String(name).trim() ? cut(name, length) : "(blank)";
}
