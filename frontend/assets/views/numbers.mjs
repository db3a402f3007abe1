// The numbers of the corners, drawn beside them; those of the fold pointed at stand out.

import { numbering } from "./corners.mjs";
import { drawLabel, placeLabels } from "./labels.mjs";

/** Segments of a frame's array as pixels, [[ax, ay, bx, by], …]. */
export const onPage = (segments, place) => Array.from({ length: segments.shape[0] }, (_, i) => [
  place.x(segments[4 * i]), place.y(segments[4 * i + 1]), place.x(segments[4 * i + 2]), place.y(segments[4 * i + 3]),
]);

export const pointsOnPage = (points, place) => Array.from({ length: points.length / 2 }, (_, i) => [place.x(points[2 * i]), place.y(points[2 * i + 1])]);

export class Numbers {
  constructor() { this.sides = new Map(); }

  /** Draw a frame's numbers; `spots` are the corners on the page, null where one is not seen. */
  draw(context, frame, lit, spots, around) {
    const order = numbering(frame);
    if (!order) return;
    const seen = order.map((corner, i) => ({ corner, words: String(i + 1), spot: spots[corner] })).filter(({ spot }) => spot);
    const unit = frame.fold_point_unit;
    const names = seen.map(({ corner, words }) => `${unit[2 * corner]}.${unit[2 * corner + 1]}.${words}`);
    const placed = placeLabels(seen.map(({ spot }) => spot), { ...around, sides: names.map((name) => this.sides.get(name)) });
    this.sides = new Map(names.map((name, i) => [name, placed[i].side]));
    placed.forEach(({ x, y }, i) => {
      const { corner, words } = seen[i];
      const strong = Boolean(lit) && unit[2 * corner] === lit.layer && unit[2 * corner + 1] === lit.row;
      drawLabel(context, words, x, y, { strong, faint: Boolean(lit) && !strong });
    });
  }
}
