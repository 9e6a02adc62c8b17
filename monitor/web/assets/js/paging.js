// Pages of a list: forward by the API's token, back by the browser's Back.

import { h } from "./dom.js";

export function pagingNode(context, list, anchor = "") {
  const first = context.query.page_token
    ? h(
        "a",
        { href: context.link(context.view, context.id, { ...context.query, page_token: null }) + anchor },
        "First page",
      )
    : null;
  const next =
    list.next_page_token === null
      ? null
      : h(
          "a",
          {
            rel: "next",
            href:
              context.link(context.view, context.id, { ...context.query, page_token: list.next_page_token }) +
              anchor,
          },
          "Next page",
        );
  return first || next ? h("p", { class: "paging" }, first, next) : null;
}
