// One listener for the whole page instead of one a node: `data-act="name"` says what a button, a field or a form does.

const handlers = new Map();

/** `handler(element, event)`. */
export function onAct(name, handler) {
  handlers.set(name, handler);
}

export function listenForActs() {
  for (const type of ["click", "change", "input", "submit"]) {
    document.addEventListener(type, (event) => {
      const element = event.target.closest?.("[data-act]");
      if (!element || wanted(element) !== type) return;
      if (type === "submit") event.preventDefault();
      handlers.get(element.dataset.act)?.(element, event);
    });
  }
}

function wanted(element) {
  if (element instanceof HTMLFormElement) return "submit";
  if (element instanceof HTMLSelectElement) return "change";
  if (element instanceof HTMLInputElement && element.type !== "checkbox") return "input";
  return element instanceof HTMLInputElement ? "change" : "click";
}
