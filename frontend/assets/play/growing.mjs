// Growing from the page: the best fold in two presses, a fold laid by hand, taking a growth back.

import { isFlat } from "../views/names.mjs";
import { byKey, flipped, middle, ruleOf, through } from "./fold-by-hand.mjs";
import { Offer } from "./offer.mjs";
import { OfferMarks } from "./offer-marks.mjs";
import { offerWords } from "./offer-words.mjs";
import { ruleSpec, showsFirst } from "./settings.mjs";

export class Growing {
  /** `page` is asked for settings, session and plane, and told when something changes. */
  constructor(page) {
    this.page = page;
    this.offer = new Offer({ send: (command) => page.session.command(command), changed: () => page.invalidate() });
    this.marks = new OfferMarks(page.plane);
    this.hand = null; // The fold being laid, or null.
    this.laying = false;
    this.from = null;
    const { marks } = page.plane;
    marks.addEventListener("pointerdown", (event) => this.#down(event));
    marks.addEventListener("pointermove", (event) => this.#drag(event));
    for (const name of ["pointerup", "pointercancel"]) marks.addEventListener(name, () => { this.from = null; });
  }

  get possible() { const { session } = this.page; return Boolean(session.run) && !session.over; }

  /** First press: where and why. Second press: birth. Rules that have nothing to show grow at the first press. */
  async best() {
    if (!this.possible) return;
    if (this.laying) return void this.lay();
    const { moment, settings } = this.page;
    if (!moment.live) moment.toLive();
    const rule = ruleSpec(settings);
    if (!showsFirst(rule.kind)) return void (await this.#grow(rule, false));
    const { answer } = this.offer;
    if (answer && !answer.refused && !this.offer.waiting) return void (await this.#grow(this.offer.rule, true));
    this.#toPlane();
    if (!this.offer.waiting) this.offer.ask(rule, { gainMap: true });
    this.page.invalidate();
  }

  /** What is offered or laid is drawn on the plane: leave a view in space. */
  #toPlane() { if (!isFlat(this.page.settings.view)) this.page.view("view", "field"); }

  /** Begin to lay a fold by hand, or stop. */
  byHand() {
    if (this.laying) return this.forget();
    const { session, moment } = this.page;
    if (!this.possible || !session.box) return undefined;
    this.#toPlane();
    if (!moment.live) moment.toLive();
    this.offer.forget();
    this.page.point(null);
    this.laying = true;
    return this.#put(middle(session.box));
  }

  flip() { if (this.hand) this.#put(flipped(this.hand)); }
  async lay() { if (this.hand) await this.#grow(ruleOf(this.hand), false); }

  forget() {
    if (!this.laying && !this.offer.rule) return false;
    this.offer.forget();
    this.laying = false;
    this.hand = this.from = null;
    this.page.invalidate();
    return true;
  }

  undo() { if (this.possible) this.page.session.command({ kind: "undo_growth" }); }
  change(rule) { return this.#grow(rule, false); }

  /** A key while a fold is laid or an offer is shown; true when it was meant for it. */
  key({ key, shiftKey, target }) {
    if (["INPUT", "SELECT", "TEXTAREA"].includes(target?.tagName)) return false;
    if (!this.laying) return key === "Escape" && this.forget();
    const next = byKey(this.hand, key, this.page.session.box, shiftKey);
    if (next === "lay") {
      if (target?.tagName === "BUTTON") return false;
      this.lay();
    } else if (next === "forget") this.forget();
    else if (next) this.#put(next);
    return next !== null;
  }

  hear(proposal) { return this.offer.hear(proposal); }

  /** The run has changed by a growth or is another one: what was offered is of the past. */
  outdated() { if (!this.laying) this.offer.forget(); else this.#put(this.hand); }

  draw() {
    const { moment, session } = this.page;
    this.marks.draw(moment.live ? { answer: this.offer.answer, hand: this.hand, data: session.data } : {});
    this.page.root.classList.toggle("is-laying", this.laying);
  }

  /** Say what is offered, and what the controls of growing do now; `row` is the row of measures shown. */
  tell(controls, row) {
    const { session } = this.page;
    const { laying, offer: { answer } } = this;
    const offered = Boolean(answer) && !answer.refused && !laying;
    controls.now({ offered, laying, undoable: !session.over && (session.hills.standing.length > 0 || session.history.birthsOf(session.history.last).length > 0) });
    if (this.told?.[0] === answer && this.told[1] === laying) return;
    this.told = [answer, laying];
    const act = { stop: () => { this.forget(); session.command({ kind: "stop" }); } };
    controls.offer.replaceChildren(...offerWords({ answer, laying, loss: row?.train_loss, solved: row?.train_accuracy >= 1, act }));
  }

  async #grow(rule, proposed) {
    const { page } = this;
    const paused = page.session.paused;
    this.offer.forget();
    this.laying = false;
    this.hand = null;
    page.invalidate();
    if (await page.session.command({ kind: "grow", rule, proposed }) && paused) page.tell({ kind: "play" }, true);
  }

  #put(fold) {
    this.hand = fold;
    this.offer.ask(ruleOf(fold));
    this.page.invalidate();
  }

  #spot(event) {
    const bounds = this.page.plane.marks.getBoundingClientRect();
    return this.page.plane.place.toData(event.clientX - bounds.left, event.clientY - bounds.top);
  }

  #down(event) {
    if (!this.laying || event.button) return;
    this.from = this.#spot(event);
    this.page.plane.marks.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  #drag(event) {
    if (!this.from) return;
    const fold = through(this.from, this.#spot(event), this.page.session.box, this.hand?.side ?? 1);
    if (fold) this.#put(fold);
  }

  close() { this.offer.forget(); this.marks.close(); }
}
