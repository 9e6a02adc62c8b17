// Asks again and again, and knows how it stands with the answers. Polling, not a stream: an open stream ends with
// its proxy's patience, and holds a place at the server that a push may need.

import { ask } from "./api.js";

const PERIOD_MS = 5_000;
const PERIOD_NEAR_MS = 1_000;
const SELDOM_ROUNDS = 12;
const PERIOD_FAILING_MS = 2_000;
/** The server gives a question two seconds: whoever waits longer waits for nothing, and is told. */
const SLOW_MS = 3_000;

/** The page of a machine of one's own: a second is near enough to live, and disturbs nobody. */
function isLoopback(hostname) {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127\./.test(hostname) ||
    hostname === "[::1]"
  );
}

const WORST = ["signed_out", "refused", "wrong", "nothing", "away", "busy", "answer"];

export class Poller {
  /**
   * `heard(results, link, aside)` after every round; `link` is {kind, since, problem}, `aside` the answer to the seldom
   * question or null. Where a round takes long it is also called before, with null.
   */
  constructor(heard, period = isLoopback(location.hostname) ? PERIOD_NEAR_MS : PERIOD_MS) {
    this.heard = heard;
    this.period = period;
    this.paths = () => [];
    this.seldom = null;
    this.rounds = 0;
    this.round = 0;
    this.timer = null;
    this.answered = new Date();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.pause() : this.now()));
  }

  /** Asks for what `paths()` says, at once and then in every round; for `seldom` in the second and every twelfth. */
  watch(paths, seldom = null) {
    this.paths = paths;
    this.seldom = seldom;
    this.rounds = 0;
    this.now();
  }

  pause() {
    clearTimeout(this.timer);
  }

  async now() {
    this.pause();
    // What was asked before it is nobody's any more: an old answer never overwrites a newer one.
    const round = ++this.round;
    const slow = setTimeout(
      () => round === this.round && this.heard(null, { kind: "nothing", since: this.answered }),
      SLOW_MS,
    );
    const results = await Promise.all(this.paths().map((path) => ask(path)));
    clearTimeout(slow);
    if (round !== this.round) return;
    const aside = this.seldom && this.rounds++ % SELDOM_ROUNDS === 1 ? await ask(this.seldom) : null;
    if (round !== this.round) return;
    this.heard(results, this.link(results), aside?.kind === "answer" ? aside.data : null);
    if (!document.hidden) this.timer = setTimeout(() => this.now(), this.pauseBehind(results));
  }

  link(results) {
    const worst = results.toSorted((a, b) => WORST.indexOf(a.kind) - WORST.indexOf(b.kind))[0] ?? {
      kind: "answer",
    };
    if (worst.kind === "answer" || worst.kind === "wrong") this.answered = new Date();
    return { kind: worst.kind, problem: worst.problem, since: this.answered };
  }

  pauseBehind(results) {
    const busy = results.find((result) => result.kind === "busy");
    if (busy) return busy.seconds * 1000;
    // What else the head tells is not to wait for a whole period.
    if (this.seldom && this.rounds === 1) return 0;
    return results.every((result) => result.kind === "answer")
      ? this.period
      : Math.max(PERIOD_FAILING_MS, this.period);
  }
}
