// Numbers and words of the moment shown: the readouts, what the last birth kept, the hint above the plane, the legend.

import { isCorrupted } from "../corrupted.mjs";
import { isDag } from "../net-graph.mjs";
import { hasFolds } from "../nets.mjs";
import { el, say } from "../dom.mjs";
import { epochs, functionChange, percent, plateauHint, plural } from "../words.mjs";
import { KEPT_LIMIT } from "../vocabulary.mjs";
import { DATA } from "./settings.mjs";

const SOLVED = 0.995;
const WARMING = "the worker warms up, the first time on a machine for some 20 seconds; then this begins by itself…";

/** Whether a run waits for a fold: it has paused by itself, and not because everything is learned. */
export const wantsFold = ({ state, reason }, row) => state === "paused" && reason === "plateau" && row?.train_accuracy < SOLVED;

/** The sentence above the plane, and its kind: past, stuck or none. */
export function hintOf({ status, place, data, row, frame, live, replaying, warming }) {
  const { state, reason, message } = status;
  if (replaying) return ["Replaying the birth, slowly", "past"];
  if (!live) return [`Looking back at epoch ${epochs(frame?.epoch)}`, "past"];
  if (state === "paused") return reason === "plateau" ? [plateauHint(row?.train_accuracy), "stuck"] : ["paused", ""];
  if (state === "queued" && !frame && warming) return [WARMING, ""];
  if (state === "queued" && !frame) return [`waiting for a worker${place > 0 ? ` · ${plural(place, "run")} before it` : ""}…`, ""];
  if (state === "done") return [message || "done", ""];
  if (state === "stopped") return ["stopped", ""];
  if (state === "lost") return ["the worker is lost", "stuck"];
  if (state === "failed") return [reason === "blew_up" ? "the loss blew up" : "the run has failed", "stuck"];
  return [`learning ${DATA[data]?.name ?? ""}`, ""];
}

export class Readouts {
  constructor(byId) { this.byId = byId; this.afterBirth = []; this.noFolds = null; }

  /** Show the moment; `row` is its row of measures. */
  show({ frame, birth }, { session, moment, settings, row, warming }) {
    const put = (id, words) => say(this.byId(id), words);
    const neurons = frame ? frame.units.reduce((sum, units) => sum + units.length, 0) : null;
    const grown = session.history.birthsOf(frame).length;
    put("read-epoch", frame ? epochs(frame.epoch) : "–");
    put("read-neurons", neurons === null ? "–" : String(neurons));
    put("read-corners", frame && !frame.why_no_folds ? String(frame.fold_points.shape[0]) : "–");
    put("read-accuracy", row ? percent(row.train_accuracy) : "–");
    put("play-neurons", neurons === null ? "" : `${plural(neurons, "neuron")}${frame && isDag(frame) ? ` · depth ${frame.weights.length}` : ""}${grown ? ` · ${grown} grown` : ""}`);
    put("play-moment", frame ? `epoch ${epochs(frame.epoch)}${moment.live ? "" : ` / ${epochs(session.history.last.epoch)}`}` : "");
    this.#kept(birth);
    for (const mark of this.afterBirth) mark.hidden = !birth;
    say(this.noFolds, frame?.why_no_folds ?? "");
    const { status, summary } = session;
    const [words, kind] = hintOf({ status, place: summary?.place, data: settings.data, row, frame, live: moment.live, replaying: moment.replaying, warming });
    put("play-hint", words);
    this.byId("play-hint").dataset.kind = kind;
    this.byId("grow-button").classList.toggle("is-wanted", moment.live && wantsFold(status, row));
    this.byId("play-plane").classList.toggle("is-stale", session.live.state.state === "lost");
  }

  #kept(birth) {
    const note = this.byId("play-kept");
    say(note, birth ? functionChange(birth.kept) : "");
    note.classList.toggle("is-kept", Boolean(birth) && birth.kept < KEPT_LIMIT);
    note.classList.toggle("is-broken", Boolean(birth) && !(birth.kept < KEPT_LIMIT));
    note.title = birth ? `Largest change of the function at the birth in epoch ${epochs(birth.epoch)}: ${birth.kept}` : "";
  }

  /** The legend for a run: what is drawn for its classes and its activation. */
  legend({ data, spec }) {
    const item = (mark, words) => el("span", { class: "legend-item" }, el("span", { class: `mark mark-${mark}`, "aria-hidden": "true" }), words);
    const classes = data.classes === 2 ? [item("circle", "class 0"), item("diamond", "class 1")] : [item("circle", `${data.classes} classes`)];
    this.afterBirth = [item("fresh", "newest fold"), item("ghost", "before it")];
    this.noFolds = el("span");
    const fold = el("span", {}, "fold", el("span", { class: "legend-long" }, ", ticks: active side"));
    const rings = isCorrupted(data) ? [item("ring", "wrong label"), ...(data.noise.some(Boolean) ? [item("ring-noise", "noise input")] : [])] : [];
    const marks = [item("boundary", "boundary"), item("fold", fold), item("corner", "fold point"), ...this.afterBirth];
    this.byId("play-legend").replaceChildren(...classes, ...rings, ...(hasFolds(spec.net) ? marks : [this.noFolds]));
  }
}
