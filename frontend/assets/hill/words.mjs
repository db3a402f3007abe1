// What the page says of hill, basin and ball. Pure.

import { few } from "../words.mjs";
import { equilibrium, rollsOff, steepness } from "./basin.mjs";

/** What will happen, and why. */
export function foretold(given) {
  const [steep, curvature] = [few(steepness(given)), few(given.curvature)];
  return rollsOff(given)
    ? `s/σ² = ${steep} > λ = ${curvature}: the top of the hill is a maximum. The ball rolls off and rests at r*.`
    : `s/σ² = ${steep} ≤ λ = ${curvature}: the basin is steeper than the hill. The ball comes back to the checkpoint.`;
}

/** The distance of balance, as a figure. */
export const balance = (given) => (rollsOff(given) ? equilibrium(given).toFixed(6) : "0");

/** Where the ball is. */
export const ballPlace = (ball) => `${Math.abs(ball.x) < 5e-7 ? "0.000000" : ball.x.toFixed(6)}${ball.still ? ", at rest" : ""}`;
