// Conducts: an address gives a view, a view its questions, their answers the screen.

import { listenForActs, onAct } from "./actions.js";
import { listenForChoices } from "./choices.js";
import { listenForKeys } from "./keyboard.js";
import { listenForMutes, openMute } from "./mute_dialog.js";
import { Poller } from "./poller.js";
import { kept } from "./preferences.js";
import { listenForRetries } from "./retry.js";
import { Router } from "./router.js";
import { drawAround, drawView, say } from "./screen.js";
import { applyTheme } from "./theme.js";
import { browserZone, isZone } from "./time.js";
import { addressOf, decoded, headChoices } from "./url_state.js";
import { instantOf } from "./when.js";
import { docsNode, fetchDescription } from "./views/docs.js";
import { nowhereNode, refusedNode, waitingNode } from "./views/nothing.js";
import { nowNode, nowPaths, nowTitle } from "./views/now.js";
import { pipeNode, pipePaths, pipeTitle } from "./views/pipe.js";
import { pipelineNode, pipelinePaths, pipelineTitle } from "./views/pipeline.js";
import { pipelinesNode, pipelinesPaths, pipelinesTitle } from "./views/pipelines.js";
import { runNode, runPaths, runTitle } from "./views/run.js";

const VIEWS = {
  now: { paths: nowPaths, node: nowNode, title: nowTitle },
  pipelines: { paths: pipelinesPaths, node: pipelinesNode, title: pipelinesTitle },
  pipeline: { paths: pipelinePaths, node: pipelineNode, title: pipelineTitle },
  run: { paths: runPaths, node: runNode, title: runTitle },
  pipe: { paths: pipePaths, node: pipeNode, title: pipeTitle },
};
const SELDOM = "/overview";
const ASKING = { kind: "asking", since: new Date() };

/** What is known whatever the view: from the last answers that said it. */
const world = { sources: [], teams: [], notices: [], behind: [], version: null, isOld: false };
const state = {
  answers: null,
  texts: "",
  link: ASKING,
  head: null,
  menuOpen: false,
  refused: null,
  restore: null,
};

function zoneOf(query) {
  return [query.tz, kept("tz"), browserZone()].find((zone) => zone && isZone(zone)) ?? "UTC";
}

function contextOf(route) {
  const { query } = route;
  const unknown = query.tz && !isZone(query.tz) ? [...route.unknown, `tz=${query.tz}`] : route.unknown;
  return {
    ...route,
    unknown,
    world,
    zone: zoneOf(query),
    menuOpen: state.menuOpen,
    now: instantOf(state.head?.as_of) ?? new Date(),
    link: (view, id = null, choices = {}) => addressOf(view, id, { ...headChoices(query), ...choices }),
  };
}

/** A page may stand open on a wall for months: it is as old as the monitor that it came from. */
function learnVersion(version) {
  world.version ??= version;
  world.isOld = world.version !== version;
  document.getElementById("version").textContent = `walpulse ${version}`;
}

function learn(answers) {
  for (const answer of answers.filter(Boolean)) {
    if (answer.teams) world.teams = answer.teams.map((each) => each.team);
    if (answer.sources) {
      world.sources = answer.sources.map((source) => source.id);
      world.behind = answer.sources.filter((source) => source.behind_seconds > 0).map((source) => source.id);
      world.notices = answer.notices;
    }
    if (answer.monitor) learnVersion(answer.monitor.version);
  }
}

function viewNodes(context) {
  if (context.view === "docs") return docsNode(context, state.answers?.[0] ?? null);
  if (context.view === "nowhere") return nowhereNode(context);
  if (state.refused) return refusedNode(context, state.refused);
  return state.answers ? VIEWS[context.view].node(context, state.answers) : waitingNode(state.link);
}

function draw() {
  const context = contextOf(router.route);
  drawAround(context, state.link, state.head);
  drawView(viewNodes(context));
  const title =
    state.answers && VIEWS[context.view] && !state.refused
      ? VIEWS[context.view].title(context, state.answers)
      : null;
  document.title = title ? `${title} - walpulse` : "walpulse";
  settle(context);
}

/** Once the first answer stands there: the place scrolled to, the row or the dialog that the address names. */
function settle(context) {
  if (!state.restore || (!state.answers && context.view !== "nowhere" && !state.refused)) return;
  const { how, scroll } = state.restore;
  state.restore = null;
  const named = location.hash ? document.getElementById(decoded(location.hash.slice(1))) : null;
  if (named instanceof HTMLDetailsElement) named.open = true;
  if (named) named.scrollIntoView();
  else scrollTo(0, scroll);
  if (how === "moved" && !document.activeElement?.closest("header, dialog"))
    document.getElementById("view").focus({ preventScroll: true });
  const problem = state.answers?.[0]?.items?.find?.(
    (each) => each.id === (context.query.mute ?? context.query.problem),
  );
  if (!problem) return;
  document
    .querySelector(`[data-problem-row="${CSS.escape(problem.id)}"]`)
    ?.scrollIntoView({ block: "center" });
  if (context.query.mute) {
    const { mute: _, ...rest } = context.query;
    history.replaceState(history.state, "", addressOf("now", null, { ...rest, problem: problem.id }));
    router.route.query = { ...rest, problem: problem.id };
    draw();
    openMute({ problem: problem.id, pipeline: problem.pipeline?.id, subject: problem.subject });
  }
}

function announce(before, after) {
  if (router.route.view !== "now" || !before || before[0].total === after[0].total) return;
  say(`${after[0].total} problems, ${after[1].pipelines.fine} of ${after[1].pipelines.total} pipelines fine`);
}

function heard(results, link, aside) {
  state.link = link;
  if (aside) learn([aside]);
  if (aside && !VIEWS[router.route.view]) state.head = aside;
  if (results) take(results);
  draw();
}

function take(results) {
  const wrong = results.find((result) => result.kind === "wrong");
  if (wrong?.status === 410)
    return router.go(
      addressOf(router.route.view, router.route.id, { ...router.route.query, page_token: null }),
      { replace: true },
    );
  state.refused = wrong ? wrong.problem : null;
  if (results.some((result) => result.kind !== "answer")) return;
  const texts = results.map((result) => result.text).join("\n");
  if (texts === state.texts) return;
  const before = state.answers;
  state.texts = texts;
  state.answers = results.map((result) => result.data);
  state.head = state.answers.find((answer) => answer.as_of !== undefined) ?? state.head;
  learn(state.answers);
  announce(before, state.answers);
}

function askForView() {
  const { route } = router;
  const view = VIEWS[route.view];
  if (!view) return poller.watch(() => [], SELDOM);
  const hasHead = view.paths(route, null).some((path) => path.startsWith(SELDOM));
  poller.watch(() => view.paths(route, state.answers), hasHead ? null : SELDOM);
}

async function showDocs() {
  const description = await fetchDescription();
  if (router.route.view !== "docs") return;
  state.answers = [description];
  draw();
}

let shown = "";

function changed(route, restore) {
  const place = `${route.view} ${route.id}`;
  // Another thing's rows under this one's name would be a lie; the same thing's are only old, and greyed.
  if (place !== shown) Object.assign(state, { answers: null, texts: "", menuOpen: false });
  shown = place;
  Object.assign(state, {
    link: state.answers ? { ...state.link, kind: "asking" } : ASKING,
    restore,
    refused: null,
  });
  draw();
  // What is being typed is the reader's; whoever goes back wants what was typed then.
  if (restore.how === "back") document.getElementById("search").value = route.query.text ?? "";
  askForView();
  if (route.view === "docs") showDocs();
}

/** Something was pressed, and `text` is what came of it. */
function acted(text, failed) {
  say(text);
  if (failed) alert(text);
  poller.now();
}

const router = new Router(changed);
const poller = new Poller(heard);

applyTheme();
listenForActs();
listenForKeys();
listenForMutes(acted);
listenForRetries(acted);
listenForChoices(router, { redraw: draw });
onAct("menu", () => {
  state.menuOpen = !state.menuOpen;
  draw();
});
changed(router.route, { how: "back", scroll: history.state?.scroll ?? 0 });
