// Labels as links: to the runs that have them.

import { h } from "./dom.js";
import { cut } from "./words.js";

/** What the API can filter by; names of labels are whatever somebody wrote. */
const NAME = /^[A-Za-z_]\w{0,63}$/;

function choiceOf(name, value) {
  return name === "trigger" ? { trigger: value } : { [`label.${name}`]: value };
}

/** "partner=acme, region=eu" of runs of that pipeline; null where there are none. */
export function labelLinks(context, pipeline, labels) {
  const all = Object.entries(labels ?? {});
  if (!all.length) return null;
  return all.flatMap(([name, value], index) => {
    const text = cut(`${name}=${value}`, 80);
    const node =
      NAME.test(name) && value
        ? h(
            "a",
            { class: "name", href: `${context.link("pipeline", pipeline, choiceOf(name, value))}#runs` },
            text,
          )
        : h("span", { class: "name" }, text);
    return index ? [", ", node] : [node];
  });
}
