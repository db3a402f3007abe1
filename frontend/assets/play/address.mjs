// The view in the address: short keys, version 1, only what differs from the defaults.

import { DATA, DEFAULTS } from "./settings.mjs";

export const VERSION = "1";

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
  s: ["seed", whole],
  h: ["hidden", {
    write: (widths) => widths.join("-") || "0",
    read: (text) => (text === "0" ? [] : /^\d+(-\d+)*$/.test(text) ? text.split("-").map(Number) : undefined),
  }],
  a: ["activation", oneOf(["relu", "leaky_relu", "tanh"])],
  o: ["optimizer", oneOf(["sgd", "momentum", "adam"])],
  lr: ["lr", number],
  wd: ["decay", number],
  b: ["batch", whole],
  sp: ["speed", { write: (value) => (value === null ? "max" : String(value)), read: (text) => (text === "max" ? null : number.read(text)) }],
  pl: ["plateau", flag],
  g: ["rule", word],
  gl: ["layer", whole],
  e: ["hard", flag],
  t: ["showTest", flag],
  run: ["run", word],
  at: ["at", whole],
  c: ["changes", { write: (list) => list.map(writeChange).join("*"), read: (text) => text.split("*").map(readChange).filter(Boolean) }],
};

function writeChange(change) {
  if (change.kind === "grow") return `${change.step}~g~${change.rule}~${change.layer}`;
  if (change.kind === "set") return `${change.step}~s~${change.values.lr ?? ""}~${change.values.weight_decay ?? ""}`;
  return `${change.step}~p`;
}

function readChange(text) {
  const [step, kind, first = "", second = ""] = text.split("~");
  if (!/^\d+$/.test(step)) return null;
  if (kind === "g" && /^\w+$/.test(first)) return { step: Number(step), kind: "grow", rule: first, layer: Number(second) || 0 };
  if (kind === "p") return { step: Number(step), kind: "play" };
  if (kind !== "s") return null;
  const values = {};
  if (first) values.lr = Number(first);
  if (second) values.weight_decay = Number(second);
  return Object.values(values).every(Number.isFinite) ? { step: Number(step), kind: "set", values } : null;
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
