// Who was told of a problem: in a row as short as it can be said, below it place by place.

import { h } from "./dom.js";
import { muteText } from "./problem_words.js";
import { when } from "./when.js";
import { cut } from "./words.js";

const TYPE_WORDS = { log: "log", slack: "Slack", webhook: "webhook", pagerduty: "PagerDuty", mail: "mail" };

/** "Slack"; of a channel that the rules do not name its type is not known. */
export function channelType(type) {
  return TYPE_WORDS[type] ?? "";
}

function placeName(place, length) {
  return h("span", { class: "name" }, cut(place.place ?? place.channel, length));
}

const LOST_WORDS = { given_up: "given up", too_old: "too old", dropped: "dropped by hand" };

function isLost(place) {
  return !place.sent_at && place.state in LOST_WORDS;
}

function nextMessage(context, place) {
  if (place.state === "collected") return ["collected, next message ", when(context, place.due_at)];
  return ["not delivered yet, tried again ", when(context, place.due_at)];
}

/** "told #data 02:05, not oncall". */
function rowPlaces(context, places) {
  const told = places.filter((place) => place.sent_at);
  const lost = places.filter(isLost);
  const later = places.filter((place) => !place.sent_at && ["collected", "waiting"].includes(place.state));
  const parts = [];
  if (told.length) {
    const more = told.length > 1 ? ` and ${told.length - 1} more` : "";
    parts.push(["told ", placeName(told[0], 24), more, " ", when(context, told[0].sent_at)]);
  } else if (later.length) parts.push(nextMessage(context, later[0]));
  if (lost.length) parts.push(h("strong", { class: "bad" }, "not told: ", placeName(lost[0], 24)));
  if (!parts.length) parts.push("over before it was told");
  return parts.flatMap((part, index) => (index ? [", ", part] : [part]));
}

/** The answer to "who knows?" in a row. */
export function toldText(context, problem) {
  if (problem.mute) return muteText(context, problem.mute);
  if (problem.told_to.length) return rowPlaces(context, problem.told_to);
  if (problem.at_first) {
    // Whether there is a channel only Now is told.
    const how = { true: "in the log alone", false: "told with the others" };
    return [how[context.noChannel] ?? "in the log with the others", ", ", when(context, problem.opened_at)];
  }
  if (!problem.told) {
    if (problem.under) return "told with what explains it";
    return problem.closed_at ? "nobody was told of it by itself" : "not told: was so before walpulse came";
  }
  if (problem.severity === "record") return "recorded: nobody is told";
  return ["told in the log ", when(context, problem.opened_at)];
}

function placeLine(context, place) {
  const waits = ["collected", "waiting"].includes(place.state);
  const parts = [];
  if (place.sent_at) parts.push(["told ", when(context, place.sent_at)]);
  if (waits) parts.push(nextMessage(context, place));
  if (place.state in LOST_WORDS) {
    parts.push([
      h("strong", { class: "bad" }, place.sent_at ? "the last message " : "not told: ", LOST_WORDS[place.state]),
      " ",
      h("a", { href: context.link("pipe") }, "Channels"),
    ]);
  }
  if (!parts.length) parts.push("not told: it was over before");
  return h(
    "li",
    { key: JSON.stringify([place.channel, place.place]) },
    [channelType(place.type), " "],
    placeName(place, 80),
    ": ",
    parts.flatMap((part, index) => (index ? [", ", part] : [part])),
  );
}

/** Every place with what became of it; null where there is no more to say than the row says. */
export function toldNode(context, problem) {
  const muted = problem.mute && !problem.told_to.some((place) => place.sent_at);
  if (!problem.told_to.length && !muted) return null;
  return h(
    "ul",
    { class: "lines told-lines", "aria-label": "who was told", key: `told-${problem.id}` },
    muted ? h("li", { key: "muted" }, "not told: muted") : null,
    problem.told_to.map((place) => placeLine(context, place)),
  );
}
