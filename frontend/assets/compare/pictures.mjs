// Two nets of one seed side by side at one reading of the clock, each with a ghost of the other, and where they disagree.

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { Plane } from "../plane.mjs";
import { runAddress } from "../runs/navigate.mjs";
import { epochs, plural } from "../words.mjs";
import { frameAt, updatesAt } from "./clock.mjs";
import { DifferenceView } from "../pair/difference-view.mjs";
import { shareWords } from "../pair/difference.mjs";

/** The picture in a few words. */
function captionOf({ frame, reached }) {
  const corners = frame.why_no_folds ? "no folds" : plural(frame.fold_points.shape[0], "fold point");
  return `epoch ${epochs(frame.epoch)}${reached ? "" : " (end)"} · ${corners}`;
}

class Frame {
  constructor(title) {
    this.title = element("h3.panel-title", {}, title);
    this.note = element("span.panel-note");
    this.body = element("div.fc-plane");
    this.why = element("p.fc-why", { hidden: true });
    this.node = element("section.panel.fc-picture", {}, element("div.panel-head", {}, this.title, this.note), element("div.fc-body", {}, this.body, this.why));
  }

  /** Say why there is no picture; null where there is one. */
  without(why) {
    this.why.hidden = why === null;
    this.body.style.visibility = why === null ? "" : "hidden";
    if (why !== null) { say(this.why, why); say(this.note, ""); }
  }
}

export class Pictures {
  /** `step(direction)` asks for the next seed, `ghost(shown)` for the ghosts. */
  constructor(place, films, { step, ghost }) {
    this.films = films;
    this.frames = [new Frame("first"), new Frame("second")];
    this.beside = new Frame("");
    this.planes = this.frames.map(({ body }) => new Plane(body));
    this.difference = new DifferenceView(this.beside.body);
    this.seed = element("output.fc-seed");
    this.box = element("input", { type: "checkbox", id: "compare-ghost", onchange: () => ghost(this.box.checked) });
    const hand = (words, direction, label) => element("button.chip.chip-small", { type: "button", "aria-label": label, onclick: () => step(direction) }, words);
    this.hands = [hand("◀", -1, "Previous seed"), hand("▶", 1, "Next seed")];
    this.share = element("b.fc-share");
    this.beside.title.replaceChildren("they differ: ", this.share);
    this.beside.note.replaceWith(element("div.fc-hands", {}, this.hands[0], this.seed, this.hands[1], element("label.fc-check", {}, this.box, "ghost")));
    place.replaceChildren(...[...this.frames, this.beside].map(({ node }) => node));
    this.seen = new ResizeObserver(() => this.forget());
    this.seen.observe(place);
  }

  /** Draw `sides` [{group, run, style}] of a seed at a reading; a side may be missing. */
  draw({ sides, seed, seeds, reading, by, ghost }) {
    this.last = { sides, seed, seeds, reading, by, ghost };
    this.box.checked = ghost;
    say(this.seed, seed === null ? "no pair" : `seed ${seed}`);
    this.hands.forEach((hand) => { hand.disabled = seeds < 2; });
    const shots = this.frames.map((_, at) => (sides[at] ? this.#shot(sides[at], reading, by) : null));
    this.frames.forEach((frame, at) => this.#side(frame, at, sides[at], shots, ghost));
    const both = shots[0]?.frame && shots[1]?.frame;
    this.beside.without(both ? null : "needs both nets");
    say(this.share, both ? shareWords(this.difference.draw(shots[0], shots[1])) : "–");
  }

  #shot({ run, style }, reading, by) {
    if (!run.plane) return { why: "Its points do not lie in the plane, so there is no boundary to draw." };
    const film = this.films.of(run);
    if (!film) return { why: this.films.failed(run.id) ? "Its frames could not be read." : "loading…" };
    const at = updatesAt(run, reading, by);
    const frame = film.frames[frameAt(film.frames, at.updates)];
    if (!frame) return { why: "It has recorded no frame yet." };
    return { frame, net: film.net(frame), box: film.box, data: film.data, reached: at.reached, ...style };
  }

  #side(frame, at, side, shots, ghost) {
    frame.node.hidden = !side;
    if (!side) return;
    const { run, group, style } = side;
    const key = `${run.id}${group.name}`;
    if (frame.key !== key) {
      frame.key = key;
      frame.title.replaceChildren(element("span", { style: `color: ${style.colour}`, "aria-hidden": "true" }, `${style.mark} `), element("a.fc-run", { href: runAddress(run.id), title: `${run.name}: open the run` }, `${group.name}, seed ${run.seed}`));
    }
    const shot = shots[at];
    frame.without(shot.why ?? null);
    if (shot.why) return;
    say(frame.note, captionOf(shot));
    frame.note.title = shot.reached ? "" : "This run never comes to this reading of the clock: its last frame is shown.";
    this.planes[at].marks.setAttribute("aria-label", `${group.name}, seed ${run.seed}: ${captionOf(shot)}`);
    const other = shots[1 - at];
    this.planes[at].draw({ frame: shot.frame, net: shot.net, box: shot.box, data: shot.data, hard: false, showTest: false, ghost: ghost ? other?.frame ?? null : null, fresh: null, flash: 0, lit: null, view: "field" });
  }

  /** Draw everything anew: size or theme have changed. */
  forget() {
    for (const plane of this.planes) plane.forget();
    if (this.last) this.draw(this.last);
  }

  close() { this.seen.disconnect(); this.planes.forEach((plane) => plane.close()); }
}
