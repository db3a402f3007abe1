// The controls of growing: best fold, my fold, when by itself; the rest under "More".

import { el, say } from "../dom.mjs";
import { fieldError, numberField, selectField } from "./fields.mjs";
import { ACTIONS, GROWTH_TIMES, RULES } from "../vocabulary.mjs";
import { RuleOptions } from "./rule-options.mjs";
import { capital, valueTitle } from "../words.mjs";
import { canNeverGrow, grownBy, netOf } from "../nets.mjs";
import { ruleName, takesLayer } from "./rules.mjs";
import { MOST_LAYERS } from "./settings.mjs";


export function buildGrow(place, actions) {
  const name = el("span", {}, capital(RULES.folding));
  const grow = el("button", { type: "button", class: "grow-button", onclick: actions.grow, id: "grow-button", title: "Preview the best fold, then place it (G)" }, el("span", { "aria-hidden": "true" }, "▲ "), name);
  const hand = el("button", { type: "button", class: "chip grow-hand", onclick: actions.byHand, id: "hand-button", "aria-pressed": "false", title: "Place a fold by hand (M)" }, `✎ ${ACTIONS.own_fold}`);
  const undo = el("button", { type: "button", class: "chip grow-undo", onclick: actions.undo, id: "undo-button", title: "Take the last growth back (U)" }, `↶ ${ACTIONS.undo}`);
  const auto = selectField({ name: "auto", path: "growth.schedule", options: GROWTH_TIMES }, (value) => actions.change({ auto: value }));
  const offer = el("div", { class: "offer", id: "grow-offer", "aria-live": "polite" });
  const none = el("p", { class: "note", hidden: true });
  place.replaceChildren(grow, none, el("div", { class: "grow-row" }, hand, undo), fieldError("rule"), offer, auto.root);
  return {
    offer,
    show(settings) {
      auto.set(settings.auto);
      this.words = ruleName(settings.rule);
      hand.hidden = !netOf(settings.wiring).layered; // Folds are laid into layers.
      const never = canNeverGrow(settings);
      for (const each of [grow, undo, auto.root]) each.hidden = never;
      none.hidden = !never;
      say(none, never ? `No growth rule grows ${netOf(settings.wiring).plural}.` : "");
    },
    /** What the buttons do now: `offered` when a second press lays what is shown. */
    now({ offered, laying, undoable }) {
      say(name, offered || laying ? capital(ACTIONS.add) : capital(this.words));
      grow.title = laying ? "Place this fold (Enter)" : offered ? "Place the fold that is shown (G)" : "Grow (G)";
      hand.ariaPressed = String(laying);
      undo.disabled = !undoable;
    },
    enabled(yes) { grow.disabled = hand.disabled = !yes; },
  };
}

/** Everything about growth that few need: rule, layer, when exactly, deepening, dead layers. */
export function buildGrowthMore(actions) {
  const change = (name) => (value) => actions.change({ [name]: value });
  const rule = selectField({ name: "growth rule", path: "growth.rule.kind", options: {} }, (kind) => actions.change({ rule: kind, ruleOptions: {} }));
  const options = new RuleOptions(change("ruleOptions"));
  const criterion = selectField({ name: "direction", path: "growth.rule.criterion", options: {} }, change("criterion"));
  const foldPoint = selectField({ name: "fold point", path: "growth.rule.fold_point", options: {} }, change("foldPoint"));
  const layer = numberField({ name: "grow layer (0: chosen)", path: "growth.rule.layer", min: 0, max: MOST_LAYERS, step: 1 }, (value) => actions.change({ layer: value - 1 }));
  const every = numberField({ name: "every n epochs", path: "growth.schedule.periodic.every", min: 1, step: 1 }, change("every"));
  const patience = numberField({ name: "plateau, epochs", path: "growth.schedule.patience", min: 2, step: 1 }, change("patience"));
  const target = numberField({ name: "accuracy", path: "growth.schedule.accuracy", min: 0, max: 1, step: 0.005 }, change("target"));
  const births = numberField({ name: "births at most", path: "growth.schedule.births", min: 1, max: 4096, step: 1 }, change("births"));
  const deepen = selectField({ name: "auto deepen", path: "growth.deepen", options: { "": "off" } }, change("deepen"));
  const repair = selectField({ name: "auto wake", path: "growth.repair", options: { "": "off" } }, change("repair"));
  const deeper = acts("add a layer", actions.deepen);
  const wake = acts("dead units", actions.wake);
  let widening = [];
  let others = [];
  let told = "";
  /** Offer the rules for a kind of net. */
  const offered = (wiring) => {
    const fitting = widening.filter(({ kind }) => grownBy(wiring, kind));
    if (told !== (told = fitting.map(({ kind }) => kind).join())) rule.offerGroups(grouped(fitting));
  };
  let beside = null;
  /** Offer what deepens and wakes a kind of net; nothing where nothing does. */
  const offeredBeside = (wiring) => {
    const fitting = others.filter(({ kind }) => grownBy(wiring, kind));
    if (beside === (beside = fitting.map(({ kind }) => kind).join())) return;
    for (const [field, ways, family] of [[deepen, deeper, "deepening"], [repair, wake, "waking"]]) {
      const known = fitting.filter((each) => each.family === family);
      const named = Object.fromEntries(known.map(({ kind, title }) => [kind, title]));
      field.offer({ "": "off", ...named });
      ways.offer(named, known);
      field.root.hidden = ways.root.hidden = known.length === 0;
    }
  };
  const root = el("div", { class: "more-growth" },
    rule.root, criterion.root, foldPoint.root, layer.root, options.root, every.root, patience.root, target.root, births.root,
    deepen.root, repair.root, deeper.root, wake.root);
  return {
    root,
    /** Offer the rules that the server knows. */
    rules(list) {
      widening = list.filter(({ family, ready }) => ready && family === "widening");
      others = list.filter(({ family, ready }) => ready && family !== "widening");
      offered(undefined);
      offeredBeside(undefined);
      const folding = list.find(({ kind }) => kind === "folding");
      for (const [field, name] of [[criterion, "criterion"], [foldPoint, "fold_point"]]) {
        field.offer(Object.fromEntries((folding?.fields.find((each) => each.name === name)?.options ?? []).map((option) => [option, valueTitle(option)])));
      }
    },
    show(settings) {
      offered(settings.wiring);
      offeredBeside(settings.wiring);
      for (const [field, name] of [[rule, "rule"], [criterion, "criterion"], [foldPoint, "foldPoint"], [every, "every"], [patience, "patience"], [target, "target"], [births, "births"], [deepen, "deepen"], [repair, "repair"]]) field.set(settings[name]);
      layer.set(settings.layer + 1);
      const { layered } = netOf(settings.wiring);
      const chosen = widening.find(({ kind }) => kind === settings.rule) ?? null;
      options.show(chosen, settings.ruleOptions, { criterion: settings.criterion, fold_point: settings.foldPoint });
      layer.root.hidden = !layered || settings.hidden.length < 2 || !takesLayer(settings.rule);
      criterion.root.hidden = foldPoint.root.hidden = settings.rule !== "folding";
      every.root.hidden = settings.auto !== "periodic";
      patience.root.hidden = !["on_plateau", "until_accuracy"].includes(settings.auto);
      target.root.hidden = settings.auto !== "until_accuracy";
      births.root.hidden = settings.auto === "by_hand";
    },
  };
}

/** Rules under the headings of their groups: [[heading, {kind: title}]]. */
function grouped(rules) {
  const groups = new Map();
  for (const { kind, title, group } of rules) groups.set(group || "others", { ...groups.get(group || "others"), [kind]: title });
  return [...groups];
}

/** One button for each way of doing something to the net now. */
function acts(name, act) {
  const row = el("span", { class: "field-row" });
  const root = el("div", { class: "field-box" }, el("div", { class: "field field-acts" }, el("span", { class: "field-name" }, name), row));
  return {
    root,
    offer(ways, list) {
      const about = Object.fromEntries(list.map((each) => [each.kind, each.about]));
      row.replaceChildren(...Object.entries(ways).map(([kind, words]) => el("button", { type: "button", class: "chip chip-act", title: about[kind], onclick: () => act(kind) }, words)));
    },
  };
}
