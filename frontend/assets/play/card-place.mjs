// Where the card of one neuron stands, and which one it is.

import { neuronCard } from "../card.mjs";
import { numbering } from "../views/corners.mjs";

/** The number that the plane shows at each corner, or null where it shows none. */
function numbersOf(frame) {
  const order = numbering(frame);
  return order && Object.fromEntries(order.map((corner, i) => [corner, i + 1]));
}

export class CardPlace {
  /** `now()` gives {session, moment}. */
  constructor(place, now) {
    this.place = place;
    this.now = now;
    this.unit = null;
  }

  /** Open the card of a unit {layer, row}; a second time closes it. */
  toggle(unit) {
    const same = this.unit?.layer === unit.layer && this.unit.row === unit.row;
    this.unit = same ? null : unit;
    this.show();
  }

  /** Close the card; says whether one was open. */
  close() {
    const open = this.unit !== null;
    this.unit = null;
    this.show();
    return open;
  }

  /** Draw the card as of the moment shown. */
  show() {
    const { unit, place } = this;
    const { session: { history, series }, moment: { frame } } = this.now();
    const there = Boolean(unit && frame && frame.units[unit.layer]?.length > unit.row);
    if (!there && !place.childElementCount) return;
    place.classList.toggle("is-open", there);
    if (!there) return void place.replaceChildren();
    const births = history.birthsOf(frame);
    const id = frame.units[unit.layer][unit.row];
    const birth = births.find((each) => each.unit >= 0 && id >= each.unit && id < each.unit + each.k_new) ?? null;
    const told = { unit, frame, birth, births, series, shape: null, numbers: numbersOf(frame), close: () => this.close() };
    place.replaceChildren(neuronCard(told));
  }
}
