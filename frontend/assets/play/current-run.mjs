// Which run is followed: made of the settings, found again from an address, forked, begun anew.

import { command } from "../api.mjs";
import { promptly } from "../dom.mjs";
import { runAddress } from "../runs/navigate.mjs";
import { toast } from "../shell.mjs";
import { epochs } from "../words.mjs";
import { carriedWords, staying } from "./carried.mjs";
import { showFieldErrors } from "./fields.mjs";
import { HILLS } from "./hills.mjs";
import { DECIDING, GROWTH, canGrow, rewired, withFittingRule } from "./settings.mjs";

export class CurrentRun {
  /** `page` is asked for settings, session and moment, and told when another run is followed. */
  constructor(page) {
    this.page = page;
    this.wanted = null; // The step to show once a run that had to be made anew has come to it.
    this.made = null; // The run that this page made, which ends with the next.
    this.restart = promptly(() => this.startNow(), 200);
  }

  async open() {
    const { page } = this;
    await page.known; // What a rule may be told, and what a run has that is not usual.
    if (page.closed) return;
    const { run, at } = page.settings;
    if (run) {
      try {
        await page.session.attach(run);
        if (at === null) return;
        await page.session.fill();
        const resting = page.session.paused || page.session.over;
        if (!resting || at < (page.session.history.last?.step ?? 0)) page.moment.toStep(at);
        return;
      } catch (error) { if (error.status !== 404) return page.refuse(error); }
    }
    const seek = at;
    if (seek !== null) page.settings.changes = page.settings.changes.filter(({ step }) => step <= seek);
    await this.startNow({ speed: seek === null ? page.settings.speed : null });
    if (seek !== null && page.session.run) this.wanted = seek;
  }

  /** Make a run of the settings as they are. */
  async startNow(patch = {}) {
    const { page } = this;
    page.settings = { ...page.settings, run: null };
    const old = page.session.run;
    const mine = this.made === old && !page.session.over;
    page.banner.clear();
    showFieldErrors();
    page.grow.enabled(false);
    try {
      await page.session.start({ ...page.settings, ...patch });
      this.made = page.session.run;
      if (old && mine && old !== page.session.run) command(old, { kind: "stop" }).catch(() => {});
    } catch (error) { page.refuse(error); }
  }

  /** A fresh run: no changes, no moment of the past. */
  fresh(patch = {}) {
    const { page } = this;
    page.settings = { ...page.settings, ...patch, at: null, changes: [] };
    this.wanted = null;
    page.session.forgo(); // What came of older settings would take the place of these.
    page.moment.stop();
    page.showSettings();
    this.restart();
  }

  change(patch) {
    const { page } = this;
    const merged = { ...page.settings, ...patch, ...(patch.wiring ? rewired(patch.wiring) : {}) };
    merged.layer = Math.min(merged.layer, Math.max(0, merged.hidden.length - 1));
    const changed = Object.keys(patch).filter((name) => JSON.stringify(patch[name]) !== JSON.stringify(page.settings[name]));
    const [carried, left] = staying(merged.carried, changed);
    merged.carried = carried;
    if (left) toast(`Left out, for it belongs to what was there before: ${carriedWords(left)}.`);
    const deciding = DECIDING.some((name) => name in patch && JSON.stringify(patch[name]) !== JSON.stringify(page.settings[name]));
    page.settings = merged;
    page.showSettings();
    showFieldErrors();
    if (deciding) return this.fresh();
    if (GROWTH.some((name) => name in patch)) page.setGrowth();
    if (Object.keys(HILLS).some((name) => name in patch)) page.setHills();
    const numbers = { lr: patch.lr, weight_decay: patch.decay };
    const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
    if (!Object.keys(given).length) return page.address();
    if (page.session.over || !page.session.run) return this.fresh();
    return page.order({ kind: "set", ...given });
  }

  async fork() {
    const { page } = this;
    const { frame } = page.moment;
    if (!frame) return;
    try {
      await page.session.fork(frame);
      this.made = page.session.run;
      page.moment.toLive();
      toast(`A new run goes on from epoch ${epochs(frame.epoch)}.`);
    } catch (error) { page.refuse(error); }
  }

  adopt() {
    const { page } = this;
    const mine = page.session.settings();
    page.flashFrom = -Infinity;
    page.lit = page.pointed = null;
    page.intent = undefined;
    page.growing.forget();
    page.plane.forget();
    if (!mine) {
      page.banner.show("not-plane", "This run's data are not points of the plane; it has a page of its own.", [["Open it", () => location.assign(runAddress(page.session.run))]]);
      return;
    }
    const wished = { speed: page.settings.speed };
    page.settings = { ...page.settings, ...mine, ...(page.settings.run === page.session.run ? {} : wished), run: page.session.run };
    page.settings = withFittingRule(page.settings);
    page.moment.stop();
    page.moment.id = null;
    page.grow.enabled(canGrow(mine));
    page.banner.clear();
    page.readouts.legend(page.session);
    page.showSettings();
    page.twin.partnerIs(page.session.run);
    page.curves();
    page.invalidate();
    page.address();
  }

  /** A shared view whose run had to be made anew: show its moment once it is there, then pace it as wished. */
  arrive() {
    const { page } = this;
    if (this.wanted === null || (page.session.history.last?.step ?? -1) < this.wanted) return;
    const step = this.wanted;
    this.wanted = null;
    page.session.command({ kind: "speed", epochs_per_second: page.settings.speed });
    page.session.fill().then(() => page.moment.toStep(step));
  }
}
