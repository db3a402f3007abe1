// What a run sets that Play has no control for. It stays with the settings, so that a reset or a new seed loses nothing.

import { readSchema } from "../api.mjs";
import { fieldTitle, valueTitle } from "../words.mjs";

let root = {};

/** Take in the schema of a run, which tells the defaults. */
export function learnSpec(schema) { root = schema?.RunSpec ?? {}; }

/** Ask the server; where it does not answer, nothing is known to be usual. */
export const fetchSpec = () => readSchema().then(learnSpec, () => {});

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The schema of a value: references followed, and of several kinds the one that it has. */
function schemaOf(node, value) {
  if (!node) return {};
  if (node.$ref) return schemaOf({ ...root.$defs?.[node.$ref.split("/").at(-1)], ...(node.default === undefined ? {} : { default: node.default }) }, value);
  const branches = node.anyOf?.filter(({ type }) => type !== "null");
  if (branches) return schemaOf(branches.find(({ discriminator }) => discriminator) ?? branches[0], value);
  if (!node.discriminator) return node;
  const { propertyName, mapping } = node.discriminator;
  return schemaOf({ $ref: mapping[value?.[propertyName]] ?? "" }, value);
}

/** What a spec says beyond another one, without what is at its default anyway. */
export function beyond(spec, held, node = root) {
  const { properties = {} } = schemaOf(node, spec);
  const found = {};
  for (const [name, value] of Object.entries(spec)) {
    const beside = held[name];
    if (isRecord(value) && isRecord(beside) && (value.kind ?? beside.kind) === beside.kind) {
      const deeper = beyond(value, beside, properties[name]);
      if (Object.keys(deeper).length) found[name] = deeper;
    } else if (isRecord(value) && isRecord(beside)) found[name] = value;
    else if (!(name in held) && !same(value, properties[name]?.default)) found[name] = value;
  }
  return found;
}

/** A spec with what is carried below it: where both speak, the spec decides, unless it cannot name the kind. */
export function withCarried(carried, spec) {
  if (!isRecord(carried) || !isRecord(spec)) return spec;
  if (carried.kind !== undefined && carried.kind !== spec.kind) return carried;
  return { ...carried, ...spec, ...Object.fromEntries(Object.keys(carried).filter((name) => name in spec).map((name) => [name, withCarried(carried[name], spec[name])])) };
}

/** What of a run is carried: not what Play says in its own way, nor the queue of a run that nobody was to watch. */
export function carriedOf(spec, held) {
  if (!root.properties) return null; // What is usual is not known.
  const { queue, terms = [], probes, ...rest } = beyond(spec, held);
  const others = terms.filter(({ kind }) => kind !== "weight_decay"); // That is a control.
  const asked = others.length ? probes : probes?.filter(({ kind }) => kind !== "terms");
  const found = {
    ...rest,
    ...(queue === "gpu" ? { queue } : {}),
    ...(others.length ? { terms: others } : {}),
    ...(asked && !same(asked, root.properties?.probes?.default) ? { probes: asked } : {}),
  };
  return Object.keys(found).length ? found : null;
}

/** Where what belongs to a setting is carried. */
const OF = { data: ["data"], optimizer: ["optimizer"], wiring: ["net"], rule: ["growth", "rule"], auto: ["growth", "schedule"], deepen: ["growth", "deepen"], repair: ["growth", "repair"] };

/** What stays when settings are changed: the rest belongs to the kinds that were chosen before. `[stays, left out]`. */
export function staying(carried, changed) {
  let stays = carried;
  const left = {};
  for (const name of changed) {
    const path = OF[name];
    const value = path?.reduce((here, part) => here?.[part], stays);
    if (value === undefined) continue;
    stays = without(stays, path);
    left[path.at(-1)] = value;
  }
  return [stays, Object.keys(left).length ? left : null];
}

function without(record, [first, ...rest]) {
  const { [first]: value, ...others } = record;
  const deeper = rest.length ? without(value, rest) : null;
  const next = deeper ? { ...others, [first]: deeper } : others;
  return Object.keys(next).length ? next : null;
}

const PARTS = new Set(["data", "net", "optimizer", "stop", "growth"]);

/** What is carried, in words: `dropout 0.2, early stopping validation loss`. */
export function carriedWords(carried) {
  return Object.entries(carried ?? {}).map(([name, value]) => (PARTS.has(name) && isRecord(value) ? carriedWords(value) : `${fieldTitle(name)} ${valueWords(value)}`)).join(", ");
}

function valueWords(value) {
  if (Array.isArray(value)) return value.map((each) => valueTitle(each?.kind ?? each)).join(" and ");
  if (!isRecord(value)) return valueTitle(value);
  return valueTitle(value.kind ?? value.run ?? value.on ?? Object.entries(value).map(([name, each]) => `${fieldTitle(name)} ${valueWords(each)}`).join(" "));
}
