// The schedules of learning rate and batch size: their fields, drawn from the schema, and what they make of the run.

import { previewSchedule } from "../api.mjs";
import { el, settle } from "../dom.mjs";
import { complete } from "../launch/draft.mjs";
import { Form } from "../launch/form.mjs";
import { drawSchedule } from "../schedule.mjs";
import { fieldError } from "./fields.mjs";
import { SCHEDULES, toSpec } from "./settings.mjs";

const QUIET = 600; // Milliseconds after the last key before a new run begins.
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class ScheduleFields {
  /** `change(patch)` takes new settings. */
  constructor(change) {
    const plan = JSON.parse(document.getElementById("play")?.dataset.schedules ?? '{"type":"group","fields":[]}');
    this.plan = plan;
    this.fields = el("div", { class: "more-schedules" });
    this.picture = el("div");
    this.root = el("div", {}, this.fields, fieldError("lr_schedule"), fieldError("batch_schedule"), this.picture);
    const told = settle((patch) => change(patch), QUIET);
    this.form = new Form(this.fields, plan, (spec) => told(read(spec)));
    this.foresee = settle((settings) => this.#draw(settings), QUIET / 2);
    this.key = "";
  }

  show(settings) {
    const spec = complete(this.plan, write(settings));
    if (!this.fields.childElementCount || !same(read(this.form.spec), read(spec))) {
      this.form.spec = spec;
      this.fields.replaceChildren(...this.plan.fields.map((field) => this.form.block(field, [field.key])));
    }
    const key = JSON.stringify([write(settings), settings.lr, settings.batch, settings.points, settings.test]);
    if (key === this.key) return;
    this.key = key;
    this.foresee(settings);
  }

  async #draw(settings) {
    const { key } = this;
    const changing = Object.keys(write(settings)).length > 0;
    const told = changing ? await previewSchedule(toSpec({ ...settings, changes: [], at: null })).catch(() => null) : null;
    if (key === this.key) this.picture.replaceChildren(...[drawSchedule(told)].filter(Boolean));
  }
}

/** The fields of a spec that settings hold; what stays constant is left out. */
const write = (settings) => Object.fromEntries(Object.entries(SCHEDULES).filter(([name]) => settings[name]).map(([name, field]) => [field, settings[name]]));

const read = (spec) => Object.fromEntries(Object.entries(SCHEDULES).map(([name, field]) => [name, spec[field] && spec[field].kind !== "constant" ? spec[field] : null]));
