/** The page of landscapes: a view in the address, its cells live, the net at the ball beside it. */

import { getJson, readData } from "../api.mjs";
import { onTheme, throttle } from "../dom.mjs";
import { fetchMeasures } from "../measures/declared.mjs";
import { onMount } from "../mount.mjs";
import { sayConnection } from "../shell.mjs";
import { Beside } from "./beside.mjs";
import { Controls } from "./controls.mjs";
import { Job } from "./job.mjs";
import { Panels } from "./panels.mjs";
import { Progress } from "./progress.mjs";
import { sampleOf } from "./sample.mjs";
import { TopologyPanel } from "./topology.mjs";
import { complaint, readAddress, specOf, writeAddress } from "./view.mjs";
import { lossUnitOf, whatIs } from "./words.mjs";

const place = (name) => document.getElementById(`landscape-${name}`);
const RUNS_EVERY = 5000;
const ARRIVING = 150; // Milliseconds between two pictures while cells arrive.

onMount("landscape", () => {
  let state = readAddress(location.search);
  let runs = [];
  let data = null;
  let ended = false;
  let drawing = 0;
  let refusedAt = null; // Updates of the run when its landscape was refused; it is asked for again when it has gone on.

  const stepHere = () => runs.find(({ id }) => id === state.run)?.step ?? -1;

  const redraw = () => { drawing ||= requestAnimationFrame(() => { drawing = 0; if (!ended) draw(); }); };
  const arrived = throttle(redraw, ARRIVING);
  const job = new Job({ changed: arrived, failed: (error) => { refusedAt = stepHere(); progress.complain(error); redraw(); }, line: sayConnection });
  const ghost = new Job({ changed: arrived, failed: () => { state = { ...state, ghost: "" }; apply(); } });
  const controls = new Controls(place("controls"), change);
  const beside = new Beside(place("beside"));
  const panels = new Panels({ curve: place("curve"), map: place("map"), relief: place("relief"), planes: place("planes"), spectrum: place("spectrum"), numbers: place("numbers"), beside: place("beside"), key: place("key") }, { moved: redraw, change });
  const topology = new TopologyPanel(place("topology"), { turned: redraw, change });
  const progress = new Progress(place("progress"), { stop: () => job.stop(), resume: () => job.resume() });

  function change(patch) {
    const before = state.run;
    state = { ...state, ...patch };
    if (state.run !== before) { for (const other of ["ghost", "to", "third"]) if (state[other] === state.run) state = { ...state, [other]: "" }; fetchData(); }
    if (patch.view || patch.run || patch.x || patch.y || patch.range || patch.scale || patch.side) panels.centre();
    if ((patch.view || patch.run) && !patch.depth) state = { ...state, depth: null };
    if (patch.view === "connection" && !state.to) state = { ...state, to: partner() };
    history.replaceState(history.state, "", `${location.pathname}${writeAddress(state)}`);
    apply();
  }

  /** Another run of the same shape to begin with. */
  function partner() {
    const here = runs.find(({ id }) => id === state.run);
    return runs.find(({ id, data: kind, net }) => id !== state.run && kind === here?.data && net === here?.net)?.id ?? "";
  }

  function apply() {
    controls.show(state, runs);
    place("about").textContent = whatIs(state);
    const why = complaint(state);
    progress.complain(why ? { message: why } : null);
    refusedAt = null;
    if (!state.run) { showSample(); return; }
    job.show(why ? null : specOf(state));
    ghost.show(state.ghost && !["connection", "planes"].includes(state.view) && !why ? specOf(state, { run: state.ghost }) : null);
    redraw();
  }

  function showSample() {
    sampleOf(state.view).then((sample) => {
      if (ended || state.run) return;
      Object.assign(job, { known: sample.known, summary: sample.summary });
      data = sample.data;
      redraw();
    }, (error) => progress.complain(error));
  }

  function draw() {
    const names = Object.fromEntries(runs.map(({ id, name }) => [id, name]));
    const basins = topology.show({ state, known: job.known, summary: job.summary, way: panels.way, unit: lossUnitOf(job.known.ground) });
    controls.offerHills(Boolean(job.known.ground?.hills));
    const seen = panels.draw({ state, known: job.known, basins, summary: job.summary, ghost: state.ghost ? ghost.known : null, names, refused: refusedAt !== null });
    if (seen) beside.draw({ ...seen, data });
    progress.show(job, { state, known: job.known, sample: !state.run, names });
  }

  function fetchData() {
    const wanted = state.run;
    data = null;
    if (wanted) readData(wanted).then((found) => { if (!ended && wanted === state.run) { data = found; redraw(); } }, () => {});
  }

  async function look() {
    const found = await getJson("/api/runs?most=500").catch((error) => { progress.complain(error); return null; });
    if (ended || !found) return;
    runs = found.runs.filter(({ step }) => step !== null).sort((a, b) => (b.created ?? 0) - (a.created ?? 0));
    if (!state.run && runs.length) change({ run: (runs.find(({ step }) => step > 0) ?? runs[0]).id });
    else if (refusedAt !== null && refusedAt !== stepHere()) apply();
    else controls.show(state, runs);
  }

  async function first() {
    await look();
    if (ended) return;
    fetchData();
    apply();
  }

  fetchMeasures().then(redraw);
  const theme = onTheme(() => { panels.refresh(); topology.refresh(); redraw(); });
  const timer = setInterval(() => document.hidden || look(), RUNS_EVERY);
  first();
  return () => {
    ended = true;
    clearInterval(timer);
    arrived.cancel();
    theme();
    job.forget();
    ghost.forget();
    panels.close();
    topology.close();
    beside.close();
    sayConnection(null);
  };
});
