// The play page: brings session, moment, pictures and controls together. One direction: events and acts change the
// state, the state is drawn once an animation frame, curves a few times a second.

import { LiveBlocks } from "../blocks/live.mjs";
import { calm, el, onTheme, pace, say, throttle } from "../dom.mjs";
import { isWarming } from "../health.mjs";
import { closeModal } from "../modal.mjs";
import { onMount } from "../mount.mjs";
import { NetView } from "../net.mjs";
import { sayConnection, toast } from "../shell.mjs";
import { nextView } from "../views/names.mjs";
import { Stage } from "../views/stage.mjs";
import { describe } from "../words.mjs";
import { decode, encode } from "./address.mjs";
import { Banner } from "./banner.mjs";
import { CardPlace } from "./card-place.mjs";
import { buildData, buildMore, buildTransport, buildView } from "./controls.mjs";
import { buildGrow } from "./grow-controls.mjs";
import { Growing } from "./growing.mjs";
import { corruptionWords } from "../corrupted.mjs";
import { openHelp } from "./help.mjs";
import { actionOf } from "./keys.mjs";
import { closeMeaning } from "../measures/help.mjs";
import { fetchMeasures } from "../measures/declared.mjs";
import { variantOfRegion } from "../measures/measured.mjs";
import { atLeast, fetchProbes, withProbe } from "../measures/probes.mjs";
import { fetchOptimizers } from "../optimizers.mjs";
import { CorruptedList } from "./corrupted-list.mjs";
import { CriticalLine, probesForRegion, usualRadius } from "./critical-line.mjs";
import { fromHills, probesWithHills } from "./hills.mjs";
import { HillsPanel } from "./hills-panel.mjs";
import { CurrentRun } from "./current-run.mjs";
import { Meters } from "./meters.mjs";
import { Moment } from "./moment.mjs";
import { Readouts } from "./readouts.mjs";
import { fetchNets, hasBlocks } from "../nets.mjs";
import { fetchSpec } from "./carried.mjs";
import { fetchRules, unusual } from "./rules.mjs";
import { FLASH, sceneOf } from "./scene.mjs";
import { Session } from "./session.mjs";
import { leave, recall, sharedView } from "./shared-view.mjs";
import { canGrow, fromGrowth, growthSpec, withFittingRule } from "./settings.mjs";
import { TimeLine } from "./timeline.mjs";
import { Problems } from "./problems.mjs";
import { Twin } from "./twin.mjs";
import { expose } from "./counters.mjs";

const CURVES_EVERY = 55; // One curve of four at a time: each is redrawn four or five times a second.
const NET_EVERY = 120;
const WORDS_EVERY = 4000;

const byId = (id) => document.getElementById(id);

class PlayPage {
  constructor() {
    this.settings = decode(location.search || recall());
    this.root = document.querySelector(".play");
    this.lit = null;
    this.pointed = null; // A training point, by its index.
    this.flashFrom = -Infinity;
    this.dirty = false;
    this.waiting = [];
    this.warming = false;
    this.ends = [];
    this.session = new Session((what, detail) => this.hear(what, detail));
    this.moment = new Moment(() => this.session.history, () => { this.invalidate(); this.curves(); this.address(); }, (history) => this.twin.newest(history));
    this.making = new CurrentRun(this);
    this.twin = new Twin(this, byId);
    this.banner = new Banner(byId("play-banner"));
    this.trouble = new Problems(this);
    this.stage = new Stage({ picture: byId("play-plane"), bar: byId("play-view-bar"), corners: byId("play-corners") }, {
      onPoint: (unit) => this.point(unit), onCursor: (spot, point) => this.cursor(spot, point),
      onSheet: (choice) => this.view("sheet", choice), redraw: () => this.invalidate(),
    });
    this.plane = this.stage.plane;
    this.netView = new NetView(byId("play-net"), { onPoint: (unit) => this.point(unit), onPick: (unit) => { this.stage.pick(unit); this.card.toggle(unit); } });
    this.blocks = new LiveBlocks(() => this.drawNet(), { compact: true });
    byId("play-net").append(this.blocks.root);
    this.card = new CardPlace(byId("play-card"), () => this);
    this.growing = new Growing(this);
    this.meters = new Meters(byId, { ask: (directions) => this.askDirections(directions), changed: () => this.curves(), measureNoise: () => this.measureNoise() });
    this.readouts = new Readouts(byId);
    this.critical = new CriticalLine(byId("play-critical"), (r) => (r === null ? this.criticalRegion() : this.view("critical", r)), () => this.askCritical());
    this.corrupted = new CorruptedList(byId("play-corrupted"), (index) => this.pointAt(index));
    this.time = new TimeLine(byId("play-time"), { onSeek: (step, end) => this.seek(step, end) });
    this.#controls();
    this.curves = pace(() => !this.closed && this.meters.next(this.session, this.moment.frame, this.moment.live), CURVES_EVERY);
    this.drawNet = throttle(() => this.showNet(), NET_EVERY);
    this.address = throttle(() => this.writeAddress(), 600);
    this.words = throttle(() => this.speak(), WORDS_EVERY);
    this.#listen();
    fetchMeasures().then(() => this.more.losses());
    fetchProbes().then((plans) => { this.plans = plans; this.more.probes.offer(plans); });
    fetchOptimizers().then((list) => this.more.optimizers(list));
    this.known = Promise.all([fetchRules(), fetchNets(), fetchSpec()]).then(([rules]) => {
      this.settings.ruleOptions = unusual(this.settings.rule, this.settings.ruleOptions);
      this.settings = withFittingRule(this.settings);
      this.more.rules(rules);
      this.showSettings();
      if (!this.session.run) return;
      this.grow.enabled(!this.session.over && canGrow(this.settings));
      this.readouts.legend(this.session);
    });
    expose(this);
    this.showSettings();
    this.making.open();
  }

  #controls() {
    const act = (name) => () => this[name]();
    const actions = {
      toggle: act("toggle"), reset: act("reset"), back: act("back"), forward: act("forward"), newSeed: act("newSeed"), grow: () => this.growing.best(), byHand: () => this.growing.byHand(), undo: act("undo"), hill: act("hill"), removeHills: (which) => this.removeHills(which),
      deepen: (kind) => this.growing.change({ kind }), wake: (kind) => this.growing.change(kind === "batch_norm" ? { kind, wake: true } : { kind }),
      speed: (speed) => this.setSpeed(speed), probes: (probes) => this.setProbes(probes), change: (patch) => this.change(patch), criticalRegion: act("criticalRegion"), view: (name, value) => this.view(name, value),
    };
    this.transport = buildTransport(byId("play-transport"), actions);
    this.data = buildData(byId("play-data"), actions);
    this.grow = buildGrow(byId("play-grow"), actions);
    this.hills = new HillsPanel(byId("play-hills"), byId("play-hills-now"), actions);
    this.toggles = buildView(byId("play-view"), actions);
    this.more = buildMore(byId("play-more"), actions);
    this.liveButton = el("button", { type: "button", class: "chip", title: "Back to live (L)", onclick: act("live") }, "live");
    this.replayButton = el("button", { type: "button", class: "chip", title: "Replay the last birth slowly (B)", onclick: act("replay") }, "⟲ replay birth");
    this.forkButton = el("button", { type: "button", class: "chip", title: "Go on from this moment as a new run (F)", onclick: act("fork") }, "fork here");
    this.twinButton = el("button", { type: "button", class: "chip", title: "A fixed net of the same size, seed and data beside this one (C)", "aria-pressed": "false", onclick: act("twinned") }, "Compare with fixed");
    byId("play-time-buttons").replaceChildren(this.twinButton, this.replayButton, this.forkButton, this.liveButton);
  }

  #listen() {
    const on = (target, name, call) => { target.addEventListener(name, call); this.ends.push(() => target.removeEventListener(name, call)); };
    on(window, "fs:health", ({ detail }) => { this.warming = isWarming(detail); this.invalidate(); });
    on(document, "keydown", (event) => {
      if (document.querySelector("dialog[open]")) return;
      if (this.growing.key(event)) return event.preventDefault();
      if (event.key === "Escape" && this.card.close()) return;
      const action = actionOf(event);
      if (!action) return;
      event.preventDefault();
      ({ hard: () => this.view("hard"), test: () => this.view("showTest"), grow: () => this.growing.best(), byHand: () => this.growing.byHand() }[action] ?? (() => this[action]()))();
    });
    // A pointer leaves no focus behind on a button or slider, so that the space bar keeps meaning play and pause.
    on(document, "click", ({ detail, target }) => detail > 0 && target.closest?.(".play button")?.blur());
    on(document, "pointerup", ({ target }) => target.matches?.('.play input[type="range"]') && target.blur());
    on(window, "fs:help", (event) => { event.preventDefault(); this.help(); });
    on(window, "fs:share", ({ detail }) => { detail.href = location.origin + location.pathname + encode(sharedView(this, true)); });
    this.ends.push(onTheme(() => { this.plane.forget(); this.twin.view.forget(); this.invalidate(); this.curves(); }));
    const resized = new ResizeObserver(() => { this.meters.forget(); this.invalidate(); this.curves(); });
    for (const id of ["play-time", "play-net", "play-accuracy"]) resized.observe(byId(id));
    this.ends.push(() => resized.disconnect());
  }

  // ——— runs ———

  fresh(patch) { this.making.fresh(patch); }
  change(patch) { return this.making.change(patch); }
  fork() { return this.making.fork(); }
  reset() { this.fresh(); }
  newSeed() { this.fresh({ seed: Math.floor(Math.random() * 2 ** 31) % 10_000 }); }
  twinned() { this.twin.toggle(); }

  // ——— commands ———

  get running() { return this.intent ?? this.session.status.state === "running"; }

  toggle() {
    if (this.moment.replaying) return this.moment.toLive();
    const looking = !this.moment.live;
    if (looking) this.moment.toLive();
    if (this.session.over) return this.reset();
    if (this.running && !looking) return this.tell({ kind: "pause" }, false);
    return this.tell({ kind: "play" }, true);
  }

  async tell(order, running) {
    this.intent = running;
    this.invalidate();
    setTimeout(() => { this.intent = undefined; this.invalidate(); }, 1500);
    return this.order(order);
  }

  /** Say something to the run, and to its twin. */
  order(order) {
    this.twin.told(order);
    return this.session.command(order);
  }

  back() {
    if (this.running && this.moment.live) this.tell({ kind: "pause" }, false);
    this.#fill();
    this.moment.move(-1);
  }

  forward() {
    if (!this.moment.live) return this.moment.move(1);
    if (this.session.over) return undefined;
    return this.tell({ kind: "step", n: 1, unit: "epoch" }, false);
  }

  setSpeed(speed) {
    this.settings.speed = speed;
    this.transport.speed(speed);
    if (this.session.run && !this.session.over) this.order({ kind: "speed", epochs_per_second: speed });
    this.address();
  }

  /** Tell the run how it grows by itself from now on. */
  setGrowth() {
    this.growing.forget();
    if (this.session.run && !this.session.over) this.session.command({ kind: "set_growth", growth: growthSpec(this.settings) });
  }

  /** Put a hill where the net stands now; a run at rest goes on, so that the net can leave. */
  async hill() {
    const { session, settings, moment } = this;
    const { run, paused } = session;
    if (!run || session.over) return;
    if (!moment.live) moment.toLive();
    this.setProbes(probesWithHills(session.probes), false);
    const first = session.hills.before(settings);
    if (first) await session.command(first);
    if (this.closed || session.run !== run) return; // The hill was meant for the run that was shown.
    this.meters.toHill();
    this.leaves = paused;
    session.command({ kind: "hill" });
  }

  /** Tell a run that has hills what they are like from now on. */
  setHills() {
    const { session, settings } = this;
    const said = session.run && !session.over && session.hills.term && session.hills.before(settings);
    if (said) session.command(said);
  }

  removeHills(which) { this.session.command({ kind: "set_hills", remove: which }); }

  /** Take back what came last: a hill that stands, or a growth. */
  undo() {
    const { session } = this;
    const hill = session.hills.standing.at(-1);
    const birth = session.history.births.findLast(({ takenBack }) => !takenBack);
    if (hill && !session.over && hill.step >= (birth?.step ?? -1)) this.removeHills("last");
    else this.growing.undo();
  }

  /** Tell the run what it measures from now on. */
  setProbes(probes, both = true) {
    if (JSON.stringify(probes) === JSON.stringify(this.session.probes)) return;
    this.settings.probes = probes;
    const order = { kind: "set_probes", probes };
    if (this.session.run && !this.session.over) void (both ? this.order(order) : this.session.command(order));
  }

  askDirections(directions) {
    const probes = atLeast(this.session.probes, this.plans?.find(({ kind }) => kind === "slice"), "directions", directions);
    if (probes) this.setProbes(probes);
  }

  /** Show the critical region, with the radius it had last, or hide it. */
  criticalRegion() {
    const { settings: { critical }, session: { box } } = this;
    if (critical === null && !box) return;
    if (critical !== null) this.radius = critical;
    this.view("critical", critical === null ? this.radius ?? usualRadius(box) : null);
    this.askCritical();
  }

  /** Have the run measure what the critical region needs, and no longer than it is shown. */
  askCritical() {
    const { session, settings: { critical } } = this;
    if (this.closed || !session.box || !session.run || session.over || (critical === null && !this.asksCritical)) return;
    this.asksCritical = critical !== null;
    this.setProbes(probesForRegion(session.probes, critical, session.box));
  }

  /** The noise scale, at every measurement of the sharpness and of one direction, whose search is then shared. */
  measureNoise() {
    const plan = this.plans?.find(({ kind }) => kind === "noise");
    if (plan) this.setProbes(withProbe(this.session.probes, plan, { k: 1, every: 4 }));
  }

  nextView() { this.view("view", nextView(this.settings.view)); }

  /** Change something of the view; a flag is turned over. */
  view(name, value = !this.settings[name]) {
    this.settings[name] = value;
    this.toggles.show(this.settings);
    this.invalidate();
    this.address();
  }

  // ——— time ———

  live() { this.moment.toLive(); }
  replay() { if (!this.moment.replay()) toast("No birth yet: press G."); }
  birthBefore() { this.moment.beside(-1); }
  birthAfter() { this.moment.beside(1); }
  seek(step, end) {
    if (end && !this.session.paused) return this.moment.toLive();
    if (this.moment.live) this.#fill();
    return this.moment.toStep(step);
  }

  #fill() { this.session.fill(); this.twin.fill(); }

  help() { openHelp(); }

  // ——— events ———

  hear(what, detail) {
    const answers = {
      connection: () => { sayConnection(detail); },
      run: () => { this.making.adopt(); this.askCritical(); },
      frame: () => { this.making.arrive(); this.twin.arrived(); this.invalidate(); },
      command: () => this.twin.heard(detail),
      rows: () => this.curves(),
      status: () => { this.status(); this.invalidate(); },
      grown: () => { this.growing.outdated(); this.flashFrom = performance.now(); setTimeout(() => this.invalidate(), FLASH + 50); this.curves(); },
      undone: () => { this.growing.outdated(); this.curves(); if (!this.session.history.restored) toast("The last growth was taken back, bit for bit."); },
      proposal: () => this.growing.hear(detail),
      hill: () => { if (this.leaves) this.tell({ kind: "play" }, true); this.leaves = false; toast("A hill stands where the net is now: training looks elsewhere."); this.curves(); },
      hills: () => { Object.assign(this.settings, fromHills(detail)); this.showSettings(); },
      growth: () => { Object.assign(this.settings, fromGrowth(detail)); this.showSettings(); },
      set: () => { if (detail.lr != null) this.settings.lr = detail.lr; if (detail.weight_decay != null) this.settings.decay = detail.weight_decay; this.showSettings(); },
      speed: () => { this.settings.speed = detail; this.transport.speed(detail); },
      refused: () => this.refuse(detail),
      drawn: () => this.owe(detail),
    };
    answers[what]?.();
  }

  /** A batch of either run is to be acknowledged once it is drawn. */
  owe(acknowledge) {
    this.waiting.push(acknowledge);
    this.invalidate();
    if (document.hidden) this.acknowledge();
  }

  /** A twin has come or gone. */
  twinChanged() {
    this.twinButton.ariaPressed = String(this.twin.open);
    this.plane.forget();
    this.meters.forget();
    this.invalidate();
    this.curves();
    this.address();
  }

  status() {
    this.intent = undefined;
    this.grow.enabled(!this.session.over && canGrow(this.settings));
    this.hills.enabled(Boolean(this.session.run) && !this.session.over);
    this.trouble.status();
    this.address();
  }

  refuse(error) {
    this.intent = undefined;
    this.trouble.refused(error);
  }

  // ——— drawing ———

  invalidate() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => { this.dirty = false; if (!this.closed) this.draw(); });
  }

  acknowledge() { for (const say of this.waiting.splice(0)) say(); }

  draw() {
    const scene = sceneOf(this);
    this.now = scene;
    this.stage.draw(scene);
    this.twin.draw(scene);
    this.critical.draw(scene, scene.frame && this.session.measured.at("critical_region", scene.frame.step, variantOfRegion(this.settings.critical)));
    this.corrupted.draw(scene);
    this.growing.draw();
    if (scene.frame) { this.counts.drawn += this.drawn !== scene.frame ? 1 : 0; this.drawn = scene.frame; }
    this.root.classList.toggle("is-born", scene.flash > 0);
    this.time.draw({ history: this.session.history, series: this.session.series, restarts: this.session.restarts, hills: this.session.hills.standing, frame: scene.frame, live: this.moment.live });
    this.tellNumbers(scene);
    this.drawNet();
    this.words();
    this.acknowledge();
    if (scene.flash > 0 && this.moment.live && !calm()) this.invalidate();
    if (!this.moment.live) this.address();
  }

  /** Numbers, words and the state of the buttons. */
  tellNumbers(scene) {
    const { session, moment, settings } = this;
    const row = this.meters.numbers(session, scene.frame, this.twin.beside(scene.frame));
    this.readouts.show(scene, { session, moment, settings, row, warming: this.warming });
    this.liveButton.ariaPressed = String(moment.live);
    this.forkButton.disabled = !scene.frame;
    this.twinButton.disabled = Boolean(session.spec) && hasBlocks(session.spec.net);
    this.replayButton.disabled = !session.history.births.length;
    this.transport.running(this.running && moment.live);
    this.growing.tell(this.grow, row);
    const hills = scene.frame && session.measured.at("hills", scene.frame.step);
    this.hills.tell({ event: hills, standing: moment.live ? session.hills.standing.length : hills?.standing ?? 0, open: moment.live && !session.over });
    const { probe_share: share, probe_ms: ms } = session.summary ?? {};
    this.more.probes.show(session.probes, { share, ms, sparing: session.sparing });
  }

  showNet() {
    this.card.show();
    const { frame, net, box, lit, fresh } = this.now ?? {};
    const ofBlocks = Boolean(this.session.spec) && hasBlocks(this.session.spec.net);
    this.blocks.root.hidden = !ofBlocks;
    this.netView.hide(ofBlocks);
    if (ofBlocks) this.blocks.draw(this.session.spec, frame);
    else this.netView.draw({ net, frame, box, lit, fresh, births: this.session.history.birthsOf(frame) });
  }

  point(unit) {
    if (unit && this.growing.laying) return; // The eye is on the line that is being laid.
    if (unit?.layer === this.lit?.layer && unit?.row === this.lit?.row) return;
    this.lit = unit;
    this.invalidate();
  }

  cursor(spot, point = null) {
    const two = (value) => value.toFixed(2).replace("-", "−");
    say(byId("play-cursor"), spot ? `${point ? `${corruptionWords(point)}   ` : ""}x ${two(spot[0])}   y ${two(spot[1])}` : "");
    this.pointAt(point?.index ?? null);
  }

  /** Light a training point by its index, or none. */
  pointAt(index) {
    if (index === this.pointed) return;
    this.pointed = index;
    this.invalidate();
  }

  speak() {
    const frame = this.moment.frame;
    if (!frame) return;
    const words = describe({ frame, row: this.session.series.at(frame.step), births: this.session.history.birthsOf(frame), live: this.moment.live });
    this.stage.marks.setAttribute("aria-label", words);
    if (!this.running || !this.moment.live) say(byId("play-words"), words);
  }

  showSettings() {
    for (const part of [this.data, this.grow, this.hills, this.toggles, this.more]) part.show(this.settings);
    this.transport.speed(this.settings.speed);
  }

  writeAddress() {
    if (this.closed || !this.session.run) return;
    const query = encode(sharedView(this));
    if (query !== location.search) history.replaceState(history.state, "", query);
  }

  close() {
    this.closed = true;
    if (this.session.run) leave(this);
    for (const end of this.ends) end();
    for (const timed of [this.curves, this.drawNet, this.address, this.words]) timed.cancel();
    this.moment.stop();
    this.session.close();
    this.growing.close();
    this.twin.leave();
    this.blocks.close();
    this.stage.close();
    this.meters.close();
    sayConnection(null);
    closeMeaning();
    closeModal();
  }
}

onMount("play", () => {
  const page = new PlayPage();
  return () => page.close();
});
