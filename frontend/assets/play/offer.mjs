// What a growth would do, asked of the run: one question at a time, the newest question wins.

const PATIENCE = 4000; // Milliseconds after which a lost answer is asked for again.
let asked = 0;

export class Offer {
  /** `send(command)` says the question to the run; `changed()` is called when an answer has come. */
  constructor({ send, changed }) {
    this.send = send;
    this.changed = changed;
    this.forget();
  }

  /** Nothing is offered any more, and a late answer is not heard. */
  forget() {
    this.token = null;
    this.next = null;
    this.rule = null;
    this.answer = null;
  }

  get waiting() { return this.token !== null; }

  /** Ask what a rule would do; while an answer is awaited only the newest question is kept. */
  ask(rule, { gainMap = false } = {}) {
    this.rule = rule;
    const question = { kind: "preview", rule, gain_map: gainMap };
    if (this.waiting && Date.now() - this.since < PATIENCE) { this.next = question; return; }
    this.#say(question);
  }

  #say(question) {
    asked += 1;
    this.token = `${Date.now().toString(36)}-${asked}`;
    this.since = Date.now();
    this.next = null;
    this.send({ ...question, token: this.token });
  }

  /** Take a `proposal` event in; true when it answers the question. */
  hear(proposal) {
    if (this.token === null || proposal.token !== this.token) return false;
    this.token = null;
    this.answer = proposal;
    if (this.next) this.#say(this.next);
    this.changed();
    return true;
  }
}
