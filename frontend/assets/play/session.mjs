// The run that the page follows: makes it, attaches to it, listens to it, speaks to it, remembers it.

import * as api from "../api.mjs";
import { History } from "../history.mjs";
import { START, compareIds, openLive } from "../live.mjs";
import { dataBox } from "../plane.mjs";
import { Series } from "../series.mjs";
import { entryId, eventId } from "../wire.mjs";
import { changeOf, fromSpec, toSpec } from "./settings.mjs";

const OVER = ["done", "stopped", "failed", "lost"];
const SHARPNESS = ["epoch", "lambda", "edge", "flatness"];
const MOST_SLICES = 400;
const AROUND_BIRTH = 3500; // Milliseconds after a birth until all frames around it are fetched, for the replay.

export class Session {
  /** `on(what, detail)` hears: run, frame, rows, status, grown, connection, refused, lost; `pictures` are frames too. */
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
    this.history = new History();
    this.series = new Series();
    this.sharpness = new Series(SHARPNESS);
    this.slices = [];
    this.status = { state: "queued", reason: "", message: "" };
    this.changes = [];
    this.rates = {};
    this.filled = START;
    this.seen = START;
  }

  get over() { return OVER.includes(this.status.state); }
  get paused() { return this.status.state === "paused"; }

  /** Make a run of these settings and follow it. Throws an ApiError when the server refuses. */
  async start(settings) {
    const ticket = ++this.opening;
    const { id } = await api.createRun(toSpec(settings));
    if (ticket === this.opening) await this.attach(id);
    else api.command(id, { kind: "stop" }).catch(() => {});
  }

  /** Follow a run that exists. */
  async attach(id) {
    const ticket = ++this.opening;
    const summary = await api.readRun(id);
    const data = await api.readData(id);
    if (ticket !== this.opening) return;
    if (this.run) this.live.unwatch(this.run);
    this.#forget();
    this.#adopt(id, summary, data);
    this.on("run", summary);
    this.live.watch(id); // Curves and the newest frame come at once; what lies before follows.
    if (summary.step || summary.parent) await this.#fillAll(id, summary);
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
    for (const part of [this.series, this.sharpness]) part.cutAfter(frame.step - 1);
    this.history.cutAfter(id);
    this.slices = this.slices.filter((slice) => slice.step <= frame.step);
    this.changes = this.changes.filter((change) => change.step <= frame.step);
    this.filled = START;
    this.seen = START;
    this.status = { state: "queued", reason: "", message: "" };
    this.#adopt(made.id, summary, this.data);
    this.on("run", summary);
    this.live.watch(made.id);
  }

  #adopt(id, summary, data) {
    Object.assign(this, { run: id, summary, spec: summary.spec, data, box: data.box ?? dataBox(data) });
    if (data.box?.length === 4) [this.box] = [{ x0: data.box[0], x1: data.box[1], y0: data.box[2], y1: data.box[3] }];
    this.stepsPerEpoch = Math.max(1, Math.ceil((data.train_y?.length ?? 1) / this.spec.batch));
    this.speed = this.spec.speed ?? null;
    this.#summary(summary);
  }

  /** The run's settings as the page's controls hold them, or null when its data are not of the plane. */
  settings() { return this.spec && fromSpec(this.spec); }

  /** The net of a frame, ready for the forward pass. */
  net(frame) {
    const { activation, negative_slope: slope } = this.spec.net;
    return { weights: frame.weights, biases: frame.biases, activation, slope };
  }

  async #fillAll(id, summary) {
    if (summary.parent) {
      const parent = await api.readFrames(summary.parent, { before: `${summary.parent_step}-999999`, most: 600 }).catch(() => []);
      parent.forEach((frame) => this.pictures.has(frame.kind) && this.#frame(Object.assign(frame, { run: summary.parent })));
    }
    await this.fill();
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
    if (batch.run !== this.run) return acknowledge();
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
    if (event.kind === "curvature") {
      const partner = event.flatness?.element ?? Object.values(event.flatness ?? {})[0];
      this.sharpness.push(event.step, [event.epoch, event.lambda_max ?? NaN, event.edge ?? NaN, partner ?? NaN]);
      return "rows";
    }
    if (event.kind === "slice") {
      this.slices.push(event);
      if (this.slices.length > MOST_SLICES) this.slices = this.slices.filter((_, i) => i % 2 === 0 || i > MOST_SLICES - 20);
      return "rows";
    }
    if (event.kind === "grown") {
      if (this.history.addBirth(event)) this.on("grown", event);
      setTimeout(() => this.fill(), AROUND_BIRTH);
      return "frame";
    }
    if (event.kind === "command") this.#command(event);
    if (event.kind === "status") {
      this.status = { state: event.state, reason: event.reason, message: event.message, step: event.step, data: event.data };
      if (event.state !== "running") setTimeout(() => this.fill(), 250);
      return "status";
    }
    return "";
  }

  #command(event) {
    const stuck = this.paused && this.status.reason === "plateau";
    const change = changeOf(event, stuck);
    // A growth goes on by itself when it is scheduled; the play that follows it at once says nothing more.
    const said = change?.kind === "play" && this.changes.at(-1)?.step === change.step;
    if (change && !said) this.changes = [...this.changes, change];
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

  close() { this.opening += 1; this.live.close(); }
}
