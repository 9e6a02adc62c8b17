// Whether what walpulse tells arrives: each channel of the rules, and what was given up.

import { cell, h } from "../dom.js";
import { channelType } from "../told_words.js";
import { when } from "../when.js";
import { counted, cut, nameText, number } from "../words.js";

const THREE_LINES = '[channel.data]\ntype = "slack"\nurl_file = "/etc/walpulse/slack"';

/** Where the rules are, or where they would be: it is pasted. */
function noChannelNode(rules) {
  const path = rules.path ?? "/etc/walpulse/rules.toml";
  return [
    h(
      "p",
      {},
      "The rules name no channel: problems are told in the monitor's log and in its metrics. ",
      rules.path === null
        ? "To tell Slack, put three lines into a file, and the address of a webhook into another:"
        : "To tell Slack, add three lines to the rules, and put the address of a webhook into a file:",
    ),
    h("pre", {}, THREE_LINES),
    h(
      "pre",
      {},
      rules.path === null ? `walpulse-monitor serve --rules ${path}\n` : null,
      `walpulse-monitor notify test data --rules ${path}`,
    ),
    h("p", { class: "faint" }, "PagerDuty, mail and webhooks: deploy/telling.md."),
  ];
}

function errorNode(context, error) {
  if (!error) return null;
  return [
    h("q", { class: "name" }, cut(error.answer ?? "no answer", 200)),
    h(
      "span",
      { class: "faint" },
      error.given_up_at
        ? [", given up ", when(context, error.given_up_at)]
        : [", tried again ", when(context, error.next_attempt_at)],
    ),
  ];
}

function waitingCell(context, channel) {
  const collected = channel.collected_count ? `${counted(channel.collected_count, "notice")} collected` : null;
  const waiting = channel.waiting_count
    ? [number(channel.waiting_count), " since ", when(context, channel.oldest_waiting_at)]
    : null;
  if (waiting && collected) return [waiting, ", ", collected];
  return waiting ?? collected;
}

function channelRow(context, channel) {
  const type = channelType(channel.type);
  return h(
    "tr",
    { key: channel.name, "data-row": true },
    h(
      "th",
      { scope: "row", class: "name" },
      nameText(channel.name, 80),
      h("span", { class: "faint" }, channel.in_rules ? ` ${type}` : " the rules name it no more"),
    ),
    h("td", { "data-label": "last delivered" }, when(context, channel.last_sent_at, { unknown: "nothing yet" })),
    cell({ "data-label": "waiting" }, waitingCell(context, channel)),
    cell(
      { class: channel.given_up_count ? "bad" : null, "data-label": "given up" },
      channel.given_up_count ? number(channel.given_up_count) : null,
    ),
    cell({ class: "name", "data-label": "last error" }, errorNode(context, channel.last_error)),
  );
}

function givenUpLine(context, delivery) {
  const of = cut(delivery.of, 120);
  return h(
    "li",
    { key: delivery.id, class: "name" },
    h(
      "button",
      {
        type: "button",
        "data-act": "retry",
        "data-delivery": delivery.id,
        "aria-label": `Retry ${of} to ${cut(delivery.channel, 60)}`,
      },
      "Retry",
    ),
    ` ${of}, given up `,
    when(context, delivery.ended_at),
    ` after ${counted(delivery.attempts, "attempt")}: `,
    h("q", {}, cut(delivery.answer ?? "no answer", 200)),
  );
}

/** In the command a name stands as a shell reads it. */
function shellText(text) {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function givenUpNode(context, channel) {
  if (!channel.given_up.length) return null;
  const more = channel.given_up_count - channel.given_up.length;
  return h(
    "section",
    { key: `given-up-${channel.name}` },
    h("h3", { class: "name" }, `Given up: ${nameText(channel.name, 80)}`),
    h(
      "ul",
      { class: "lines" },
      channel.given_up.map((delivery) => givenUpLine(context, delivery)),
    ),
    more > 0
      ? [
          h("p", { class: "faint" }, `and ${number(more)} more:`),
          h(
            "pre",
            {},
            `walpulse-monitor deliveries list --state given_up --channel ${shellText(cut(channel.name, 200))}`,
          ),
        ]
      : null,
  );
}

export function channelsNode(context, channels, rules) {
  return h(
    "section",
    { id: "channels" },
    h("h2", {}, "Channels"),
    channels.some((channel) => channel.in_rules) ? null : noChannelNode(rules),
    channels.length
      ? h(
          "table",
          { class: "list" },
          h("caption", { class: "unseen" }, "Channels"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["channel", "last delivered", "waiting", "given up", "last error"].map((text) =>
                h("th", { scope: "col" }, text),
              ),
            ),
          ),
          h(
            "tbody",
            {},
            channels.map((channel) => channelRow(context, channel)),
          ),
        )
      : null,
    channels.map((channel) => givenUpNode(context, channel)),
  );
}
