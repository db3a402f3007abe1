// A hill on the minimum of a basin, on a line: heights, slopes, the ball and where it comes to rest. Pure.

/** The basin ½λx², from its minimum. */
export const basin = ({ curvature }, x) => 0.5 * curvature * x * x;

/** The hill s·exp(−x²/2σ²) on that minimum. */
export const hill = ({ strength, sigma }, x) => strength * Math.exp((-x * x) / (2 * sigma * sigma));

/** Basin and hill together. */
export const both = (given, x) => basin(given, x) + hill(given, x);

/** The slope of both: λx − (s/σ²) x exp(−x²/2σ²). */
export const slopeOf = (given, x) => given.curvature * x - (hill(given, x) * x) / given.sigma ** 2;

/** How steep the hill is on its top, s/σ²: above λ the top is a maximum. */
export const steepness = ({ strength, sigma }) => strength / sigma ** 2;

/** Whether the ball rolls off. */
export const rollsOff = (given) => steepness(given) > given.curvature;

/** Where hill and basin are in balance: r* = σ√(2 ln(s/(σ²λ))), 0 where the hill is flatter than the basin. */
export function equilibrium(given) {
  const ratio = steepness(given) / given.curvature;
  return ratio > 1 ? given.sigma * Math.sqrt(2 * Math.log(ratio)) : 0;
}

/** The largest curvature there is anywhere on the way: that of the basin far out, or of the hill. */
const steepest = (given) => given.curvature + steepness(given);

/** A ball let go at `x`: it goes down by gradient descent, so that it rests where the slope is 0. */
export class Ball {
  constructor(given, x) {
    this.given = given;
    this.x = x;
    this.steps = 0;
    this.rate = 0.2 / steepest(given);
  }

  get slope() { return slopeOf(this.given, this.x); }

  /** Whether it lies still, as far as anybody can see. */
  get still() { return Math.abs(this.slope) <= 1e-9 * Math.max(this.given.curvature, 1e-9); }

  roll(steps) {
    for (let step = 0; step < steps && !this.still; step += 1) {
      this.x -= this.rate * this.slope;
      this.steps += 1;
    }
    return this;
  }
}

/** How far the picture reaches to either side. */
export const halfWidth = (given) => Math.max(3 * given.sigma, 1.5 * equilibrium(given), 1.5 * Math.abs(given.from), 1);
