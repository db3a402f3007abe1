// What went wrong, in a sentence and with a way out.

import { trouble } from "../runs/words.mjs";
import { epochs } from "../words.mjs";
import { showFieldErrors } from "./fields.mjs";

export class Problems {
  constructor(page) { this.page = page; }

  /** Say what has become of the run, and no longer than it is so. */
  status() {
    const { session, banner } = this.page;
    const { state } = session.status;
    const waits = trouble(session.status);
    if (state === "failed") this.failed();
    else if (waits) banner.show(`waits-${session.run}-${state}`, waits);
    else if (banner.key.startsWith("waits-")) banner.clear();
  }

  /** The run has failed. */
  failed() {
    const { session, moment, settings, banner } = this.page;
    const { reason, message, step } = session.status;
    const { last } = session.history;
    const slower = Number((settings.lr / 10).toPrecision(3));
    const tooFast = reason === "blew_up" || /finite|blew/.test(message);
    const buttons = [
      ...(last ? [[`Back to epoch ${epochs(last.epoch)}`, () => moment.toStep(last.step)]] : []),
      ...(tooFast ? [[`Try ${slower}`, () => this.page.fresh({ lr: slower })]] : []),
    ];
    banner.show(`failed-${session.run}-${step}`, message || "The run has failed.", buttons);
  }

  /** The server refused: complaints go beside their fields, the rest into the banner. */
  refused(error) {
    const loose = showFieldErrors(error.fields);
    if (error.fields?.length && !loose.length) return;
    const others = loose.map(({ message }) => message).filter((message) => message !== error.message);
    const words = [error.message, ...others, error.hint].filter(Boolean).join(" ");
    this.page.banner.show(`refused-${Date.now()}`, words || "The server refused.");
  }
}
