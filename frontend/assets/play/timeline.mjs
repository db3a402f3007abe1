// The line of time: all frames in memory, births as ▲, hills as domes, the moment that came back as ★, a handle to drag; accuracy lies behind it as a faint hill.

import { BEST, GROWN, HILL } from "../colour.mjs";
import { el, fit, themed } from "../dom.mjs";
import { decimate } from "../series.mjs";
import { epochs } from "../words.mjs";

const INSET = 14;
const TRACK = 14; // From the lower edge.

export class TimeLine {
  /** `onSeek(step)` follows the drag, `onKey(event)` may take a key first. */
  constructor(place, { onSeek }) {
    this.canvas = el("canvas", { class: "time-canvas", "aria-hidden": "true" });
    this.place = place;
    place.tabIndex = 0;
    place.setAttribute("role", "slider");
    place.setAttribute("aria-label", "Moment of the run");
    place.replaceChildren(this.canvas);
    this.range = [0, 1];
    this.dragging = false;
    const seek = (event) => {
      const { left, width } = place.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, (event.clientX - left - INSET) / (width - 2 * INSET)));
      onSeek(Math.round(this.range[0] + share * (this.range[1] - this.range[0])), share === 1);
    };
    place.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.dragging = true;
      place.setPointerCapture(event.pointerId);
      seek(event);
    });
    place.addEventListener("pointermove", (event) => this.dragging && seek(event));
    for (const name of ["pointerup", "pointercancel"]) place.addEventListener(name, () => { this.dragging = false; });
  }

  /** Draw: history, the series behind it, the restarts of the learning rate, the frame shown, whether it is the live one. */
  draw({ history, series, restarts = [], hills = [], frame, live }) {
    const { context, width, height } = fit(this.canvas, this.place.clientWidth, this.place.clientHeight);
    const first = history.first?.step ?? 0;
    const last = Math.max(first + 1, history.last?.step ?? 1);
    this.range = [first, last];
    const x = (step) => INSET + ((step - first) / (last - first)) * (width - 2 * INSET);
    const base = height - TRACK;
    this.#hill(context, series, x, base, first);
    context.lineCap = "round";
    context.lineWidth = 4;
    context.strokeStyle = themed("--line-strong");
    context.beginPath();
    context.moveTo(INSET, base);
    context.lineTo(width - INSET, base);
    context.stroke();
    const shown = frame ? x(frame.step) : INSET;
    context.strokeStyle = themed("--accent");
    context.beginPath();
    context.moveTo(INSET, base);
    context.lineTo(shown, base);
    context.stroke();
    this.#restarts(context, restarts.filter(({ step }) => step >= first && step <= last), x, base);
    for (const { step } of hills) this.#dome(context, x(Math.max(first, step)), base);
    for (const birth of history.births) {
      const at = x(birth.step);
      context.fillStyle = birth.takenBack ? themed("--panel") : GROWN; // ▲, hollow once it was taken back.
      context.strokeStyle = birth.takenBack ? GROWN : themed("--panel");
      context.lineWidth = birth.takenBack ? 1.5 : 2;
      context.beginPath();
      context.moveTo(at, base - 9);
      context.lineTo(at + 7, base + 4);
      context.lineTo(at - 7, base + 4);
      context.closePath();
      if (birth.takenBack) { context.fill(); context.stroke(); } else { context.stroke(); context.fill(); }
    }
    if (history.restored) this.#star(context, x(history.restored.best_step), base);
    context.beginPath();
    context.arc(shown, base, 8, 0, 2 * Math.PI);
    context.fillStyle = live ? themed("--accent") : themed("--panel");
    context.fill();
    context.lineWidth = 3;
    context.strokeStyle = live ? themed("--panel") : themed("--accent");
    context.stroke();
    this.#speak(frame, first, last, history.restored);
  }

  /** Ticks across the line. */
  #restarts(context, restarts, x, base) {
    context.strokeStyle = themed("--ink-3");
    context.lineWidth = 1.5;
    for (const { step } of restarts) {
      context.beginPath();
      context.moveTo(x(step), base - 7);
      context.lineTo(x(step), base + 7);
      context.stroke();
    }
  }

  /** A hill that stands. */
  #dome(context, at, base) {
    context.beginPath();
    context.arc(at, base + 4, 7, Math.PI, 2 * Math.PI);
    context.closePath();
    context.fillStyle = HILL;
    context.strokeStyle = themed("--panel");
    context.lineWidth = 2;
    context.stroke();
    context.fill();
  }

  #hill(context, series, x, base, first) {
    if (!series?.length) return;
    const { x: steps, y } = decimate(series.steps.subarray(0, series.length), series.column("train_accuracy"), 300);
    const top = base - 10;
    context.beginPath();
    context.moveTo(x(Math.max(first, steps[0])), base);
    steps.forEach((step, i) => { if (step >= first && y[i] !== null) context.lineTo(x(step), base - 2 - y[i] * (top - 6)); });
    context.lineTo(x(steps.at(-1)), base);
    context.closePath();
    context.fillStyle = themed("--line");
    context.fill();
  }

  #star(context, at, base) {
    context.font = "20px Inter, system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.strokeStyle = themed("--panel");
    context.strokeText("★", at, base - 2);
    context.fillStyle = BEST;
    context.fillText("★", at, base - 2);
  }

  #speak(frame, first, last, restored) {
    const set = (name, value) => { if (this.place.getAttribute(name) !== value) this.place.setAttribute(name, value); };
    set("aria-valuemin", String(first));
    set("aria-valuemax", String(last));
    set("aria-valuenow", String(frame?.step ?? first));
    set("aria-valuetext", frame ? `epoch ${epochs(frame.epoch)}` : "no frame yet");
    if (restored) set("aria-description", `★ The net of epoch ${epochs(restored.best_epoch)} came back at the end.`);
  }
}
