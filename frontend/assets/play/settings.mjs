// The settings of the play page, and the run they ask for.

/** Plane data sets in the order of their pictures, with their usual noise. */
export const DATA = {
  rings: { name: "rings", noise: 0.1 },
  moons: { name: "moons", noise: 0.1 },
  xor: { name: "xor", noise: 0.1 },
  two_spirals: { name: "two spirals", noise: 0.1 },
  sine: { name: "sine", noise: 0.1 },
  overlap_quadratic: { name: "overlapping parabolas", noise: 0.15 },
  checkerboard: { name: "checkerboard", noise: 0.1 },
  gaussian_blobs: { name: "blobs", noise: 0.3 },
};
export const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
export const USUAL_RATE = { sgd: 0.1, momentum: 0.1, adam: 0.03 };
export const MOST_LAYERS = 4;
export const MOST_WIDTH = 64;

export const DEFAULTS = Object.freeze({
  data: "rings", noise: 0.1, points: 300, test: 0.25, seed: 7,
  hidden: Object.freeze([1]), activation: "relu",
  optimizer: "adam", lr: 0.03, decay: 0, batch: 32,
  speed: 20, plateau: true,
  rule: "random_direction", layer: 0,
  hard: false, showTest: false,
  run: null, at: null, changes: Object.freeze([]),
});

/** Settings that decide what a run is; changing one of them starts a new run from the same seed. */
export const DECIDING = [
  "data", "noise", "points", "test", "seed", "hidden", "activation", "optimizer", "batch", "plateau",
];

/** The `RunSpec` that these settings ask for, with the changes made so far as scheduled commands. */
export function toSpec(settings) {
  return {
    data: { kind: settings.data, n: settings.points, noise: settings.noise, test_share: settings.test },
    net: { hidden: [...settings.hidden], activation: settings.activation },
    optimizer: { kind: settings.optimizer, lr: settings.lr, weight_decay: settings.decay },
    batch: settings.batch,
    seed: settings.seed,
    growth: { rule: ruleSpec(settings) },
    stop: { plateau: settings.plateau ? {} : null },
    speed: settings.speed,
    commands: schedule(settings),
  };
}

export const ruleSpec = ({ rule, layer, hidden }) => ({ kind: rule, layer: Math.min(layer, Math.max(0, hidden.length - 1)) });

/** The changes of a shared view as commands with their steps, and a pause where the view was taken. */
export function schedule({ changes, at }) {
  const commands = changes.flatMap((change) => {
    const { step, kind } = change;
    if (kind === "grow") {
      const grow = { kind: "grow", rule: { kind: change.rule, layer: change.layer } };
      return [grow, { kind: "play" }].map((command) => ({ step, command }));
    }
    if (kind === "set") return [{ step, command: { kind, ...change.values } }];
    return [{ step, command: { kind: "play" } }];
  }).filter(({ step }) => at === null || step <= at);
  return at === null ? commands : [...commands, { step: at, command: { kind: "pause" } }];
}

/** The settings of a run that exists, or null when its data are not of the plane. */
export function fromSpec(spec) {
  if (!(spec.data.kind in DATA)) return null;
  return {
    data: spec.data.kind, noise: spec.data.noise, points: spec.data.n, test: spec.data.test_share, seed: spec.seed,
    hidden: spec.net.hidden, activation: spec.net.activation,
    optimizer: spec.optimizer.kind, lr: spec.optimizer.lr, decay: spec.optimizer.weight_decay, batch: spec.batch,
    speed: spec.speed ?? null, plateau: Boolean(spec.stop.plateau),
    rule: spec.growth.rule.kind, layer: spec.growth.rule.layer,
  };
}

/** What a command that took effect adds to the changes of the view, or null. */
export function changeOf({ step, command, refused }, wasStuck) {
  if (refused) return null;
  if (command.kind === "grow") return { step, kind: "grow", rule: command.rule.kind, layer: command.rule.layer };
  if (command.kind === "set") {
    const values = Object.fromEntries(["lr", "weight_decay"].filter((name) => command[name] != null).map((name) => [name, command[name]]));
    return { step, kind: "set", values };
  }
  if (command.kind === "play" && wasStuck) return { step, kind: "play" };
  return null;
}
