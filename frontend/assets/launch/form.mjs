/** Draws a plan (see frontend/launch/plan.py) as a form. Knows shapes, never the names of fields. */

import { choiceControl, flagControl, jsonControl, numberControl, picksControl, textControl } from "./controls.mjs";
import { complete, fresh, freshKind, get, atDefault, means, nearestField, put } from "./draft.mjs";
import { element } from "../element.mjs";

const INLINE = new Set(["number", "choice", "flag", "text", "picks"]);
const simple = (node) => INLINE.has(node.type) || (node.type === "optional" && INLINE.has(node.inner.type));

export class Form {
  /**
   * @param {HTMLElement} root Where to draw.
   * @param {object} plan The plan.
   * @param {(spec: object) => void} changed Called after each edit.
   */
  constructor(root, plan, changed) {
    this.root = root;
    this.plan = plan;
    this.changed = changed;
    this.spec = {};
    this.kept = new Map(); // path and kind -> what that kind held before another was chosen
    this.kinds = new Map(); // path of a union -> what draws its list of kinds anew
    this.refusals = new Map(); // path -> {kind: why it cannot be chosen now}
    this.told = new Map(); // element -> whether it means anything with what stands beside it
  }

  /** Draws a spec, whole or partial, valid or not. */
  show(spec) {
    this.spec = complete(this.plan, spec);
    this.told.clear();
    const small = (field) => simple(field) || field.inline;
    const plain = this.plan.fields.filter(small);
    const large = this.plan.fields.filter((field) => !small(field));
    const quiet = large.filter((field) => field.advanced || ["list", "json", "optional"].includes(field.type));
    const cards = large.filter((field) => !quiet.includes(field)).map((field) => this.card(field));
    const run = element("section.fl-card", {}, heading("training", "What is made small, in which batches, and how it is judged."), this.fields(plain, []));
    const folded = quiet.map((field) => this.foldedCard(field));
    const all = [...cards.slice(0, 3), run, ...cards.slice(3)];
    all.forEach((card, at) => { card.style.order = at; }); // For a page that is too narrow for two columns.
    const columns = [0, 1].map((side) => element("div.fl-column", {}, ...all.filter((_, at) => at % 2 === side)));
    this.root.replaceChildren(...columns, ...folded);
    this.settle();
  }

  /** Writes complaints beside their fields; gives back those that have no field. */
  complain(problems) {
    const drawn = new Map([...this.root.querySelectorAll("[data-path]")].map((each) => [each.dataset.path, each]));
    for (const each of drawn.values()) {
      each.classList.remove("wrong");
      each.querySelector(":scope > .fl-error")?.remove();
    }
    return problems.filter((problem) => {
      const place = drawn.get(nearestField(problem.path, drawn));
      if (!place) return true;
      place.classList.add("wrong");
      place.hidden = false;
      for (let around = place.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
      const text = problem.message;
      const inside = place.querySelector(":scope > .fl-error");
      if (inside) inside.textContent += `; ${text}`;
      else place.append(element("p.fl-error", { role: "alert" }, text));
      return false;
    });
  }

  /** Hides the fields that mean nothing with what stands beside them now. */
  settle() {
    for (const [place, matters] of this.told) {
      if (!place.isConnected) this.told.delete(place);
      else place.hidden = !matters() && !place.classList.contains("wrong");
    }
  }

  /** Greys out kinds of a field that cannot be chosen beside what else stands there, `{kind: why}`. */
  refuse(path, kinds) {
    if (JSON.stringify(this.refusals.get(path) ?? {}) === JSON.stringify(kinds)) return;
    this.refusals.set(path, kinds);
    this.kinds.get(path)?.();
  }

  /** Puts a picture below the fields of a card, in the place of the last one; null takes it away. */
  picture(key, made) {
    const card = this.root.querySelector(`[data-path="${key}"]`);
    const shown = card?.querySelector(":scope > .fl-picture");
    if (shown && shown.firstChild === made) return;
    shown?.remove();
    if (made) card?.append(element("div.fl-picture", {}, made));
  }

  /** Brings the first field with a complaint into view. */
  showFirst() {
    const place = this.root.querySelector(".wrong");
    place?.scrollIntoView({ block: "center" });
    place?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
  }

  set(path, value) {
    this.spec = put(this.spec, path, value);
    this.settle();
    this.changed(this.spec);
  }

  card(field) {
    const path = [field.key];
    const card = element("section.fl-card", { "data-path": field.key });
    const body = element("div");
    card.append(heading(field.title, field.help), body);
    this.fill(body, field, path);
    return card;
  }

  foldedCard(field) {
    const body = element("div");
    const value = get(this.spec, [field.key]);
    const changed = !atDefault(field, value);
    const count = changed && Array.isArray(value) ? element("b.fl-count", {}, `${value.length} set`) : null; // Lists may be long.
    const card = element("details.fl-card.fl-wide", { "data-path": field.key, open: changed && !count }, element("summary", {}, heading(field.title, field.help), count), body);
    this.fill(body, field, [field.key]);
    return card;
  }

  /** Some fields: the basic ones, and below them those that are folded away until somebody wants them. */
  fields(nodes, path) {
    const [basic, advanced] = [nodes.filter((node) => !node.advanced), nodes.filter((node) => node.advanced)];
    if (advanced.length === 0) return this.together(basic, path);
    const changed = advanced.some((node) => !atDefault(node, get(this.spec, [...path, node.key])));
    const more = element("details.fl-more", { open: changed }, element("summary", {}, `More: ${advanced.map(({ title }) => title).join(", ")}`), this.together(advanced, path));
    return element("div.fl-fields", {}, this.together(basic, path), more);
  }

  together(nodes, path) {
    const inline = nodes.filter(simple).map((node) => this.field(node, [...path, node.key]));
    const blocks = nodes.filter((node) => !simple(node)).map((node) => this.block(node, [...path, node.key]));
    return element("div.fl-fields", {}, inline.length > 0 ? element("div.fl-grid", {}, ...inline) : null, ...blocks);
  }

  /** A labelled control with its help. */
  field(node, path) {
    const place = element("div.fl-field", { "data-path": path.join(".") });
    const label = node.type === "flag" ? null : element("span.fl-label", {}, node.title);
    place.append(...[label, this.control(node, path)].filter(Boolean));
    if (saysMore(node)) place.append(element("p.fl-help", {}, node.help));
    this.matter(place, node, path);
    return place;
  }

  /** Remembers beside which values a field means anything. */
  matter(place, node, path) {
    if (node.matters) this.told.set(place, () => means(node.matters, get(this.spec, path.slice(0, -1))));
  }

  /** A labelled group within a card. */
  block(node, path) {
    const body = element("div");
    const place = element("div.fl-block", { "data-path": path.join(".") }, heading(node.title, node.help, "h4"), body);
    this.fill(body, node, path);
    this.matter(place, node, path);
    return place;
  }

  control(node, path) {
    const value = get(this.spec, path);
    const change = (next) => this.set(path, next);
    if (node.type === "optional") return this.optional(node.inner, value, change);
    if (node.type === "number") return numberControl(node, value, change);
    if (node.type === "choice") return choiceControl(node, value, worded(node), change);
    if (node.type === "flag") return flagControl(node, value, change);
    if (node.type === "picks") return picksControl(node, value, change);
    return textControl(node, value, change);
  }

  optional(inner, value, change) {
    if (inner.type === "number") return numberControl(inner, value, change, true);
    if (inner.type === "choice") return choiceControl(inner, value, [[null, "none"], ...worded(inner)], change);
    return textControl(inner, value, (text) => change(text === "" ? null : text));
  }

  /** Fills a place with a node that is more than one control; draws itself again when its shape changes. */
  fill(place, node, path) {
    const again = () => this.fill(place, node, path);
    const drawers = { group: this.group, union: this.union, list: this.list, optional: this.optionalGroup };
    const drawer = drawers[node.type];
    if (drawer) place.replaceChildren(drawer.call(this, node, path, again));
    else if (node.type === "json") place.replaceChildren(jsonControl(node, get(this.spec, path), (next) => this.set(path, next)));
    else place.replaceChildren(this.control(node, path));
    if (place.isConnected) this.settle(); // What was drawn anew may have fields that mean nothing here.
  }

  group(node, path) {
    return this.fields(node.fields, path);
  }

  union(node, path, again) {
    const value = get(this.spec, path) ?? {};
    const option = node.options.find((each) => each.kind === value[node.tag]);
    const choose = (kind) => {
      this.kept.set(`${path.join(".")}:${value[node.tag]}`, get(this.spec, path));
      const chosen = node.options.find((each) => each.kind === kind);
      this.set(path, this.kept.get(`${path.join(".")}:${kind}`) ?? freshKind(chosen, node.tag));
      again();
    };
    const control = () => {
      const refused = this.refusals.get(path.join(".")) ?? {};
      const options = node.options.map((each) => [each.kind, each.title, each.under, refused[each.kind]]).sort(byHeading(node.options));
      return choiceControl({ title: `kind of ${node.title || "item"}` }, get(this.spec, path)?.[node.tag], options, choose);
    };
    const kind = element("div.fl-field.fl-kind", { "data-path": `${path.join(".")}.${node.tag}` }, control());
    this.kinds.set(path.join("."), () => kind.firstChild.replaceWith(control()));
    if (option?.help) kind.append(element("p.fl-help", {}, option.help));
    return element("div", {}, kind, option && option.fields.length > 0 ? this.fields(option.fields, path) : null);
  }

  list(node, path, again) {
    const values = get(this.spec, path);
    if (!Array.isArray(values)) return jsonControl(node, values, (next) => this.set(path, next));
    const remove = (index) => {
      this.set([...path, index], undefined);
      again();
    };
    const add = () => {
      const last = get(this.spec, path).at(-1);
      this.set([...path, get(this.spec, path).length], INLINE.has(node.item.type) && last !== undefined ? last : fresh(node.item));
      again();
    };
    const row = INLINE.has(node.item.type);
    const items = values.map((_, index) => this.item(node, [...path, index], values.length > (node.least ?? 0) ? () => remove(index) : null, row));
    const full = node.most !== null && values.length >= node.most;
    const plus = full ? null : element("button.fl-button", { type: "button", onclick: add }, `+ ${row ? "add" : singular(node.title)}`);
    const empty = values.length === 0 ? element("span.fl-help", {}, "none yet") : null;
    return element(row ? "div.fl-row" : "div.fl-stack", {}, ...items, empty, plus);
  }

  item(node, path, remove, row) {
    const body = element("div.fl-item-body");
    this.fill(body, { ...node.item, title: node.item.title || `${singular(node.title)} ${path.at(-1) + 1}` }, path);
    const cross = remove && element("button.fl-button.fl-cross", { type: "button", onclick: remove, "aria-label": `remove ${singular(node.title)} ${path.at(-1) + 1}` }, "×");
    return element(row ? "div.fl-chip" : "div.fl-item", { "data-path": path.join(".") }, body, cross);
  }

  optionalGroup(node, path, again) {
    const value = get(this.spec, path);
    const on = value !== null && value !== undefined;
    const toggle = (wanted) => {
      if (!wanted) this.kept.set(path.join("."), get(this.spec, path));
      this.set(path, wanted ? (this.kept.get(path.join(".")) ?? fresh({ ...node.inner, default: null })) : null);
      again();
    };
    const body = element("div");
    if (on) this.fill(body, node.inner, path);
    const box = flagControl({ title: on ? "on" : "off" }, on, toggle);
    box.querySelector("input").setAttribute("aria-label", node.title);
    return element("div", {}, box, body);
  }
}

/** Sorts options so that those under one heading stand together, in the order in which headings first come. */
function byHeading(options) {
  const headings = [...new Set(options.map(({ under }) => under))];
  return ([, , a], [, , b]) => headings.indexOf(a) - headings.indexOf(b);
}

/** Whether a hint says more than the title above it. */
const saysMore = ({ title, help }) => Boolean(help) && help.toLowerCase() !== `${title}.`;

/** The options of a choice with their words. */
const worded = ({ options, words }) => options.map((option, at) => [option, words?.[at] ?? String(option)]);

const singular = (title) => (title.endsWith("s") ? title.slice(0, -1) : title || "item");

function heading(title, told, tag = "h3") {
  const help = saysMore({ title, help: told }) ? told : "";
  return element("div.fl-heading", {}, element(tag, {}, title), help ? element("p.fl-help", {}, help) : null);
}
