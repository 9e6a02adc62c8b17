// Addresses to views and back, by the History API. Links are links: the browser's own keys and menus work on them.

import { readAddress } from "./url_state.js";

export class Router {
  /** `changed(route, {how, scroll})`: `how` is "moved", "replaced" or "back", which is forward too. */
  constructor(changed) {
    this.changed = changed;
    this.route = readAddress(location.pathname, location.search);
    history.scrollRestoration = "manual";
    addEventListener("popstate", (event) => this.arrive("back", event.state?.scroll ?? 0));
    document.addEventListener("click", (event) => this.click(event));
  }

  arrive(how, scroll) {
    this.route = readAddress(location.pathname, location.search);
    this.changed(this.route, { how, scroll });
  }

  /** Goes there; `replace` leaves no step for Back. */
  go(address, { replace = false } = {}) {
    if (replace) {
      history.replaceState(history.state, "", address);
    } else {
      history.replaceState({ scroll: scrollY }, "");
      history.pushState({}, "", address);
    }
    this.arrive(replace ? "replaced" : "moved", replace ? scrollY : 0);
  }

  click(event) {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    const target = new URL(link.getAttribute("href"), location.href);
    const ours =
      target.origin === location.origin &&
      !link.target &&
      readAddress(target.pathname, target.search).view !== "nowhere";
    if (!ours || (target.pathname === location.pathname && target.search === location.search && target.hash))
      return;
    event.preventDefault();
    this.go(target.pathname + target.search + target.hash);
  }
}
