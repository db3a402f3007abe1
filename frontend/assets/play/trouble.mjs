// What went wrong, in a sentence and with a way out.

import { epochs } from "../words.mjs";
import { showFieldErrors } from "./fields.mjs";

export class Trouble {
  constructor(page) { this.page = page; }

  /** The run has failed or its worker is lost. */
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
