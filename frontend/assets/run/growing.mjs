// Growth from the run page: ask for the best fold, see which mistake it is for, add the neuron; for data of any dimension.

import { inputPicture } from "../card.mjs";
import { el, say } from "../dom.mjs";
import { fetchNets, hasFolds, ruleOnPage } from "../nets.mjs";
import { Offer } from "../play/offer.mjs";
import { offerWords } from "../play/offer-words.mjs";
import { ruleName } from "../play/rules.mjs";
import { showsFirst } from "../play/settings.mjs";
import { ACTIONS, RULES } from "../vocabulary.mjs";

export class RunGrowing {
  /** `now()` gives {session, run, loss, solved}. */
  constructor(now) {
    this.now = now;
    this.offer = new Offer({ send: (command) => now().session.command(command), changed: () => this.draw() });
    this.button = el("button", { type: "button", class: "chip", title: "Preview the best fold, then place it", onclick: () => this.press() }, `▲ ${RULES.folding}`);
    this.undo = el("button", { type: "button", class: "chip", title: "Take the last growth back", onclick: () => now().session.command({ kind: "undo_growth" }) }, `↶ ${ACTIONS.undo}`);
    this.place = el("div", { class: "offer" });
    fetchNets().then(() => now().session.spec && this.draw());
  }

  press() {
    const { answer, rule, waiting } = this.offer;
    const wanted = ruleOnPage(this.now().session.spec);
    if (!showsFirst(wanted.kind)) return void this.now().session.command({ kind: "grow", rule: wanted });
    if (!answer || answer.refused) {
      if (!waiting) this.offer.ask(wanted);
      return;
    }
    const { session } = this.now();
    const paused = session.paused;
    this.forget();
    session.command({ kind: "grow", rule, proposed: true }).then((said) => said && paused && session.command({ kind: "play" }));
  }

  forget() { this.offer.forget(); this.draw(); }
  hear(proposal) { this.offer.hear(proposal); }

  /** Buttons follow the state of the run; the offer is drawn anew only when there is another one. */
  draw() {
    const { session, loss, solved } = this.now();
    const { answer } = this.offer;
    const offered = Boolean(answer) && !answer.refused;
    const { spec } = session;
    const rule = spec && ruleOnPage(spec);
    const folding = rule?.kind === "folding";
    this.button.hidden = this.undo.hidden = Boolean(spec) && !rule;
    this.button.disabled = session.over || !rule || (folding && (!spec.net.hidden.length || !hasFolds(spec.net)));
    this.button.title = folding ? "Preview the best fold, then place it" : "Grow the net now";
    this.undo.disabled = session.over || !session.history.birthsOf(session.history.last).length;
    say(this.button, offered ? `▲ ${ACTIONS.add}` : `▲ ${rule ? ruleName(rule.kind) : RULES.folding}`);
    if (answer === this.told) return;
    this.told = answer;
    const { image_shape: shape, ink } = session.data ?? {};
    const picture = offered && shape && answer.explanation.point ? [inputPicture(answer.explanation.point, shape, { ink })] : [];
    const act = { stop: () => { this.forget(); session.command({ kind: "stop" }); } };
    this.place.replaceChildren(...picture, ...offerWords({ answer, laying: false, loss, solved, marks: false, act }),
      ...(answer ? [el("button", { type: "button", class: "chip", onclick: () => this.forget() }, "forget")] : []));
  }
}
