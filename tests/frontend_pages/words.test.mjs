import assert from "node:assert/strict";
import test from "node:test";

import {
  accuracy, age, colourOf, counted, duration, keptWords, lastAccuracy, possible, rateOf, readTags, shareDone, short, silence, standing, standingTip, trouble,
} from "../../frontend/assets/runs/words.mjs";

test("durations in one unit", () => {
  assert.equal(duration(4.4), "4 s");
  assert.equal(duration(80), "80 s");
  assert.equal(duration(120), "2 min");
  assert.equal(duration(7200), "2 h");
  assert.equal(duration(3 * 86_400), "3 d");
  assert.equal(duration(NaN), "");
  assert.equal(age(null), "");
  assert.equal(age(1000, 6000), "5 s");
});

test("a state says what belongs to it", () => {
  assert.deepEqual(standing({ state: "queued", place: 0 }), { word: "queued", more: "next" });
  assert.deepEqual(standing({ state: "queued", place: 2 }), { word: "queued", more: "2 before it" });
  assert.equal(standingTip({ state: "queued", place: 2, foreseen_s: 300 }), "queued · 2 before it · estimated 5 min");
  assert.equal(standing({ state: "running", epoch: 12.4, epochs: 2000, heartbeat_age_s: 1 }).more, "12 / 2,000");
  assert.equal(standing({ state: "running", epoch: 12, heartbeat_age_s: 20 }).more, "silent for 20 s");
  assert.equal(standing({ state: "done" }).more, "");
  assert.equal(trouble({ state: "failed", message: "It blew up." }), "It blew up.");
  assert.equal(trouble({ state: "failed", message: "", reason: "blew_up" }), "blew up");
  assert.equal(trouble({ state: "running", message: "x" }), "");
  assert.equal(trouble({ state: "paused", reason: "redis_full", message: "Redis is full." }), "Redis is full.");
});

test("heartbeats grow older while nothing is heard", () => {
  assert.equal(silence({ heartbeat_age_s: 2, heard: 1000 }, 6000), 7);
  assert.equal(silence({ heartbeat_age_s: null }), null);
  assert.match(standingTip({ state: "running", epoch: 1, epochs: 2, heartbeat_age_s: 2, time_left_s: 30 }), /heartbeat 2 s ago · about 30 s left/);
  const begun = { state: "running", epoch: 0, epochs: 2, heartbeat_age_s: 2, foreseen_s: 300 };
  assert.match(standingTip(begun), /estimated 5 min/);
  assert.doesNotMatch(standingTip({ ...begun, time_left_s: 30 }), /estimated/); // the run's own rate knows better
});

test("numbers", () => {
  assert.equal(accuracy(0.97251), "0.973");
  assert.equal(accuracy(null), "–");
  assert.equal(short(12.3456), "12.3");
  assert.equal(short(0.00001234), "1.2e-5");
  assert.equal(short(null), "–");
  assert.equal(lastAccuracy({ test_accuracy: null, train_accuracy: 0.5 }), 0.5);
  assert.equal(shareDone({ epoch: 50, epochs: 100 }), 0.5);
  assert.equal(shareDone({ epoch: null, epochs: 100 }), null);
});

test("tags are words, each once", () => {
  assert.deepEqual(readTags(" a, b,,a "), ["a", "b"]);
  assert.deepEqual(readTags(null), []);
});

test("what may be done follows from the state", () => {
  assert.deepEqual(possible({ state: "running", frames: 3 }), { stop: true, pause: true, play: false, resume: false, fork: true });
  assert.equal(possible({ state: "failed" }).resume, true);
  assert.equal(possible({ state: "done" }).stop, false);
  assert.equal(possible({ state: "queued" }).fork, false);
});

test("the foot always says how many are hidden", () => {
  assert.equal(counted(60, 57, 0), "60 runs · 57 shown · 3 hidden by the filter");
  assert.equal(counted(1, 1, 1), "1 run · 1 selected");
});

test("a run has one colour", () => {
  assert.equal(colourOf("a1"), colourOf("a1"));
  assert.notEqual(colourOf("a1"), colourOf("b7"));
});

test("runs that are deleted by themselves are told of", () => {
  assert.equal(keptWords({}), "");
  assert.equal(keptWords({ play_runs: 200, forgotten: 0 }), "Of the runs made in Play, the newest 200 are kept, and all that you named, tagged or noted.");
  assert.match(keptWords({ play_runs: 200, forgotten: 1 }), /1 older one was deleted\.$/);
  assert.match(keptWords({ play_runs: 200, forgotten: 398 }), /398 older ones were deleted\.$/);
});

test("the rate of a run is that of all its time where nobody pauses", () => {
  const run = { queue: "batch", started: 1000, ended: 11_000, heartbeat: 5000, step: 200, rate: 3 };
  assert.equal(rateOf(run), 20);
  assert.equal(rateOf({ ...run, ended: null }), 50);
  assert.equal(rateOf({ ...run, queue: "interactive" }), 3);
  assert.equal(rateOf({ ...run, queue: "interactive", rate: null }), null);
});
