// The run that the page follows: makes it, attaches to it, listens to it, speaks to it, remembers it.

import * as api from "../api.mjs";
import { Calendar } from "../calendar.mjs";
import { netOfFrame } from "../forward.mjs";
import { History } from "../history.mjs";
import { START, compareIds, openLive } from "../live.mjs";
import { Measured } from "../measures/measured.mjs";
import { dataBox } from "../plane.mjs";
import { Series } from "../series.mjs";
import { entryId, eventId } from "../wire.mjs";
import { HillRecord } from "./hills.mjs";
import { changesOf, fromSpec, toSpec } from "./settings.mjs";

const OVER = ["done", "stopped", "failed", "lost"];
const MOST_ANCESTORS = 8;
const NEVER = "999999999999999-0"; // A cursor beyond all entries.
const AROUND_BIRTH = 3500; // Milliseconds after a birth until all frames around it are fetched, for the replay.

export class Session {
  /** `on(what, detail)` hears: run, frame, rows, status, grown, undone, proposal, probes, command, connection, refused, lost; `pictures` are frames too. */
  constructor(on, pictures = ["frame"]) {
    this.on = on;
    this.pictures = new Set(pictures);
    this.counts = { batches: 0, frames: 0, duplicates: 0, reconnects: 0 };
    this.#forget();
    this.opening = 0;
    this.live = openLive({
      onBatch: (batch, acknowledge) => this.#take(batch, acknowledge),
      onState: (state) => { if (state.state === "lost") this.counts.reconnects += 1; on("connection", state); },
      onError: (error) => on("refused", error),
    });
  }

  #forget() {
    this.run = null;
    this.summary = null;
    this.spec = null;
    this.data = null;
    this.box = null;
    this.calendar = new Calendar();
    this.restarts = [];
    this.history = new History();
    this.series = new Series();
    this.measured = new Measured();
    this.probes = [];
    this.sparing = 1;
    this.status = { state: "queued", reason: "", message: "" };
    this.changes = [];
    this.hills = new HillRecord();
    this.asked = null;
    this.rates = {};
    this.filled = START;
    this.seen = START;
    this.ancestor = null;
  }

  get over() { return OVER.includes(this.status.state); }
  get paused() { return this.status.state === "paused"; }

  /** A run that is still being made or read is not wanted any more. */
  forgo() { this.opening += 1; }

  /** Make a run of these settings and follow it. Throws an ApiError when the server refuses. */
  async start(settings) {
    const ticket = ++this.opening;
    const { id, run } = await api.createRun(toSpec(settings));
    if (ticket === this.opening) await this.attach(id, run);
    else api.command(id, { kind: "stop" }).catch(() => {});
  }

  /** Follow a run that exists. */
  async attach(id, known = null) {
    const ticket = ++this.opening;
    const [summary, data] = await Promise.all([known ?? api.readRun(id), api.readData(id)]);
    if (ticket !== this.opening) return;
    if (this.run) this.live.unwatch(this.run);
    this.#forget();
    this.#adopt(id, summary, data);
    this.hills = new HillRecord(summary.spec.terms);
    this.on("run", summary);
    if (summary.parent) await this.#inheritAll(ticket, summary);
    if (ticket !== this.opening) return;
    this.live.watch(id); // Curves and the newest frame come at once; what lies before follows.
    if (summary.step) await this.fill();
  }

  /** Go on from a frame as a new run; what lies before stays in memory. */
  async fork(frame) {
    const ticket = ++this.opening;
    const id = eventId(frame);
    const parent = frame.run ?? this.run;
    const made = await api.fork(parent, { step: frame.step, frame: entryId(frame) });
    const summary = await api.readRun(made.id);
    if (ticket !== this.opening) return;
    this.live.unwatch(this.run);
    this.series.cutAfter(frame.step - 1);
    this.measured.cutAfter(frame.step);
    this.history.cutAfter(id);
    this.changes = this.changes.filter((change) => change.step <= frame.step);
    this.filled = START;
    this.seen = START;
    this.status = { state: "queued", reason: "", message: "" };
    this.#adopt(made.id, summary, this.data);
    this.on("run", summary);
    this.live.watch(made.id);
  }

  #adopt(id, summary, data) {
    const plane = data.train_x?.shape[1] === 2;
    Object.assign(this, { run: id, summary, spec: summary.spec, data, box: plane ? dataBox(data) : null });
    this.calendar = new Calendar(summary.stretches ?? []);
    this.#foresee();
    this.speed = this.spec.speed ?? null;
    this.probes = this.spec.probes;
    this.sparing = 1;
    this.#summary(summary);
  }

  /** Updates of the present epoch. */
  get stepsPerEpoch() { return this.calendar.stepsPerEpochAt(this.series.lastStep); }

  /** Learn at which updates the learning rate jumps up again; without a schedule there is nothing to ask. */
  async #foresee() {
    const { spec } = this;
    this.restarts = [];
    if (!spec.lr_schedule) return;
    const told = await api.previewSchedule(spec).catch(() => null);
    if (!told || spec !== this.spec) return;
    this.restarts = told.restarts.map((step, i) => ({ step, epoch: told.restart_epochs[i] }));
    this.on("frame");
  }

  /** Restarts that a run has come to. */
  get restarted() { return this.restarts.filter(({ step }) => step <= this.series.lastStep); }

  /** The run's settings as the page's controls hold them, or null when its data are not of the plane. */
  settings() { return this.spec && fromSpec(this.spec); }

  /** The net of a frame, ready for the forward pass. */
  net(frame) {
    return netOfFrame(frame, this.spec.net, this.box);
  }

  /** Learn what a run's ancestors did before the forks, oldest first: rows must come in the order of their steps. */
  async #inheritAll(ticket, summary) {
    const line = [];
    for (let run = summary; run.parent && line.length < MOST_ANCESTORS;) {
      const parent = await api.readRun(run.parent).catch(() => null);
      if (!parent) break;
      line.unshift({ id: run.parent, until: run.parent_step });
      run = parent;
    }
    for (const { id, until } of line) {
      const frames = await api.readFrames(id, { before: `${until}-999999` }).catch(() => []);
      if (ticket !== this.opening) return;
      for (const frame of frames) if (this.pictures.has(frame.kind)) this.#frame(Object.assign(frame, { run: id }));
      await this.#inherit(id, until);
      if (ticket !== this.opening) return;
    }
    this.seen = START;
  }

  /** Take over rows and events of an ancestor up to a step; ends when it has nothing more to say. */
  #inherit(id, until) {
    return new Promise((resolve) => {
      const end = () => { this.ancestor = null; this.live.unwatch(id); resolve(); };
      let timer = setTimeout(end, 2000);
      this.seen = START;
      this.ancestor = { id, take: (events) => {
        clearTimeout(timer);
        timer = setTimeout(end, 250);
        for (const event of events) {
          if (event.kind === "metrics" && event.steps) this.#rowsBefore(event, until);
          else if (event.step <= until && event.kind !== "status") this.#event(event);
        }
      } };
      this.live.watch(id, { frames: NEVER });
    });
  }

  #rowsBefore({ steps, values }, until) {
    const rows = steps.findIndex((step) => step >= until);
    const most = rows < 0 ? steps.length : rows;
    if (most) this.series.append(steps.subarray(0, most), values.subarray(0, (values.length / steps.length) * most));
  }

  /** Fetch the frames that the socket left out since the last time. */
  async fill() {
    const id = this.run;
    if (!id || this.filling) return;
    this.filling = true;
    try {
      const frames = await api.readFrames(id, { after: this.filled === START ? undefined : this.filled });
      if (id !== this.run) return;
      for (const frame of frames) {
        if (this.pictures.has(frame.kind)) this.#frame(frame);
        if (compareIds(entryId(frame), this.filled) > 0) this.filled = entryId(frame);
      }
      if (frames.length) this.on("frame");
    } catch { /* The next pause or scrub tries again. */ } finally { this.filling = false; }
  }

  #take(batch, acknowledge) {
    if (batch.run === this.ancestor?.id) this.ancestor.take(batch.events);
    if (batch.run !== this.run || this.ancestor) return acknowledge();
    this.counts.batches += 1;
    this.sent = batch.sent ?? batch.now ?? null;
    const before = this.status;
    if (batch.state) this.#summary(batch.state);
    const news = new Set();
    for (const event of batch.events) news.add(this.#event(event));
    if (this.status !== before || batch.state) news.add("status");
    this.counts.duplicates = this.series.duplicates;
    for (const what of ["rows", "status", "frame"]) if (news.has(what)) this.on(what);
    this.on("drawn", acknowledge);
    return undefined;
  }

  #event(event) {
    if (event.kind === "metrics") {
      if (event.steps) this.series.append(event.steps, event.values);
      else this.series.push(event.step, event.values);
      return "rows";
    }
    if (this.pictures.has(event.kind)) { this.counts.frames += 1; this.#frame(event); return "frame"; }
    // A reconnect may bring an event twice; its id tells.
    if (compareIds(eventId(event), this.seen) <= 0) return "";
    this.seen = eventId(event);
    if (this.measured.add(event)) return "rows";
    if (event.kind === "grown") {
      if (this.history.addBirth(event)) this.on("grown", event);
      setTimeout(() => this.fill(), AROUND_BIRTH);
      return "frame";
    }
    if (event.kind === "undone") {
      this.history.takeBack(event);
      this.on("undone", event);
      return "frame";
    }
    if (event.kind === "restored") { this.history.restored = event; return "frame"; }
    if (event.kind === "hill_put") { this.hills.put(event); this.on("hill", event); return "frame"; }
    if (event.kind === "proposal") this.on("proposal", event);
    if (event.kind === "command") this.#command(event);
    if (event.kind === "status") {
      this.status = { state: event.state, reason: event.reason, message: event.message, step: event.step, data: event.data };
      if (event.state !== "running") setTimeout(() => this.fill(), 250);
      return "status";
    }
    return "";
  }

  #command(event) {
    const { command, step, refused } = event;
    this.on("command", event);
    const stuck = this.paused && this.status.reason === "plateau";
    const changes = changesOf(event, stuck, this.asked);
    if (command.kind === "preview") this.asked = { step, command: { kind: "preview", rule: command.rule } };
    // A growth goes on by itself when it is scheduled; the play that follows it at once says nothing more.
    const said = changes[0]?.command.kind === "play" && this.changes.at(-1)?.step === step;
    if (!said) this.changes = [...this.changes, ...changes];
    if (!refused) this.hills.hear(command);
    if (command.kind === "set_hills" && !refused) this.on("hills", command);
    if (command.kind === "set_growth" && !refused) this.on("growth", command.growth);
    if (command.kind === "spare") this.sparing = command.factor;
    if (command.kind === "set_probes" && !refused) { this.probes = command.probes; this.on("probes", this.probes); }
    if (event.refused) this.on("refused", { message: event.refused });
    if (event.command.kind === "set" && !event.refused) this.on("set", event.command);
    if (event.command.kind === "speed") { this.speed = event.command.epochs_per_second ?? null; this.on("speed", this.speed); }
    if (event.command.kind === "play") this.status = { ...this.status, state: "running", reason: "", message: "" };
  }

  #frame(frame) {
    frame.run ??= this.run;
    this.history.add(frame);
  }

  #summary(summary) {
    this.summary = { ...this.summary, ...summary };
    const { state, reason = "", message = "" } = this.summary;
    if (state && (state !== this.status.state || (reason && reason !== this.status.reason))) {
      this.status = { ...this.status, state, reason: reason ?? "", message: message ?? "" };
    }
  }

  /** Say something to the run; a refusal is told by `on("refused")`. */
  async command(body) {
    if (!this.run) return false;
    try { await api.command(this.run, body); return true; } catch (error) { this.on("refused", error); return false; }
  }

  /** What is still on its way is told to nobody. */
  close() { this.opening += 1; this.on = () => {}; this.live.close(); }
}
