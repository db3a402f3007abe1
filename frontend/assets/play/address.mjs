// The view in the address: short keys, version 1, only what differs from the defaults.

import { NAMES } from "../views/names.mjs";
import { DATA, DEFAULTS } from "./settings.mjs";

const VERSION = "1";

const number = { write: String, read: (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined) };
const whole = { write: String, read: (text) => (/^\d+$/.test(text) ? Number(text) : undefined) };
const word = { write: String, read: (text) => (/^[\w-]+$/.test(text) ? text : undefined) };
const flag = { write: (value) => (value ? "1" : "0"), read: (text) => text === "1" };
const oneOf = (names) => ({ write: String, read: (text) => (names.includes(text) ? text : undefined) });

const KEYS = {
  d: ["data", oneOf(Object.keys(DATA))],
  n: ["noise", number],
  p: ["points", whole],
  ts: ["test", number],
  cl: ["labels", number],
  ci: ["inputs", number],
  s: ["seed", whole],
  h: ["hidden", {
    write: (widths) => widths.join("-") || "0",
    read: (text) => (text === "0" ? [] : /^\d+(-\d+)*$/.test(text) ? text.split("-").map(Number) : undefined),
  }],
  a: ["activation", word],
  w: ["wiring", word],
  lo: ["loss", { write: (loss) => (typeof loss === "string" ? loss : JSON.stringify(loss)), read: (text) => word.read(text) ?? readKind(text) }],
  o: ["optimizer", word],
  lr: ["lr", number],
  wd: ["decay", number],
  b: ["batch", whole],
  ls: ["lrSchedule", { write: JSON.stringify, read: readKind }],
  bs: ["batchSchedule", { write: JSON.stringify, read: readKind }],
  sp: ["speed", { write: (value) => (value === null ? "max" : String(value)), read: (text) => (text === "max" ? null : number.read(text)) }],
  pl: ["plateau", flag],
  g: ["rule", word],
  go: ["ruleOptions", { write: JSON.stringify, read: readOptions }],
  gl: ["layer", { write: String, read: (text) => (/^(-1|\d+)$/.test(text) ? Number(text) : undefined) }],
  e: ["hard", flag],
  t: ["showTest", flag],
  cr: ["critical", { write: String, read: (text) => (number.read(text) > 0 ? Number(text) : undefined) }],
  vw: ["view", oneOf(NAMES)],
  sh: ["sheet", {
    write: ({ layer, rows }) => [layer, ...rows].map((i) => i + 1).join("-"),
    read: (text) => (/^[1-9]\d*(-[1-9]\d*){1,3}$/.test(text) ? readSheet(text) : undefined),
  }],
  pr: ["probes", { write: JSON.stringify, read: readProbes }],
  tw: ["twin", {
    write: ({ run, hidden }) => `${run}~${hidden.join("-")}`,
    read: readTwin,
  }],
  hs: ["hillStrength", number],
  hw: ["hillWidth", number],
  hk: ["hillKernel", word],
  hc: ["hillScope", word],
  x: ["carried", { write: JSON.stringify, read: readOptions }],
  run: ["run", word],
  at: ["at", whole],
  gc: ["criterion", word],
  gf: ["foldPoint", word],
  ga: ["auto", oneOf(["by_hand", "periodic", "on_plateau", "until_accuracy"])],
  ge: ["every", whole],
  gp: ["patience", whole],
  gt: ["target", number],
  gb: ["births", whole],
  gd: ["deepen", word],
  gr: ["repair", word],
  c: ["changes", { write: (list) => list.map(writeChange).join("*"), read: (text) => text.split("*").map(readChange).filter(Boolean) }],
};

/** A change is `step~letter~…` for the usual ones, `step~j~` and the command as JSON for the others. */
function writeChange({ step, command }) {
  const { kind, rule, ...rest } = command;
  const plain = kind === "grow" && Object.keys(rule).every((name) => ["kind", "layer"].includes(name)) && !Object.keys(rest).length;
  if (plain) return `${step}~g~${rule.kind}~${rule.layer ?? 0}`;
  if (kind === "set") return `${step}~s~${command.lr ?? ""}~${command.weight_decay ?? ""}`;
  if (kind === "play") return `${step}~p`;
  return `${step}~j~${JSON.stringify(command).replaceAll("~", "\\u007e").replaceAll("*", "\\u002a")}`;
}

function readChange(text) {
  const [step, letter, first = "", second = ""] = text.split("~");
  const command = /^\d+$/.test(step) ? readCommand(letter, first, second) : null;
  return command && { step: Number(step), command };
}

function readCommand(letter, first, second) {
  if (letter === "g" && /^\w+$/.test(first)) return { kind: "grow", rule: { kind: first, layer: second === "auto" ? second : Number(second) || 0 } };
  if (letter === "p") return { kind: "play" };
  if (letter === "j") {
    try { const read = JSON.parse(first); return typeof read?.kind === "string" ? read : null; } catch { return null; }
  }
  if (letter !== "s") return null;
  const values = {};
  if (first) values.lr = Number(first);
  if (second) values.weight_decay = Number(second);
  return Object.values(values).every(Number.isFinite) ? { kind: "set", ...values } : null;
}

function readProbes(text) {
  try {
    const read = JSON.parse(text);
    return Array.isArray(read) && read.every((probe) => typeof probe?.kind === "string") ? read : undefined;
  } catch { return undefined; }
}

function readKind(text) {
  const read = readOptions(text);
  return typeof read?.kind === "string" ? read : undefined;
}

function readOptions(text) {
  try {
    const read = JSON.parse(text);
    return read && typeof read === "object" && !Array.isArray(read) ? read : undefined;
  } catch { return undefined; }
}

function readSheet(text) {
  const [layer, ...rows] = text.split("-").map((part) => Number(part) - 1);
  return { layer, rows };
}

function readTwin(text) {
  const found = /^([\w-]+)~(\d+(?:-\d+)*)?$/.exec(text);
  return found ? { run: found[1], hidden: found[2] ? found[2].split("-").map(Number) : [] } : undefined;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The query of a view, beginning with `?v=1`. */
export function encode(settings) {
  const parts = [`v=${VERSION}`];
  for (const [key, [name, form]] of Object.entries(KEYS)) {
    const value = settings[name];
    if (value === undefined || same(value, DEFAULTS[name])) continue;
    parts.push(`${key}=${encodeURIComponent(form.write(value))}`);
  }
  return `?${parts.join("&")}`;
}

/** The view of a query; what is missing or unreadable keeps its default. */
export function decode(query) {
  const given = new URLSearchParams(query);
  const settings = { ...DEFAULTS };

  for (const [key, [name, form]] of Object.entries(KEYS)) {
    if (!given.has(key)) continue;
    const value = form.read(given.get(key));
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}
