// Many pipelines, seen by who looks after them.

import { h } from "../dom.js";
import { withChoice } from "../url_state.js";
import { cut, number } from "../words.js";

/** Null where the rules name no team, or one is chosen. */
export function teamsNode(context, teams) {
  if (context.query.team || !teams.some((each) => each.team !== null)) return null;
  return h(
    "section",
    {},
    h("h2", {}, "Teams"),
    h(
      "ul",
      { class: "tiles" },
      teams.map((each) =>
        h(
          "li",
          { key: each.team ?? "none" },
          h(
            "a",
            {
              href: context.link(
                context.view,
                null,
                withChoice(context.query, { team: each.team ?? "none" }),
              ),
              class: each.fine < each.pipelines ? "some" : "zero",
            },
            h("b", {}, number(each.pipelines - each.fine)),
            ` of ${number(each.pipelines)} `,
            h("span", { class: "name" }, each.team === null ? "no team" : cut(each.team, 40)),
          ),
        ),
      ),
    ),
  );
}
