// One clock for two runs, each with a worker of its own. The grown run leads and is left alone; its twin is hurried,
// held back or moved on, so that both rest at the same update. Pure but for what a hand has heard.

import { HURRY, SPARED, cadenceFor } from "./twin-spec.mjs";

const UNHEARD = 2000; // Milliseconds after which a command that was said counts as lost.
const FAR = 1.2; // Seconds of the pace behind which the twin hurries,
const NEAR = 0.6; // and within which it goes at its partner's pace;
const AHEAD = 0.15; // seconds of the pace before its partner, after which it waits.
const ON_THE_WAY = 20; // Frames at most of a stretch that it has fallen behind.
const MOST_UPDATES = 100_000; // Of one step.
const UNPACED = { far: 60, ahead: 15 }; // The same in epochs when both go as fast as they can.

/** Where one of the two stands, as far as the page can know. */
export class Hand {
  constructor() {
    this.target = 0; // The update at which a `step` will end.
    this.until = 0;
    this.pausing = false; // Between a pause that was heard and the rest that follows what is measured then.
  }

  /** A command was sent: nothing is decided before it has taken effect. */
  said(now) { this.until = now + UNHEARD; }

  /** A command took effect. */
  heard({ step, command }, stepsPerEpoch) {
    if (["cadence", "spare"].includes(command.kind)) return;
    this.pausing = command.kind === "pause";
    if (!this.pausing) this.until = 0;
    if (command.kind === "step") this.target = step + command.n * (command.unit === "epoch" ? stepsPerEpoch : 1);
    if (["play", "pause"].includes(command.kind)) this.target = 0;
  }

  /** `{step, rests, stepping, reason, over, waits}` of a run. */
  read({ status, series, summary, over, speed }, now) {
    // The summary knows the step of a run whose rows are still being fetched.
    const step = Math.max(0, series.lastStep, summary?.step ?? 0, status.state === "paused" ? status.step ?? 0 : 0);
    const paused = status.state === "paused";
    if (this.pausing && paused) { this.until = 0; this.pausing = false; }
    const stepping = !over && this.target > step && status.reason !== "plateau";
    return { step, speed, over, stepping, rests: over || (paused && !stepping), reason: status.reason, waits: now < this.until };
  }
}

/** What to say so that the twin takes a change just where its partner took it: it comes there, rests, hears it. */
export function ordersUntil({ step, command }, grown, twin, pace) {
  if (twin.waits || twin.over) return NOTHING;
  if (twin.rests && twin.step >= step) return toTwin(command);
  return orders({ ...grown, step, rests: true, reason: "" }, twin, pace);
}

/** Whether the twin stands where its partner does, up to what the eye does not see. */
export const isBeside = (grown, twin, { speed, stepsPerEpoch }) => Math.abs(grown.step - twin.step) <= farOf(speed, stepsPerEpoch);

const farOf = (speed, stepsPerEpoch) => (speed === null ? UNPACED.far : Math.max(2, FAR * speed)) * stepsPerEpoch;

/** What to say to either so that they stay together: `{grown: [command], twin: [command]}`. */
export function orders(grown, twin, { speed, stepsPerEpoch }) {
  if (grown.waits || twin.waits || twin.over) return NOTHING;
  const pace = { speed, stepsPerEpoch, far: farOf(speed, stepsPerEpoch), lag: grown.step - twin.step };
  return grown.rests ? atRest(grown, twin, pace) : underWay(twin, pace);
}

const NOTHING = Object.freeze({ grown: [], twin: [] });
const toTwin = (...twin) => ({ grown: [], twin });
const hurry = (pace) => [{ kind: "speed", epochs_per_second: HURRY }, { kind: "cadence", updates: cadenceFor(pace, pace.lag, ON_THE_WAY) }, { kind: "spare", factor: SPARED }];
const ease = ({ speed }) => [{ kind: "speed", epochs_per_second: speed }, { kind: "spare", factor: 1 }];

/** Make up what is missing at once and rest: a twin that hurried without a bound would be past its partner before the page knew. */
const leap = (twin, pace) => [...(twin.speed === HURRY ? [] : hurry(pace)), { kind: "step", n: Math.min(pace.lag, MOST_UPDATES), unit: "update" }];

function atRest(grown, twin, pace) {
  const { lag, far } = pace;
  if (!twin.rests) return twin.stepping ? NOTHING : toTwin({ kind: "pause" });
  if (lag > far) return toTwin(...leap(twin, pace));
  if (lag > 0) return toTwin({ kind: "step", n: Math.min(lag, MOST_UPDATES), unit: "update" });
  if (lag < 0 && grown.reason === "command" && !grown.over) return { grown: [{ kind: "step", n: -lag, unit: "update" }], twin: [] };
  return twin.speed === pace.speed ? NOTHING : toTwin(...ease(pace));
}

function underWay(twin, pace) {
  const { lag, far, speed, stepsPerEpoch } = pace;
  const [near, ahead] = [NEAR, AHEAD].map((seconds) => (speed === null ? UNPACED.ahead : Math.max(1, seconds * speed)) * stepsPerEpoch);
  if (twin.stepping) return NOTHING;
  const paced = twin.speed === speed ? [] : ease(pace);
  if (twin.rests) return lag <= 0 ? NOTHING : lag > near && speed !== null ? toTwin(...leap(twin, pace)) : toTwin(...paced, { kind: "play" });
  if (lag < -ahead) return toTwin({ kind: "pause" });
  if (twin.speed === HURRY) return NOTHING; // On its first way, which ends with a pause.
  return lag > far && speed !== null ? toTwin(...leap(twin, pace)) : toTwin(...paced);
}
