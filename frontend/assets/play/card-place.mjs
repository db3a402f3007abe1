// Where the card of one neuron stands, and which one it is.

import { neuronCard } from "../card.mjs";
import { placeOfUnit } from "../history.mjs";
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
    this.id = null; // Of the neuron whose card is open: it keeps its id when growth moves it to another layer.
  }

  /** Open the card of a unit {layer, row}; a second time closes it. */
  toggle(unit) {
    const id = this.now().moment.frame?.units[unit.layer]?.[unit.row] ?? null;
    this.id = id === this.id ? null : id;
    this.show();
  }

  /** Close the card; says whether one was open. */
  close() {
    const open = this.id !== null;
    this.id = null;
    this.show();
    return open;
  }

  /** Draw the card as of the moment shown. */
  show() {
    const { id, place } = this;
    const { session, moment: { frame } } = this.now();
    const { history, series } = session;
    const unit = id === null ? null : placeOfUnit(frame, id);
    const there = unit !== null;
    if (!there && !place.childElementCount) return;
    place.classList.toggle("is-open", there);
    if (!there) return void place.replaceChildren();
    const births = history.birthsOf(frame);
    const birth = births.find((each) => each.unit >= 0 && id >= each.unit && id < each.unit + each.k_new) ?? null;
    const told = { unit, frame, net: session.net(frame), birth, births, series, shape: null, numbers: numbersOf(frame), close: () => this.close() };
    place.replaceChildren(neuronCard(told));
  }
}
