/** The half of Compare that holds an ensemble: its members, what they predict together, every two of them. */

import { getJson, readData, readRun } from "../api.mjs";
import { halves } from "../compare/halves.mjs";
import { Picker } from "../compare/picker.mjs";
import { onTheme, throttle } from "../dom.mjs";
import { JobPage } from "../job-page.mjs";
import { closeMeaning } from "../measures/help.mjs";
import { onMount } from "../mount.mjs";
import { keepInside } from "../runs/navigate.mjs";
import { Start } from "../studies/start.mjs";
import { Boundaries } from "./boundaries.mjs";
import { Curves } from "./curves.mjs";
import { KnownEnsemble } from "./known.mjs";
import { Matrices } from "./matrices.mjs";
import { Members } from "./members.mjs";
import { showAnswer, showMembers } from "./numbers.mjs";
import { readAddress, withRuns, writeAddress } from "./state.mjs";
import { memberName, shape } from "./words.mjs";

const SORT = { plural: "ensembles", one: "ensemble", past: "Ensembles measured here" };
const ARRIVING = 150; // Milliseconds between two pictures while rows arrive.
const PICKING = { title: "Choose the runs of an ensemble", note: "They have to share their data: runs of one seed that differ in their field member, or one run with cycles.", go: (count) => (count ? `Take ${count === 1 ? "1 group" : `${count} groups`}` : "Tick some"), least: 1, suggests: false };
const place = (name) => document.getElementById(`ensemble-${name}`);

class EnsemblePage {
  constructor(root) {
    this.root = root;
    this.state = readAddress(location.search);
    this.known = new KnownEnsemble();
    this.runs = new Map();
    this.asked = new Set();
    this.data = null;
    this.halves = halves("ensemble");
    place("halves").replaceChildren(this.halves.node);
    this.members = new Members(place("members"), { change: (patch) => this.change(patch), pick: () => this.pick(), runs: this.runs });
    this.picker = new Picker(place("pick"), { chosen: (runs) => this.picked(runs), words: PICKING });
    this.curves = new Curves(place("curves"));
    this.matrices = new Matrices(place("matrices"), (matrix) => { this.state = { ...this.state, matrix }; this.address(); this.draw(); });
    this.boundaries = new Boundaries(place("boundaries"));
    this.arrived = throttle(() => this.draw(), ARRIVING);
    this.outside = keepInside(root);
    this.theme = onTheme(() => this.draw());
    this.edit(this.state);
    this.name();
    this.session = new JobPage({
      sort: SORT,
      past: place("past"),
      own: () => true,
      misplaced: () => null,
      newest: () => null,
      address: (job) => writeAddress({ ...this.state, ensemble: job?.id ?? "" }),
      shape: (job) => shape(job, this.runs),
      rows: () => [],
      begin: (does) => new Start(place("start"), "ensemble", this.members.form(), does, { resumes: true }),
      lay: (job, rows) => this.lay(job, rows),
      row: (row) => { this.known.take(row); this.arrived(); },
      table: () => {}, // Drawn with all the rest, at the same pace.
      said: () => {},
    });
  }

  /** Members or weights were changed by hand: what is shown is no longer what the form says. */
  change(patch) {
    this.edit({ ...this.state, ...patch, ensemble: "" });
    this.address();
  }

  edit(state) {
    this.state = state;
    this.members.show(state);
    this.halves.aim(state.members.map(({ run }) => run));
    this.read();
  }

  address() { history.replaceState(history.state, "", `${location.pathname}${writeAddress(this.state)}`); }

  pick() {
    this.root.dataset.shows = "pick";
    this.picker.open(this.state.members.map(({ run }) => run));
  }

  picked(runs) {
    this.picker.close();
    this.root.dataset.shows = "ensemble";
    this.change({ members: withRuns(this.state.members, runs) });
    place("members").querySelector("select, button")?.focus();
  }

  /** Learn what runs are called, once, for the list of earlier ensembles. */
  async name() {
    const { runs } = await getJson("/api/runs?most=500").catch(() => ({ runs: [] }));
    if (this.ended) return;
    for (const run of runs) if (!this.runs.has(run.id)) this.runs.set(run.id, run);
    this.session.showList();
  }

  /** Read the runs that are named and not read yet; one that is no more keeps its id. */
  async read() {
    const fresh = [...new Set(this.state.members.map(({ run }) => run))].filter((run) => !this.asked.has(run));
    if (!fresh.length) return;
    for (const run of fresh) this.asked.add(run);
    await Promise.all(fresh.map((run) => readRun(run).then((found) => this.runs.set(run, found), () => {})));
    if (this.ended) return;
    this.members.show(this.state);
    this.draw();
  }

  /** Show an ensemble from its beginning; null shows none. */
  lay(job, rows) {
    this.known = new KnownEnsemble(rows);
    this.job = job;
    if (job) this.edit({ ...this.state, members: job.spec.members, weights: job.spec.weights, ensemble: job.id });
    else this.state = { ...this.state, ensemble: "" };
    this.root.dataset.shows = "ensemble";
    this.root.dataset.found = job ? "yes" : "no";
    if (job) this.draw();
    else place("table").replaceChildren();
  }

  draw() {
    if (this.ended || !this.job) return;
    this.points();
    const names = this.known.members.map((member) => memberName(member, this.runs));
    showAnswer(place("answer"), this.known);
    this.curves.draw(this.known);
    this.boundaries.draw(this.known, this.data?.points, names);
    this.matrices.draw(this.known, names, this.state.matrix);
    this.root.dataset.plane = !this.known.about || this.known.isPlane ? "yes" : "no";
    this.table();
  }

  table() {
    const json = `/api/ensembles/${encodeURIComponent(this.job.id)}`;
    showMembers(place("table"), this.known, { runs: this.runs, data: this.data?.points, csv: `${json}/table?format=csv`, json, light: (which) => this.boundaries.light(which) });
  }

  /** Fetch the points that all members share, or how many they are where they do not lie in the plane. */
  points() {
    const run = this.known.members[0]?.run;
    if (!run || this.data?.run === run) return;
    this.data = { run, points: null };
    readData(run).then((points) => { if (this.data.run === run) { this.data.points = points; this.arrived(); } }, () => {});
  }

  close() {
    this.ended = true;
    this.session.end();
    this.arrived.cancel();
    this.outside();
    this.theme();
    for (const part of [this.curves, this.matrices, this.boundaries]) part.close();
    closeMeaning();
  }
}

onMount("ensemble", (mount) => {
  const page = new EnsemblePage(mount.closest(".fe-page"));
  window.__foldscape = { get state() { return page.state; }, get known() { return page.known; }, get job() { return page.job; } };
  return () => { page.close(); delete window.__foldscape; };
});
