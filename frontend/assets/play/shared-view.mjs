// The view as others should find it, and as it is found again after another page.

import { encode } from "./address.mjs";
import { DEFAULTS } from "./settings.mjs";

const LAST = "foldscape-play";

/** The view of a page; with `exact`, at the very frame shown even while it runs on. */
export function sharedView({ moment, session, settings }, exact = false) {
  const resting = exact || !moment.live || session.paused || session.over;
  const { frame } = moment;
  // What the run began with; later changes stand among the changes.
  const { lr, decay } = session.run ? session.settings() ?? settings : settings;
  return {
    ...DEFAULTS, ...settings, lr, decay, run: session.run, at: resting && frame ? frame.step : null,
    changes: session.changes.length ? session.changes : settings.changes,
  };
}

/** Keep the view while another page is shown. */
export const leave = (page) => sessionStorage.setItem(LAST, encode({ ...sharedView(page), at: null }));

/** The view that was left for another page, to come back to. */
export function recall() {
  const query = sessionStorage.getItem(LAST) ?? "";
  sessionStorage.removeItem(LAST);
  return query;
}
