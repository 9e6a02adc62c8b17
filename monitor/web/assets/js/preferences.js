// What this browser remembers of its reader: the zone and the theme, no more. A browser that keeps nothing, as in a
// private window, is no error.

export function kept(name) {
  try {
    return localStorage.getItem(`walpulse.${name}`);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    if (value) localStorage.setItem(`walpulse.${name}`, value);
    else localStorage.removeItem(`walpulse.${name}`);
  } catch {
    // Then it holds until the page is left.
  }
}
