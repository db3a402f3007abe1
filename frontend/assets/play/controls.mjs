// The controls of the play page. Each group is built once and shows the settings it is given; what a person does goes
// to `actions`. Nothing here knows about runs.

import { el, say, settle } from "../dom.mjs";
import { ProbeFields } from "../measures/probes.mjs";
import { carriedWords } from "./carried.mjs";
import { fieldError, numberField, selectField, slideField } from "./fields.mjs";
import { buildGrowthMore } from "./grow-controls.mjs";
import { VIEWS } from "../views/names.mjs";
import { ACTIONS } from "../vocabulary.mjs";
import { capital } from "../words.mjs";
import { drawPicture } from "./pictures.mjs";
import { lossField } from "./loss-field.mjs";
import { hasBlocks, netOf, wirings } from "../nets.mjs";
import { ScheduleFields } from "./schedule-fields.mjs";
import { DATA, MOST_LAYERS, MOST_WIDTH, RATES } from "./settings.mjs";

const SLOWEST = 1;
const FASTEST = 200;

/** Epochs a second at a place 0…100 of the slider, and back. */
export const speedAt = (place) => {
  const speed = SLOWEST * (FASTEST / SLOWEST) ** (place / 100);
  return speed < 10 ? Math.round(speed * 2) / 2 : Math.round(speed);
};
export const placeOf = (speed) => (100 * Math.log(speed / SLOWEST)) / Math.log(FASTEST / SLOWEST);

/** The next of the usual rates above (or below) a value. */
export function nextRate(value, direction) {
  const found = direction > 0 ? RATES.find((rate) => rate > value * 1.001) : RATES.findLast((rate) => rate < value * 0.999);
  return found ?? (direction > 0 ? RATES.at(-1) : RATES[0]);
}

const icon = (name) => el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });
const button = (name, title, onclick, more = {}) => el("button", { type: "button", class: "tool", title, "aria-label": title, onclick, ...more }, icon(name));

export function buildTransport(place, actions) {
  const play = el("button", { type: "button", class: "play-button", onclick: actions.toggle, id: "play-button" }, icon("play"), el("span", {}, "Play"));
  const slider = el("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": "Speed in epochs a second", class: "speed" });
  const shown = el("output", { class: "speed-now" });
  const most = el("button", { type: "button", class: "chip", "aria-pressed": "false", title: "As many updates a second as this machine can", onclick: () => actions.speed(most.ariaPressed === "true" ? speedAt(Number(slider.value)) : null) }, ACTIONS.maximum_speed);
  const send = settle((speed) => actions.speed(speed), 180);
  slider.addEventListener("input", () => { const speed = speedAt(Number(slider.value)); showSpeed(speed); send(speed); });
  const showSpeed = (speed) => {
    say(shown, speed === null ? "max" : `${speed}/s`);
    most.ariaPressed = String(speed === null);
    slider.setAttribute("aria-valuetext", speed === null ? ACTIONS.maximum_speed : `${speed} epochs a second`);
  };
  const number = (name, id) => el("div", { class: "readout" }, el("span", { class: "readout-name" }, name), el("span", { class: "readout-value", id }, "–"));
  place.replaceChildren(
    button("reset", "Reset, same seed (R)", actions.reset), button("back", `${capital(ACTIONS.step_back)} (←)`, actions.back),
    play, button("forward", `${capital(ACTIONS.step_forward)} (→)`, actions.forward),
    el("div", { class: "speed-box" }, el("span", { class: "field-name" }, "Speed"), slider, shown, most),
    el("div", { class: "readouts" }, number("epoch", "read-epoch"), number("neurons", "read-neurons"), number("fold points", "read-corners"), number("accuracy", "read-accuracy")),
  );
  let label = "";
  return {
    speed(speed) { if (speed !== null && document.activeElement !== slider) slider.value = String(placeOf(speed)); showSpeed(speed); },
    running(running) {
      const next = running ? "Pause" : "Play";
      if (next === label) return;
      label = next;
      play.replaceChildren(icon(running ? "pause" : "play"), el("span", {}, next));
      play.title = `${next} (Space)`;
      play.classList.toggle("is-running", running);
    },
  };
}

export function buildData(place, actions) {
  const pictures = Object.entries(DATA).map(([kind, { name }]) => {
    const canvas = el("canvas", { class: "picture-canvas", "aria-hidden": "true" });
    drawPicture(canvas, kind, 48);
    return el("button", { type: "button", class: "picture", title: name, "aria-label": `Data: ${name}`, "data-kind": kind, onclick: () => actions.change({ data: kind, noise: DATA[kind].noise }) }, canvas);
  });
  const seed = numberField({ name: "seed", path: "seed", min: 0, step: 1, width: "56px" }, (value) => actions.change({ seed: value }));
  const again = el("button", { type: "button", class: "chip", title: "New seed (N)", onclick: actions.newSeed }, "new");
  const rate = numberField({ name: "learning rate", path: "optimizer.lr", min: 0, max: 100, step: "any", width: "56px" }, (value) => actions.change({ lr: value }));
  const nudge = (direction) => el("button", { type: "button", class: "chip chip-small", "aria-label": direction > 0 ? "Larger learning rate" : "Smaller learning rate", onclick: () => actions.change({ lr: nextRate(Number(rate.input.value), direction) }) }, direction > 0 ? "+" : "−");
  rate.row.append(nudge(-1), nudge(1));
  seed.row.append(again);
  place.replaceChildren(
    el("div", { class: "pictures", role: "group", "aria-label": "Data set" }, pictures), fieldError("data.kind"),
    rate.root, seed.root,
  );
  return {
    show(settings) {
      for (const picture of pictures) picture.ariaPressed = String(picture.dataset.kind === settings.data);
      seed.set(settings.seed);
      rate.set(settings.lr);
    },
  };
}

export function buildView(place, actions) {
  const views = VIEWS.map(({ name, title, about }) => el("button", { type: "button", class: "segment", title: `${about} (V)`, "aria-pressed": "false", "data-view": name, onclick: () => actions.view("view", name) }, title));
  const toggle = (name, words, title) => el("button", { type: "button", class: "chip", title, "aria-pressed": "false", onclick: () => actions.view(name) }, words);
  const hard = toggle("hard", "hard edge", "Hard edge (D)");
  const test = toggle("showTest", "test points", "Test points (T)");
  const critical = el("button", { type: "button", class: "chip", title: "Critical region: where a small change of the point changes the class (K)", "aria-pressed": "false", onclick: actions.criticalRegion }, "critical");
  place.replaceChildren(el("span", { class: "segments", role: "group", "aria-label": "View of the net" }, views), hard, test, critical);
  return {
    show(settings) {
      hard.ariaPressed = String(settings.hard);
      test.ariaPressed = String(settings.showTest);
      critical.ariaPressed = String(settings.critical !== null);
      hard.disabled = settings.view === "regions";
      for (const view of views) view.ariaPressed = String(view.dataset.view === settings.view);
    },
  };
}

export function buildMore(place, actions) {
  const change = (name) => (value) => actions.change({ [name]: value });
  const percent = (v) => `${Math.round(v * 100)} %`;
  const noise = slideField({ name: "noise", path: "data.noise", min: 0, max: 0.6, step: 0.01, words: (v) => v.toFixed(2) }, change("noise"));
  const test = slideField({ name: "test share", path: "data.test_share", min: 0, max: 0.9, step: 0.05, words: percent }, change("test"));
  const labels = slideField({ name: "random labels", path: "corrupt.labels", min: 0, max: 1, step: 0.05, words: percent }, change("labels"));
  const inputs = slideField({ name: "random inputs", path: "corrupt.inputs", min: 0, max: 1, step: 0.05, words: percent }, change("inputs"));
  const points = numberField({ name: "points", path: "data.n", min: 8, max: 20000, step: 1 }, change("points"));
  const activation = selectField({ name: "activation", path: "net.activation", options: {} }, change("activation"));
  const wiring = selectField({ name: "wiring", path: "net.wiring", options: {} }, change("wiring"));
  const loss = lossField(change("loss"));
  let known = [];
  const optimizer = selectField({ name: "optimiser", path: "optimizer.kind", options: {} }, (value) => {
    const rate = known.find(({ kind }) => kind === value)?.rate;
    actions.change({ optimizer: value, ...(rate ? { lr: rate } : {}) });
  });
  const batch = numberField({ name: "batch", path: "batch", min: 1, max: 100000, step: 1 }, change("batch"));
  const decay = numberField({ name: "weight decay", path: "optimizer.weight_decay", min: 0, max: 10, step: "any" }, change("decay"));
  const plateau = el("input", { type: "checkbox", onchange: () => actions.change({ plateau: plateau.checked }) });
  const schedules = new ScheduleFields((patch) => actions.change(patch));
  const layers = layersField(actions);
  let activations = null;
  const growth = buildGrowthMore(actions);
  const measured = el("div", { class: "more-probes" });
  const probes = new ProbeFields(measured, actions.probes);
  const carried = carriedField(actions);
  const details = el("details", { class: "more" },
    el("summary", {}, "More"),
    el("div", { class: "more-body" },
      carried.root,
      wiring.root, layers.root, activation.root,
      el("hr", {}), growth.root,
      el("hr", {}), el("span", { class: "field-name" }, "measures"), fieldError("probes"), measured,
      el("hr", {}), loss.root, optimizer.root, batch.root, decay.root, schedules.root,
      el("hr", {}), noise.root, test.root, points.root, labels.root, inputs.root,
      el("label", { class: "field field-check" }, plateau, " pause when the loss stops falling")));
  place.replaceChildren(details);
  return {
    probes,
    /** Offer the growth rules, and the kinds of nets, that the server knows. */
    rules(list) {
      growth.rules(list);
      wiring.offer(wirings());
    },
    losses() { loss.offer(); },
    /** Offer the optimisers that the server knows. */
    optimizers(list) { known = list; optimizer.offer(Object.fromEntries(list.map(({ kind, name }) => [kind, name]))); },
    show(settings) {
      const net = netOf(settings.wiring);
      if (activations !== net.activations) activation.offer(activations = net.activations);
      noise.set(settings.noise); test.set(settings.test); points.set(settings.points); labels.set(settings.labels); inputs.set(settings.inputs); activation.set(settings.activation); wiring.set(settings.wiring);
      loss.set(settings.loss); optimizer.set(settings.optimizer); batch.set(settings.batch); decay.set(settings.decay);
      plateau.checked = settings.plateau;
      schedules.show(settings);
      carried.set(settings.carried);
      layers.set(settings.hidden);
      layers.root.hidden = hasBlocks(settings);
      growth.show(settings);
    },
  };
}

/** What the run that was opened sets beyond the controls, and a way to be without. */
function carriedField(actions) {
  const words = el("span", {});
  const drop = el("button", { type: "button", class: "chip", onclick: () => actions.change({ carried: null }) }, "leave out");
  const root = el("p", { class: "note more-carried", hidden: true }, words, drop);
  return { root, set(carried) { root.hidden = !carried; say(words, carried ? `Kept from the run that was opened: ${carriedWords(carried)}. ` : ""); } };
}

function layersField(actions) {
  const row = el("span", { class: "layers" });
  const root = el("div", { class: "field-box" }, el("div", { class: "field" }, el("span", { class: "field-name" }, "hidden layers"), row), fieldError("net.hidden"));
  let shown = "";
  return {
    root,
    set(widths) {
      const key = widths.join("-");
      if (key === shown) return;
      shown = key;
      const inputs = widths.map((width, i) => {
        const input = el("input", { type: "number", class: "number", min: 1, max: MOST_WIDTH, value: width, style: "width:44px", "aria-label": `Width of layer ${i + 1}` });
        input.addEventListener("change", () => {
          const value = Math.max(1, Math.min(MOST_WIDTH, Math.round(Number(input.value)) || 1));
          input.value = String(value);
          actions.change({ hidden: widths.map((other, at) => (at === i ? value : other)) });
        });
        return input;
      });
      const fewer = el("button", { type: "button", class: "chip chip-small", "aria-label": "One layer fewer", disabled: widths.length === 0, onclick: () => actions.change({ hidden: widths.slice(0, -1) }) }, "−");
      const more = el("button", { type: "button", class: "chip chip-small", "aria-label": "One layer more", disabled: widths.length >= MOST_LAYERS, onclick: () => actions.change({ hidden: [...widths, widths.at(-1) ?? 1] }) }, "+");
      row.replaceChildren(...inputs, fewer, more);
    },
  };
}
