/** The page that holds groups of runs against each other: one clock for pictures, charts and the verdict. */

import { getJson, send } from "../api.mjs";
import { calm, onTheme, settle } from "../dom.mjs";
import { element } from "../element.mjs";
import { ExportButton } from "../exports.mjs";
import { fetchMeasures } from "../measures/declared.mjs";
import { onMount } from "../mount.mjs";
import { keepInside } from "../runs/navigate.mjs";
import { toast } from "../shell.mjs";
import { Charts } from "./charts.mjs";
import { rangeOf, readingAt, shareOf } from "./clock.mjs";
import { Controls } from "./controls.mjs";
import { Films } from "./films.mjs";
import { halves } from "./halves.mjs";
import { Picker } from "./picker.mjs";
import { Pictures } from "./pictures.mjs";
import { showPublished } from "./published.mjs";
import { ratioStyles } from "./ratio.mjs";
import { asksNothing, exportOf, needsAnswer, readAddress, requestOf, START, withMeasure, writeAddress } from "./state.mjs";
import { stylesOf } from "../pair/styles.mjs";
import { showTable } from "./table.mjs";
import { Time } from "./time.mjs";
import { showVerdict } from "./verdict.mjs";
import { standingWords } from "./words.mjs";

const AGAIN = 3000; // Milliseconds until runs that go on are looked at again.
const place = (name) => document.getElementById(`compare-${name}`);

class ComparePage {
  constructor(root) {
    this.root = root;
    this.state = readAddress(location.search);
    this.answer = null;
    this.asked = 0;
    this.export = new ExportButton(() => exportOf(this.state), { id: "compare-export" });
    this.jump = element("button.chip", { type: "button", id: "compare-to-published", hidden: true, title: "To the published numbers and claims, and what became of them here", onclick: () => place("published").scrollIntoView({ behavior: calm() ? "instant" : "smooth" }) }, "Published");
    this.controls = new Controls(place("controls"), { change: (patch) => this.change(patch), pick: () => this.pick(), hands: [this.jump, this.export.node] });
    this.films = new Films(() => this.moment());
    this.pictures = new Pictures(place("pictures"), this.films, { step: (way) => this.stepSeed(way), ghost: (ghost) => this.change({ ghost }) });
    this.charts = new Charts(place("curves"), place("scatter"));
    this.time = new Time(place("time"), { moved: (at) => this.change({ at }) });
    this.picker = new Picker(place("pick"), { chosen: (runs) => this.chosen(runs), beside: halves("groups").node });
    this.address = settle(() => !this.ended && history.replaceState(history.state, "", `${location.pathname}${writeAddress(this.state)}`), 150);
    this.listen();
    if (asksNothing(this.state)) this.pick();
    else this.ask();
  }

  listen() {
    const resized = settle(() => !this.ended && this.answer && this.draw(), 120);
    const went = () => { this.state = readAddress(location.search); if (asksNothing(this.state)) this.pick(); else this.ask(); };
    window.addEventListener("resize", resized);
    window.addEventListener("popstate", went);
    const outside = keepInside(this.root);
    const theme = onTheme(() => { this.pictures.forget(); if (this.answer) this.draw(); });
    this.unlisten = () => { window.removeEventListener("resize", resized); window.removeEventListener("popstate", went); outside(); theme(); };
  }

  change(patch) {
    const before = this.state;
    this.state = { ...before, ...patch };
    this.address();
    if (needsAnswer(before, this.state)) this.ask();
    else if ("at" in patch || "ghost" in patch || "seed" in patch) this.moment();
    else this.draw();
  }

  pick() {
    this.show("pick");
    this.picker.open(this.answer?.runs.map(({ id }) => id) ?? this.state.runs);
  }

  chosen(runs) {
    const { ghost, lock, by, measure } = this.state;
    this.state = { ...START, ghost, lock, by, measure, runs };
    history.pushState(history.state, "", `${location.pathname}${writeAddress(this.state)}`);
    this.ask();
  }

  show(what) {
    this.root.dataset.shows = what;
    place("pick").hidden = what !== "pick";
  }

  /** Ask the server; answers that are overtaken are dropped. */
  async ask() {
    const ticket = ++this.asked;
    clearTimeout(this.again);
    if (this.root.dataset.shows !== "answer") this.show(this.answer ? "answer" : "waiting");
    try {
      await fetchMeasures();
      this.state = withMeasure(this.state);
      const [answer, published] = await Promise.all([send("POST", "/api/comparisons", requestOf(this.state)), this.published()]);
      if (this.ended || ticket !== this.asked) return;
      this.answer = answer;
      showPublished(place("published"), published, answer.going);
      this.jump.hidden = !published;
      if (!answer.runs.length && !answer.going) { toast("None of these runs is there any more."); this.pick(); return; }
      this.show("answer");
      this.draw();
      if (answer.going) this.again = setTimeout(() => this.poll(), AGAIN);
    } catch (error) {
      if (this.ended || ticket !== this.asked) return;
      toast(`${error.message} ${error.hint ?? ""}`.trim());
      if (error.status === 422 && this.state.against) this.change({ against: "" });
      else if (this.answer) this.again = setTimeout(() => this.poll(), AGAIN);
      else this.pick();
    }
  }

  /** What was published of the sweep that is shown; it is judged by the server as runs come in. */
  published() {
    const { sweep } = this.state;
    return sweep ? getJson(`/api/sweeps/${encodeURIComponent(sweep)}/published`) : null;
  }

  poll() {
    if (document.hidden || this.root.dataset.shows !== "answer") this.again = setTimeout(() => this.poll(), AGAIN);
    else this.ask();
  }

  draw() {
    const { answer, state } = this;
    if (!answer) return;
    const plain = stylesOf(answer.groups);
    const styles = state.colour === "ratio" ? ratioStyles(answer.groups, answer.runs, plain) : plain;
    this.styles = styles;
    this.range = rangeOf(answer.runs, state.by);
    this.controls.show(state, answer, styles, standingWords(answer));
    showVerdict(place("verdict"), answer, { keep: state.sweep ? null : (runs) => this.chosen(runs) });
    this.export.node.hidden = !answer.runs.length;
    showTable(place("table"), answer, styles);
    this.root.dataset.plane = answer.runs.some(({ plane }) => plane) ? "yes" : "no"; // Before the charts measure their room.
    this.charts.draw(answer, state, styles, this.range);
    this.moment();
  }

  /** Move pictures, hairs and the line of time to the moment that is shown. */
  moment() {
    if (!this.answer || this.ended || this.moving) return;
    this.moving = requestAnimationFrame(() => { this.moving = 0; if (!this.ended) this.#moment(); });
  }

  #moment() {
    const { answer, state, range } = this;
    const share = !range ? 0 : state.at ?? (answer.target === null ? 1 : shareOf(range, answer.target, state.by));
    const reading = range ? readingAt(range, Math.min(1, share), state.by) : null;
    const { sides, seed, seeds } = this.sides();
    this.pictures.draw({ sides, seed, seeds, reading: state.at === null ? answer.target ?? reading : reading, by: state.by, ghost: state.ghost });
    this.charts.cross(reading);
    const marks = sides.filter(Boolean).flatMap(({ run, style }) => [...run.births.map(({ at }) => [at, "▲"]), ...(run.restored ? [[run.restored.at, "★"]] : [])]
      .filter(([at]) => at !== null).map(([at, mark]) => ({ at, mark, colour: style.colour })));
    this.time.show({ range, by: state.by, share, target: answer.target, unit: answer.unit, marks });
  }

  /** The two runs in the pictures: of the chosen contrast, the pair of the chosen seed. */
  sides() {
    const { groups, runs, contrasts } = this.answer;
    const contrast = contrasts.find(({ key }) => key === this.state.pair) ?? contrasts[0];
    const side = (group, id) => {
      const run = runs.find((one) => one.id === id);
      return run && { group: groups.find(({ key }) => key === group), run, style: this.styles.get(group) };
    };
    if (!contrast) {
      const [group] = groups;
      const at = Math.max(0, group?.seeds.indexOf(this.state.seed) ?? 0);
      return { sides: group ? [side(group.key, group.runs[at]), null] : [null, null], seed: group?.seeds[at] ?? null, seeds: group?.seeds.length ?? 0 };
    }
    const pairs = contrast.pairs.length ? contrast.pairs : this.#unpaired(contrast, groups);
    const pair = pairs.find(({ seed }) => seed === this.state.seed) ?? pairs[0];
    this.seeds = pairs.map(({ seed }) => seed);
    return { sides: pair ? [side(contrast.first, pair.first), side(contrast.second, pair.second)] : [null, null], seed: pair?.seed ?? null, seeds: pairs.length };
  }

  #unpaired(contrast, groups) {
    const [first, second] = [contrast.first, contrast.second].map((key) => groups.find((group) => group.key === key));
    return first.runs.map((run, at) => ({ seed: first.seeds[at], first: run, second: second.runs[at % second.runs.length] }));
  }

  stepSeed(way) {
    const seeds = this.answer.contrasts.length ? this.seeds : this.answer.groups[0]?.seeds ?? [];
    if (!seeds.length) return;
    const at = Math.max(0, seeds.indexOf(this.state.seed));
    this.change({ seed: seeds[(at + way + seeds.length) % seeds.length] });
  }

  close() {
    this.ended = true;
    clearTimeout(this.again);
    cancelAnimationFrame(this.moving);
    this.time.stop();
    this.unlisten();
    this.charts.close();
    this.pictures.close();
  }
}

onMount("compare", (mount) => {
  const page = new ComparePage(mount.closest(".fc-page"));
  window.__foldscape = { get answer() { return page.answer; }, get view() { return page.state; } };
  return () => { page.close(); delete window.__foldscape; };
});
