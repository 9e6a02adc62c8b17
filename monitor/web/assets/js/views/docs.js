// /openapi.json as a page: what can be asked, with a command to copy.

import { h } from "../dom.js";

let fetched = null;

/** Not under /api/v1: the description is of it. */
export async function fetchDescription() {
  fetched ??= await fetch("/openapi.json")
    .then((response) => (response.ok ? response.json() : null))
    .catch(() => null);
  return fetched;
}

function resolve(api, node) {
  if (!node?.$ref) return node ?? {};
  return resolve(
    api,
    node.$ref
      .slice(2)
      .split("/")
      .reduce((at, name) => at?.[name.replaceAll("~1", "/")], api),
  );
}

function typeText(api, schema) {
  const of = schema?.$ref ? schema.$ref.split("/").at(-1) : null;
  const found = resolve(api, schema);
  if (found.enum) return found.enum.join(" | ");
  if (found.oneOf) return found.oneOf.map((each) => typeText(api, each)).join(" or ");
  if (found.type === "array") return `${typeText(api, found.items)}, ...`;
  return of ?? [found.type].flat().join(" or ");
}

function shownText(text) {
  return (text ?? "")
    .split(/(`[^`]+`)/)
    .map((part) => (/^`.+`$/.test(part) ? h("code", {}, part.slice(1, -1)) : part));
}

function curl(api, method, path, operation, parameters) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    const found = parameters.find((each) => each.name === name);
    return encodeURIComponent(found?.example ?? (name === "id" ? "1" : name));
  });
  const query = parameters
    .filter((each) => each.in === "query" && each.required)
    .map((each) => `${each.name}=${encodeURIComponent(each.example ?? "daily_sales")}`)
    .join("&");
  const address = `${location.origin}${api.servers?.[0]?.url ?? ""}${filled}${query ? `?${query}` : ""}`;
  if (method === "get") return `curl -fsS '${address}'`;
  const body = operation.requestBody
    ? ` -H 'Content-Type: application/json' \\\n  -d '{"pipeline": "daily_sales", "for": "2h", "reason": "vendor is down"}'`
    : "";
  return `curl -fsS -X ${method.toUpperCase()} '${address}'${body}`;
}

function operationNode(api, path, method, operation) {
  const parameters = (operation.parameters ?? []).map((each) => resolve(api, each));
  const command = curl(api, method, path, operation, parameters);
  return h(
    "details",
    { class: "operation", key: `${method}-${path}`, "data-row": true, id: operation.operationId },
    h("summary", {}, h("code", {}, `${method.toUpperCase()} ${path}`), ` ${operation.summary ?? ""}`),
    operation.description ? h("p", {}, shownText(operation.description)) : null,
    h("pre", {}, command),
    h("p", {}, h("button", { type: "button", "data-act": "copy", "data-text": command }, "Copy")),
    parameters.length
      ? h(
          "table",
          { class: "list" },
          h("caption", {}, "Parameters"),
          h(
            "tbody",
            {},
            parameters.map((each) =>
              h(
                "tr",
                { key: each.name },
                h("th", { scope: "row" }, h("code", {}, each.name), each.required ? " (required)" : null),
                h("td", {}, typeText(api, each.schema)),
                h("td", {}, shownText(each.description)),
              ),
            ),
          ),
        )
      : null,
    h(
      "p",
      {},
      "Answers: ",
      Object.entries(operation.responses).flatMap(([status, answer], index) => [
        index ? ", " : "",
        h("strong", {}, status),
        " ",
        shownText(resolve(api, answer).description),
      ]),
      ".",
    ),
  );
}

function schemaNode(api, name, schema) {
  const required = new Set(schema.required ?? []);
  return h(
    "details",
    { class: "operation", key: name, id: `schema-${name}` },
    h("summary", {}, h("code", {}, name)),
    schema.description ? h("p", {}, shownText(schema.description)) : null,
    schema.properties
      ? h(
          "table",
          { class: "list" },
          h("caption", { class: "unseen" }, `Fields of ${name}`),
          h(
            "tbody",
            {},
            Object.entries(schema.properties).map(([field, value]) =>
              h(
                "tr",
                { key: field },
                h(
                  "th",
                  { scope: "row" },
                  h("code", {}, field),
                  required.has(field) ? null : h("span", { class: "faint" }, " (where asked for)"),
                ),
                h("td", {}, typeText(api, value)),
                h("td", {}, shownText(value.description)),
              ),
            ),
          ),
        )
      : h("p", {}, typeText(api, schema)),
  );
}

/** The errors' `type` is `/docs#NAME`: so it leads to a sentence. */
function errorsNode(api) {
  const names = new Map();
  for (const answer of Object.values(api.components?.responses ?? {})) {
    for (const [, name] of (answer.description ?? "").matchAll(/`([a-z-]+)`/g))
      names.set(name, answer.description);
  }
  return h(
    "section",
    {},
    h("h2", {}, "Errors"),
    h(
      "ul",
      { class: "lines" },
      [...names].map(([name, text]) =>
        h("li", { key: name, id: name }, h("code", {}, name), " ", shownText(text)),
      ),
    ),
  );
}

export function docsNode(context, description) {
  if (!description) return [h("h1", {}, "API"), h("p", {}, "/openapi.json did not answer.")];
  const paths = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ["get", "post", "put", "patch", "delete"].includes(method))
      .map(([method, operation]) => operationNode(description, path, method, operation)),
  );
  return [
    h("h1", {}, `API of ${description.info.title}, version ${description.info.version}`),
    (description.info.description ?? "")
      .split(/\n(?=- |\n)/)
      .filter((text) => text.trim())
      .map((text) => h("p", {}, shownText(text.trim().replace(/^- /, "· ")))),
    h(
      "p",
      {},
      "As a file: ",
      h("a", { href: "/openapi.json" }, "/openapi.json"),
      ", OpenAPI ",
      description.openapi,
      ".",
    ),
    h("h2", {}, "Questions"),
    paths,
    errorsNode(description),
    h("h2", {}, "Answers"),
    Object.entries(description.components?.schemas ?? {}).map(([name, schema]) =>
      schemaNode(description, name, schema),
    ),
  ];
}
