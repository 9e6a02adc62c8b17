// What a run usually takes, in one wording everywhere.

import { duration } from "./time.js";

/** "12 min, nine of ten below 18 min", where "usual" stands beside it already; null where it is not known. */
export function usualSpan({ usual_seconds: usual, nine_of_ten_seconds: most }) {
  return usual === null ? null : `${duration(usual)}, nine of ten below ${duration(most)}`;
}

/** "usual 12 min, nine of ten below 18 min". */
export function usualText(of) {
  const span = usualSpan(of);
  return span && `usual ${span}`;
}
