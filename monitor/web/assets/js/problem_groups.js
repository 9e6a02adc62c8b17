// Five hundred failures with one cause are one thing to know. Pure: problems in, rows and groups out, in the order of
// the first of each.

const TOGETHER_MS = 10 * 60_000;
const GROUP_MIN = 3;

function sameCause(problem) {
  const cause = problem.cause ?? {};
  return JSON.stringify([problem.kind, cause.cause ?? null, cause.block ?? null]);
}

/** Cuts problems of one kind and cause where ten minutes pass from the first of a stretch. */
function stretches(problems) {
  const out = [];
  for (const problem of problems.toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since))) {
    const last = out.at(-1);
    if (last && Date.parse(problem.since) - Date.parse(last[0].since) <= TOGETHER_MS) last.push(problem);
    else out.push([problem]);
  }
  return out;
}

function together(problems) {
  const byCause = Map.groupBy(problems, sameCause);
  return [...byCause.values()].flatMap(stretches).filter((stretch) => stretch.length >= GROUP_MIN);
}

/** By what explains it, and what explains that: the one that nothing else on the page explains. */
function rootOf(problem, byId) {
  const seen = new Set();
  let at = problem;
  while (byId.has(at.under) && !seen.has(at)) {
    seen.add(at);
    at = byId.get(at.under);
  }
  return at;
}

/**
 * [{problem}] and [{group: "cause" | "at_first" | "under", problems, head}]: `head` is the problem that explains an
 * "under" group, and stands in it no second time.
 */
export function groupedProblems(problems) {
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  const explained = problems.filter((problem) => rootOf(problem, byId) !== problem);
  const under = Map.groupBy(explained, (problem) => rootOf(problem, byId).id);
  const hidden = new Set([...under.values()].flat());
  const atFirst = problems.filter((problem) => problem.at_first && !hidden.has(problem));
  const free = problems.filter(
    (problem) =>
      !hidden.has(problem) && !(atFirst.length >= GROUP_MIN && problem.at_first) && !under.has(problem.id),
  );
  const groupOf = new Map(together(free).flatMap((group) => group.map((problem) => [problem, group])));
  const out = [];
  const seen = new Set();
  for (const problem of problems) {
    if (hidden.has(problem)) continue;
    if (under.has(problem.id)) out.push({ group: "under", head: problem, problems: under.get(problem.id) });
    else if (atFirst.length >= GROUP_MIN && problem.at_first) continue;
    else if (!groupOf.has(problem)) out.push({ problem });
    else if (!seen.has(groupOf.get(problem))) {
      seen.add(groupOf.get(problem));
      out.push({
        group: "cause",
        problems: problems.filter((each) => groupOf.get(each) === groupOf.get(problem)),
      });
    }
  }
  if (atFirst.length >= GROUP_MIN) out.push({ group: "at_first", problems: atFirst });
  return out;
}
