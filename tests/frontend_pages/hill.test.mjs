import assert from "node:assert/strict";
import test from "node:test";

import { Ball, both, equilibrium, halfWidth, rollsOff, slopeOf, steepness } from "../../frontend/assets/hill/basin.mjs";
import { balance, ballPlace, foretold } from "../../frontend/assets/hill/words.mjs";

const shipped = { strength: 1, sigma: 1.2, curvature: 0.5, from: 0.1 };

test("T-C1-4: the ball rolls off to the equilibrium, on either side", () => {
  assert.ok(Math.abs(equilibrium(shipped) - 0.9726724591965498) < 1e-14);
  assert.equal(rollsOff(shipped), true);
  for (const side of [1, -1]) {
    const ball = new Ball(shipped, side * shipped.from).roll(100_000);
    assert.ok(ball.still);
    assert.ok(Math.abs(ball.x - side * 0.9726724591965498) < 1e-6);
  }
});

test("T-C1-4: where the hill is flatter than the basin the ball comes back", () => {
  const flat = { ...shipped, strength: 0.7 };
  assert.ok(steepness(flat) < flat.curvature);
  assert.equal(equilibrium(flat), 0);
  const ball = new Ball(flat, 2).roll(100_000);
  assert.ok(ball.still && Math.abs(ball.x) < 1e-6);
  assert.match(foretold(flat), /comes back/);
  assert.match(foretold(shipped), /rolls off/);
});

test("the slope is that of the height", () => {
  for (const x of [-2.1, -0.3, 0, 0.7, 3]) {
    const step = 1e-6;
    assert.ok(Math.abs(slopeOf(shipped, x) - (both(shipped, x + step) - both(shipped, x - step)) / (2 * step)) < 1e-9);
  }
});

test("on the very top nothing moves, and the same settings give the same bits", () => {
  assert.equal(new Ball(shipped, 0).roll(1000).x, 0);
  assert.equal(new Ball(shipped, 0.2).roll(137).x, new Ball(shipped, 0.2).roll(100).roll(37).x);
});

test("no setting of the sliders makes the ball fly", () => {
  for (const strength of [0, 0.5, 4]) for (const sigma of [0.2, 1, 4]) for (const curvature of [0.05, 1, 5]) {
    const given = { strength, sigma, curvature, from: 3 };
    const ball = new Ball(given, 3).roll(300_000);
    assert.ok(Math.abs(Math.abs(ball.x) - equilibrium(given)) < 1e-3, JSON.stringify([given, ball.x]));
  }
});

test("words", () => {
  assert.equal(balance(shipped), "0.972672");
  assert.equal(ballPlace({ x: 0.25, still: false }), "0.250000");
  assert.equal(ballPlace({ x: -1e-9, still: true }), "0.000000, at rest");
  assert.ok(halfWidth(shipped) > equilibrium(shipped));
});
