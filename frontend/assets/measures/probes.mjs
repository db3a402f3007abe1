// Which probes a run has and how often they measure: fields made from the server's schema, so a new probe appears by
// itself. Nothing here knows about runs; a choice goes to `change(probes)`.

import { readSchema } from "../api.mjs";
import { el } from "../dom.mjs";
import { fieldTitle, valueTitle } from "../words.mjs";

const PATIENCE = 2000; // Milliseconds until what was said and not heard of is given up.
const named = (name) => name.replaceAll("_", " ");
const firstLine = (words) => (words ?? "").split("\n\n")[0].replaceAll("\n", " ").replaceAll("`", "");

/** All probes of a schema answer: [{kind, about, fields, fresh}], `fresh` being one with its shipped values. */
export function probesOf(schema) {
  const definitions = schema?.RunSpec?.$defs ?? {};
  const item = schema?.RunSpec?.properties?.probes?.items ?? {};
  const names = (item.oneOf ?? item.anyOf ?? (item.$ref ? [item] : [])).map(({ $ref }) => $ref.split("/").at(-1));
  return names.map((name) => definitions[name]).filter(Boolean).map(({ properties: { kind, ...fields }, description }) => ({
    kind: kind.const ?? kind.default, about: firstLine(description), fields,
    fresh: { kind: kind.const ?? kind.default, ...Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default])) },
  }));
}

export const fetchProbes = () => readSchema().then(probesOf, () => []);

/** A list of probes with one of them switched on or off, or one of its fields changed. */
export function withProbe(probes, plan, patch) {
  if (patch === null) return probes.filter(({ kind }) => kind !== plan.kind);
  if (!probes.some(({ kind }) => kind === plan.kind)) return [...probes, { ...plan.fresh, ...patch }];
  return probes.map((probe) => (probe.kind === plan.kind ? { ...probe, ...patch } : probe));
}

/** One probe brought to at least so much of something, such as directions; null when it is there already. */
export function atLeast(probes, plan, key, value) {
  const now = probes.find(({ kind }) => kind === plan?.kind);
  if (!plan || (now?.[key] ?? 0) >= value) return null;
  return withProbe(probes, plan, { [key]: value });
}

/** The fields. `show(probes, costs)` writes what is measured now; `costs` are ms by kind and the share of all time. */
export class ProbeFields {
  constructor(place, change) {
    this.place = place;
    this.change = change;
    this.plans = [];
    this.probes = [];
    this.shown = "";
    this.cost = el("p", { class: "note probe-cost", role: "status" });
  }

  offer(plans) { this.plans = plans; this.shown = ""; this.show(this.probes); }

  show(told, { share = null, ms = {}, sparing = 1 } = {}) {
    const probes = this.#waiting(told) ? this.probes : told;
    this.probes = probes;
    const words = costWords(share, sparing);
    if (this.cost.textContent !== words) this.cost.textContent = words;
    this.cost.classList.toggle("is-dear", share > 0.5);
    for (const [kind, place] of Object.entries(this.times ?? {})) place.textContent = ms[kind] === undefined ? "" : `${short(ms[kind])} ms`;
    const key = JSON.stringify([this.plans.map(({ kind }) => kind), probes]);
    if (key === this.shown || this.place.contains(document.activeElement) && document.activeElement.type !== "checkbox") return;
    this.shown = key;
    this.times = {};
    this.place.replaceChildren(this.cost, ...this.plans.map((plan) => this.#probe(plan)));
  }

  /** Whether what was said last is still on its way to the run and back. */
  #waiting(told) {
    if (this.said && (Date.now() > this.said.until || JSON.stringify(told) === this.said.words)) this.said = null;
    return Boolean(this.said);
  }

  #probe(plan) {
    const now = this.probes.find(({ kind }) => kind === plan.kind);
    const box = el("input", { type: "checkbox", checked: Boolean(now), "data-probe": plan.kind, onchange: () => this.#say(plan, box.checked ? {} : null) });
    const time = this.times[plan.kind] = el("span", { class: "probe-time" });
    const head = el("label", { class: "field field-check", title: plan.about }, box, fieldTitle(plan.kind), time);
    const fields = now ? Object.entries(plan.fields).map(([key, field]) => this.#field(plan, key, field, now[key])) : [];
    return el("div", { class: "probe" }, head, el("div", { class: "probe-fields" }, fields));
  }

  #field(plan, key, field, value) {
    const name = fieldTitle(key, plan.kind);
    const label = `${plan.kind} ${name}`;
    const title = firstLine(field.description);
    if (field.type === "boolean") return el("label", { class: "probe-field", title }, el("input", { type: "checkbox", checked: value, "aria-label": label, onchange: ({ target }) => this.#say(plan, { [key]: target.checked }) }), ` ${name}`);
    if (field.enum) {
      const choose = ({ target }) => this.#say(plan, { [key]: target.value });
      return el("label", { class: "probe-field", title }, `${name} `, el("select", { class: "select", "aria-label": label, onchange: choose }, field.enum.map((option) => el("option", { value: option, selected: option === value }, valueTitle(option)))));
    }
    if (field.type === "array") return this.#picks(plan, key, field, value, title);
    const input = el("input", { type: "number", class: "number", value, min: field.minimum, max: field.maximum, step: field.type === "integer" ? 1 : "any", "aria-label": label });
    input.addEventListener("change", () => { if (input.checkValidity() && input.value !== "") this.#say(plan, { [key]: Number(input.value) }); else input.reportValidity(); });
    return el("label", { class: "probe-field", title }, `${key === "every" ? "every n-th" : name} `, input);
  }

  #picks(plan, key, field, value, title) {
    const toggle = (option, on) => this.#say(plan, { [key]: field.items.enum.filter((each) => (each === option ? on : value.includes(each))) });
    const boxes = (field.items?.enum ?? []).map((option) => el("label", {}, el("input", { type: "checkbox", checked: value.includes(option), "aria-label": `${named(key)} ${option}`, onchange: ({ target }) => toggle(option, target.checked) }), ` ${option}`));
    return el("span", { class: "probe-field probe-picks", title, role: "group", "aria-label": named(key) }, boxes);
  }

  #say(plan, patch) {
    this.probes = withProbe(this.probes, plan, patch);
    this.said = { words: JSON.stringify(this.probes), until: Date.now() + PATIENCE };
    this.change(this.probes);
    document.activeElement?.blur?.();
    this.show(this.probes);
  }
}

const short = (ms) => (ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms));

/** What measuring costs, in words; nothing while it is cheap or not known. `sparing`: how many times less often it is done. */
export function costWords(share, sparing = 1) {
  const spared = sparing > 1 ? `To hold the pace, all but frames is measured ${sparing} times less often.` : "";
  if (share === null || share === undefined || share < 0.005) return spared;
  const cost = `Probes take ${Math.round(100 * share)} % of the time${share > 0.5 ? ": measure less often, or fewer things" : ""}.`;
  return [cost, spared].filter(Boolean).join(" ");
}
