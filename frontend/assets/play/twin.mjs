// The fixed twin of the run that the page follows: made, held on its clock, closed.

import { command, createRun, patchRun, readRun } from "../api.mjs";
import { hasBlocks } from "../nets.mjs";
import { toast } from "../shell.mjs";
import { Hand, isBeside, orders, ordersUntil } from "./twin-clock.mjs";
import { neuronsOf, sizeOf, tagsOfGrown, twinLabels, twinSpec } from "./twin-spec.mjs";
import { Session } from "./session.mjs";
import { DEFAULTS } from "./settings.mjs";
import { TwinView } from "./twin-view.mjs";

const TICK = 150; // Milliseconds between two looks at the clock.

export class Twin {
  /** `page` is asked for its session, moment and settings, and told when there is something to draw. */
  constructor(page, byId) {
    this.page = page;
    this.view = new TwinView(byId, { anew: () => this.anew(), close: () => this.close(), redraw: () => page.invalidate() });
    this.session = null;
    this.making = 0;
  }

  get open() { return this.session !== null; }
  get wiring() { return this.page.session.spec.net.wiring ?? DEFAULTS.wiring; }
  get pace() { const { session } = this.page; return { speed: session.speed, stepsPerEpoch: session.stepsPerEpoch }; }

  /** Open a twin of the present size, or close the one there is. */
  toggle() { return this.open || this.making ? this.close() : this.make(); }

  anew() { this.#end(); return this.make(); }

  /** Make a twin of these hidden widths, by default those of the newest frame. */
  async make(hidden = null) {
    const { session } = this.page;
    const frame = session.history.last;
    if (!frame || !session.box) return void toast("A twin needs a net of the plane and its first frame.");
    if (hasBlocks({ wiring: this.wiring })) return void toast("A net of blocks has no fixed net of the same size beside it.");
    const size = hidden ?? sizeOf(frame, this.wiring);
    const partner = session.summary;
    const ticket = this.#begin();
    try {
      const spec = twinSpec({ ...pick(session), step: session.history.last.step }, size);
      const made = await createRun(spec, twinLabels(partner, size, this.wiring));
      if (ticket !== this.making) return void command(made.id, { kind: "stop" }).catch(() => {});
      await this.#follow(made.id, size, made.run);
      patchRun(partner.id, { tags: tagsOfGrown(partner.tags ?? [], made.name) }).catch(() => {});
    } catch (error) { this.#refused(error); }
  }

  /** Go on with the twin of an address; make it again when its run is gone. */
  async restore({ run, hidden }) {
    const ticket = this.#begin();
    try {
      const known = await readRun(run);
      if (ticket === this.making) await this.#follow(run, hidden, known);
    } catch (error) {
      if (error.status !== 404) return this.#refused(error);
      this.wanted = hidden;
      this.making = 0;
    }
  }

  #begin() { this.ticket = (this.ticket ?? 0) + 1; this.making = this.ticket; this.view.waits(); return this.ticket; }

  #refused(error) {
    this.#end();
    this.page.refuse(error);
  }

  async #follow(id, hidden, known) {
    this.hands = { grown: new Hand(), twin: new Hand() };
    this.met = false;
    this.changes = { asked: 0, owed: [] }; // Learning rates: asked of the grown run, and owed to the twin at their steps.
    this.partner = this.page.session.run;
    this.session = new Session((what, detail) => this.#hear(what, detail));
    this.page.settings.twin = { run: id, hidden };
    this.timer = setInterval(() => this.#tick(), TICK);
    this.making = 0;
    this.page.twinChanged();
    await this.session.attach(id, known);
    this.session?.fill();
  }

  #hear(what, detail) {
    const answers = {
      command: () => this.hands.twin.heard(detail, this.session.stepsPerEpoch),
      frame: () => this.page.invalidate(), status: () => this.page.invalidate(), rows: () => this.page.curves(),
      refused: () => this.page.refuse(detail),
      drawn: () => this.page.owe(detail),
    };
    answers[what]?.();
  }

  /** The grown run took a command. */
  heard(event) {
    if (!this.open) return;
    this.hands.grown.heard(event, this.page.session.stepsPerEpoch);
    if (event.command.kind !== "set" || !this.changes.asked) return;
    this.changes.asked -= 1;
    if (!event.refused) this.changes.owed.push(event);
  }

  /** The grown run has a frame: a twin that waited for it can be made. */
  arrived() {
    if (!this.wanted || this.open || this.making) return;
    const hidden = this.wanted;
    this.wanted = null;
    this.make(hidden);
  }

  #read() {
    const now = performance.now();
    return [this.hands.grown.read(this.page.session, now), this.hands.twin.read(this.session, now)];
  }

  #tick() {
    if (!this.session?.run) return;
    const [grown, twin] = this.#read();
    if (!this.met && isBeside(grown, twin, this.pace)) { this.met = true; this.session.fill(); this.page.invalidate(); }
    const { owed } = this.changes;
    const said = owed.length ? ordersUntil(owed[0], grown, twin, this.pace) : orders(grown, twin, this.pace);
    if (said.twin[0]?.kind === "set") owed.shift();
    for (const each of said.grown) this.#say("grown", this.page.session, each);
    for (const each of said.twin) this.#say("twin", this.session, each);
  }

  #say(who, session, order) {
    this.hands[who].said(performance.now());
    session.command(order);
  }

  /** What the page says to the grown run is said to the twin too; when they are apart, the clock sees to it. */
  told(order) {
    if (!this.session?.run || this.session.over) return;
    const [grown, twin] = this.#read();
    this.hands.grown.said(performance.now());
    if (order.kind === "set") { this.changes.asked += 1; return; }
    if (this.changes.owed.length) return;
    if (order.kind === "set_probes" || (this.met && (order.kind !== "step" || (grown.rests && twin.rests && grown.step === twin.step)))) this.#say("twin", this.session, order);
  }

  /** The index of the newest frame that both have come to: what is shown live while they keep together. */
  newest(history) {
    const last = history.length - 1;
    if (!this.met || !this.open || this.session.over || last < 0) return last;
    const step = this.session.history.last?.step ?? Infinity;
    return step < history.frames[last].step ? history.indexAt(step) : last;
  }

  /** The twin's frame for a frame of the grown run, or null. */
  frameFor(frame) {
    const { history } = this.session;
    if (!frame || !history.length) return null;
    return this.met || frame.step < history.last.step ? history.frames[history.indexAt(frame.step)] : history.last;
  }

  /** The twin as it stands beside the moment shown: `{session, frame}`; null without one. */
  beside(frame) {
    if (!this.session?.run) return null;
    return { session: this.session, frame: this.frameFor(frame) };
  }

  /** Draw it beside a scene of the grown run. */
  draw(scene) {
    if (!this.session?.run) return;
    const { session } = this;
    const last = this.page.session.history.last;
    const sizes = [last ? neuronsOf(last) : 0, session.history.last ? neuronsOf(session.history.last) : 0];
    const compare = `/compare?v=1&runs=${this.partner},${session.run}`;
    const lag = this.page.session.series.lastStep - session.series.lastStep;
    this.view.draw(scene, this.beside(scene.frame), { grown: this.page.session, sizes, met: this.met, compare, wiring: this.wiring, lag: lag / session.stepsPerEpoch });
  }

  /** Fetch what the socket left out, before looking back. */
  fill() { this.session?.fill(); }

  /** Another run is followed: its twin is not this one, unless the address names it. */
  partnerIs(run) {
    const named = this.page.settings.twin;
    if (this.open ? this.partner === run : !this.making && !named) return;
    if (!this.open && !this.making) return void this.restore(named);
    this.close();
    toast("The twin belonged to the run before this one and was closed. Press C for another.");
  }

  /** End it; its run stops and stays among the runs. */
  close() {
    this.#end();
    this.page.twinChanged();
  }

  #end() {
    const { session } = this;
    this.making = 0;
    this.wanted = null; // Widths of a twin to make once there is a frame.
    if (session?.run && !session.over) command(session.run, { kind: "stop" }).catch(() => {});
    this.leave();
    this.page.settings.twin = null;
  }

  /** Stop looking at it: its run goes on as its partner does. */
  leave() {
    clearInterval(this.timer);
    this.session?.close();
    this.session = null;
    this.met = false;
    this.view.close();
  }
}

/** What of a session decides its twin. */
const pick = ({ spec, changes, probes, stepsPerEpoch, speed }) => ({ spec, changes, probes, stepsPerEpoch, speed });
