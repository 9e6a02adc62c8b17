// Makes what stands on the page equal to what was just built, and touches nothing that is equal already: focus,
// open details, the place scrolled to and what is being typed outlive an answer.

function sameKind(old, now) {
  return (
    old.nodeType === now.nodeType &&
    old.nodeName === now.nodeName &&
    (old.dataset?.key ?? null) === (now.dataset?.key ?? null)
  );
}

function morphAttributes(old, now) {
  for (const { name } of [...old.attributes]) {
    // A person opened or closed it.
    if (name === "open" || now.hasAttribute(name)) continue;
    old.removeAttribute(name);
  }
  for (const { name, value } of now.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphNode(old, now) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
    return;
  }
  if (old.hasAttribute("data-own")) return;
  morphAttributes(old, now);
  const typing = old === document.activeElement;
  if (old instanceof HTMLInputElement && !typing) old.value = now.getAttribute("value") ?? "";
  morphChildren(old, now);
  if (old instanceof HTMLSelectElement && !typing) {
    const chosen = [...old.options].find((option) => option.hasAttribute("selected"));
    if (chosen && old.value !== chosen.value) old.value = chosen.value;
  }
}

/** `now` is used up. An element with `data-own` is left to its owner once it is there. */
export function morphChildren(old, now) {
  const keyed = new Map();
  for (const child of old.children) if (child.dataset.key) keyed.set(child.dataset.key, child);
  let at = old.firstChild;
  for (const wanted of [...now.childNodes]) {
    const match = wanted.dataset?.key ? keyed.get(wanted.dataset.key) : at;
    if (match && sameKind(match, wanted)) {
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      morphNode(match, wanted);
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
