// Nodes out of values. Text from a database is hostile: it only ever becomes a text node or an attribute's value,
// and an address only where it cannot run anything.

const SVG = "http://www.w3.org/2000/svg";

/** Ours, or on the web: never `javascript:`. */
function isSafeAddress(address) {
  return /^(\/(?!\/)|\?|#|https?:\/\/)/.test(address);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "href" && !isSafeAddress(String(value))) continue;
    node.setAttribute(name === "key" ? "data-key" : name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child);
  }
}

/** `h("p", {class: "told"}, "told ", name)`; what is null or false is left out. `key` tells siblings apart. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** A link to another site: said to be one, and told nothing of where it comes from. */
export function outward(address, text, attributes = {}) {
  if (!address || !isSafeAddress(address)) return null;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", ...attributes }, text);
}

/** Children with a separator between those that there are. */
export function joined(parts, between = " · ") {
  return parts
    .filter((part) => part !== null && part !== undefined && part !== "" && part !== false)
    .flatMap((part, index) => (index ? [between, part] : [part]));
}

/** A cell of a table; where there is no value a dash, which a card on a phone leaves out. */
export function cell(attributes, value) {
  const isEmpty = value === null || value === undefined || value === "";
  const kind = [attributes.class, isEmpty ? "nothing faint" : null].filter(Boolean).join(" ");
  return h("td", { ...attributes, class: kind || null }, isEmpty ? "-" : value);
}
