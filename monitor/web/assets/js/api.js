// One question to /api/v1, and what its answer means for the reader.

const BASE = "/api/v1";
/** Done, or begun: no more is said. */
const NO_CONTENT = [202, 204];
const PATIENCE_MS = 10_000;

/**
 * {kind, ...}:
 *   answer      data, text (to tell whether anything changed)
 *   signed_out  401, or a redirect to somebody's sign-in
 *   refused     403; problem says what is missing
 *   away        503: the ledger does not answer; problem says since when and why
 *   busy        429 or 503 with Retry-After; seconds
 *   wrong       any other 4xx: the address asks for what there is not; problem
 *   nothing     no answer at all, or none that is JSON
 */
export async function ask(path, { method = "GET", body = null } = {}) {
  try {
    const response = await fetch(BASE + path, {
      method,
      // An identity-aware proxy then answers 401 instead of its sign-in page.
      headers: {
        Accept: "application/json",
        "X-Requested-With": "XMLHttpRequest",
        ...(body === null ? {} : { "Content-Type": "application/json" }),
      },
      body: body === null ? null : JSON.stringify(body),
      cache: "no-cache",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.type === "opaqueredirect" || response.status === 401) return { kind: "signed_out" };
    const text = NO_CONTENT.includes(response.status) ? "null" : await response.text();
    const data = parsed(text);
    if (response.ok && data !== undefined) return { kind: "answer", data, text };
    return refusal(response, data ?? {});
  } catch {
    return { kind: "nothing" };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(response, problem) {
  const after = Number(response.headers.get("Retry-After"));
  if (response.status === 403) return { kind: "refused", problem };
  if (response.status === 429 || (response.status === 503 && after > 0 && !isLedgerAway(problem))) {
    return { kind: "busy", seconds: Math.min(Math.max(after || 1, 1), 60), problem };
  }
  if (response.status === 503) return { kind: "away", problem };
  if (response.status >= 400 && response.status < 500)
    return { kind: "wrong", problem, status: response.status };
  return { kind: "nothing" };
}

function isLedgerAway(problem) {
  return String(problem.type ?? "").endsWith("ledger-away");
}
