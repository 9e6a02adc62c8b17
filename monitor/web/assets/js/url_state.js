// Everything that a reader chose stands in the address: a link shows what its sender saw, and Back takes one choice
// back. This module alone knows how it is written there.

/** The choices of the head: they go along from view to view. All others belong to their view. */
const OF_THE_HEAD = ["source", "team", "tz"];

const OF_A_VIEW = {
  now: ["kind", "severity", "state", "text", "pipeline", "problem", "mute"],
  pipelines: ["state", "has", "trigger", "text", "sort", "page_token"],
  pipeline: ["status", "trigger", "window", "page_token", "days"],
  run: [],
  pipe: [],
  docs: [],
};

const PATHS = { now: "/", pipelines: "/pipelines", pipe: "/pipe", docs: "/docs" };

/** {view, id, query, unknown}: `query` maps names to texts, `unknown` names what the view does not know. */
export function readAddress(pathname, search) {
  const one = /^\/(pipeline|run)s\/(.+)$/.exec(pathname);
  const view = one ? one[1] : (Object.keys(PATHS).find((name) => PATHS[name] === pathname) ?? "nowhere");
  const allowed = [...OF_THE_HEAD, ...(OF_A_VIEW[view] ?? [])];
  const query = {};
  const unknown = [];
  for (const [name, value] of new URLSearchParams(search)) {
    if (allowed.includes(name) || (name.startsWith("label.") && view !== "run")) query[name] = value;
    else unknown.push(name);
  }
  return { view, id: one ? decoded(one[2]) : null, query, unknown };
}

/** A link may be cut anywhere: what cannot be decoded is taken as it is. */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view. Empty choices are left out, so that the shortest address is the plain view. */
export function addressOf(view, id = null, query = {}) {
  const path = id === null ? PATHS[view] : `/${view}s/${encodeURIComponent(id)}`;
  return path + queryText(query);
}

/** What a link to another view takes along from `query`. */
export function headChoices(query) {
  return Object.fromEntries(Object.entries(query).filter(([name]) => OF_THE_HEAD.includes(name)));
}

/** `query` with some choices changed; another choice begins at the first page. */
export function withChoice(query, changes) {
  const { page_token: _, ...rest } = query;
  return { ...rest, ...changes };
}

/** "?a=b", or nothing. A space is %20: the API takes a plus for a plus. */
export function queryText(choices) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(choices)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, value);
  }
  const text = search.toString().replaceAll("+", "%20");
  return text && `?${text}`;
}

/** The choices of an address that are the API's too: these names, and labels. */
export function apiChoices(query, names) {
  return Object.fromEntries(
    Object.entries(query).filter(([name]) => names.includes(name) || name.startsWith("label.")),
  );
}
