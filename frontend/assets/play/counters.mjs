// What the page tells about itself on `window.__foldscape`, for tests.

import { countGaps } from "../series.mjs";

/** Updates between two measurements at a pace, as the run loop has it; null is maximum speed. */
export const cadence = (speed, stepsPerEpoch) => (speed === null ? stepsPerEpoch : Math.max(1, Math.round((speed * stepsPerEpoch) / 20)));

export function expose(page) {
  page.counts = { drawn: 0 };
  const { session } = page;
  const told = {
    get run() { return session.run; },
    get framesDrawn() { return page.counts.drawn; },
    get framesReceived() { return session.counts.frames; },
    get framesKept() { return session.history.length; },
    get batches() { return session.counts.batches; },
    get rows() { return session.series.length; },
    get duplicates() { return session.series.duplicates; },
    /** Distances between rows larger than the widest pace seen so far allows. */
    get gaps() {
      const { series, calendar } = session;
      const widest = Math.max(cadence(200, calendar.most), session.widest ?? 0);
      return countGaps(series.steps.subarray(0, series.length), () => widest);
    },
    get steps() { return Array.from(session.series.steps.subarray(0, session.series.length)); },
    get lastStep() { return session.series.lastStep; },
    get shownStep() { return page.moment.frame?.step ?? null; },
    get live() { return page.moment.live; },
    get births() { return session.history.births.map(({ step, layer, unit, kept }) => ({ step, layer, unit, kept })); },
    get takenBack() { return session.history.births.filter((birth) => birth.takenBack).length; },
    /** What is offered: whether an answer is awaited, its gain, why not, and the fold's first piece. */
    get offer() {
      const { offer: { answer, waiting }, laying, hand } = page.growing;
      const { gain = null, refused = "", fold } = answer ?? {};
      return { asked: Boolean(answer) || waiting, there: Boolean(answer), gain, refused, fold: fold?.length ? Array.from(fold.subarray(0, 4)) : null, laying, side: hand?.side ?? 0 };
    },
    get state() { return session.status.state; },
    get reason() { return session.status.reason; },
    get connection() { return session.live.state.state; },
    get reconnects() { return session.counts.reconnects; },
    get lit() { return page.lit; },
    /** Milliseconds that drawing the moment shown takes, the picture anew. */
    drawingTime() {
      const began = performance.now();
      page.plane.forget();
      page.draw();
      return performance.now() - began;
    },
    /** The hills: what the run is like, what stands, where the net shown is to them, and loss with and without at it. */
    get hills() {
      const step = page.moment.frame?.step ?? -1;
      const measured = session.measured.at("hills", step);
      const cut = session.measured.at("hill_slice", step);
      const middle = cut && (cut.t.length - 1) / 2; // The top of the last hill.
      return {
        term: session.hills.term, standing: session.hills.standing, measured: measured && { nearest: measured.nearest, standing: measured.standing },
        cut: cut && { distance: cut.distance, without: cut.train[middle], with: cut.train[middle] + cut.hills[middle] },
      };
    },
    /** The training point pointed at, by its index. */
    get pointed() { return page.pointed; },
    /** How many pieces of boundary the frame shown tells outside the picture; null where it tells none. */
    get beyond() { return page.moment.frame?.beyond?.shape[0] ?? null; },
    get settings() { return structuredClone(page.settings); },
    /** The weights of the frame shown, as plain lists: for comparing runs bit by bit. */
    get weights() { return page.moment.frame?.weights.map((weight) => Array.from(weight)) ?? null; },
    /** The fold points of the frame shown, as [x, y]. */
    get corners() {
      const { fold_points: points } = page.moment.frame ?? {};
      return points ? Array.from({ length: points.shape[0] }, (_, i) => [points[2 * i], points[2 * i + 1]]) : null;
    },
    /** Where a point of the data lies on the page, in pixels. */
    onPage(x, y) {
      const { left, top } = page.plane.marks.getBoundingClientRect();
      return [left + page.plane.place.x(x), top + page.plane.place.y(y)];
    },
    /** The fixed net beside it, or null. */
    get twin() {
      const { session, making, view } = page.twin;
      if (!session?.run) return null;
      const shown = page.twin.frameFor(page.moment.frame);
      return {
        run: session.run, making, met: page.twin.met, state: session.status.state, lastStep: session.series.lastStep, shownStep: shown?.step ?? null,
        hidden: session.spec.net.hidden, boundary: shown?.boundary.shape[0] ?? 0, disagree: view.disagree ?? null,
      };
    },
    get fold() { const { folds } = page.moment.frame ?? {}; return folds?.shape[0] ? Array.from(folds.subarray(0, 4)) : null; },
  };
  window.__foldscape = told;
}
