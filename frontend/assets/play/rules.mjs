// The growth rules the server knows, read from its schema; a new rule appears by itself.

import { readSchema } from "../api.mjs";
import { RULES } from "../vocabulary.mjs";

const named = (kind) => kind.replaceAll("_", " ");
const SIMPLE = new Set(["number", "integer", "boolean", "string"]);

/** What a rule lets one choose, from its schema: [{name, about, type, options, least, most, fallback, optional}]. */
function fieldsOf({ properties }) {
  return Object.entries(properties).filter(([name]) => name !== "kind").map(([name, given]) => {
    const inner = given.anyOf?.find((each) => each.type !== "null") ?? given;
    const options = inner.enum ?? (inner.const === undefined ? null : [inner.const]);
    return {
      name, type: options ? "choice" : inner.type, options, least: inner.minimum, most: inner.maximum ?? null,
      whole: inner.type === "integer", fallback: given.default ?? null, optional: Boolean(given.anyOf?.some(({ type }) => type === "null")),
      matters: given.matters ?? null,
      about: (given.description ?? "").replaceAll("\n", " ").replaceAll("``", ""),
    };
  }).filter(({ type, options }) => options || SIMPLE.has(type));
}

/** All growth rules of a schema answer: [{kind, title, about, family, group, fields, ready}]; `ready` ones need nothing more said. */
export function rulesOf(schema) {
  const definitions = { ...schema?.$defs, ...schema?.RunSpec?.$defs, ...schema?.run_spec?.$defs, ...schema?.spec?.$defs, ...schema?.run?.$defs };
  const rule = definitions.Growth?.properties?.rule;
  if (!rule) return [];
  const choices = rule.oneOf ?? rule.anyOf ?? (rule.$ref ? [rule] : rule.allOf ?? []);
  return choices.map(({ $ref }) => definitions[$ref?.split("/").at(-1)]).filter(Boolean).map((definition) => {
    const kind = definition.properties.kind.const ?? definition.properties.kind.default;
    const ready = (definition.required ?? []).every((name) => name === "kind");
    return { kind, title: definition.name || named(kind), about: (definition.description ?? "").split("\n\n")[0].replaceAll("\n", " "), family: definition.family ?? "", group: definition.group ?? "", fields: fieldsOf(definition), ready };
  });
}

/** Whether a rule of a schema grows one layer that has to be named; others look at all, or know none. */
const namesLayer = ({ fields }) => fields.some(({ name, optional }) => name === "layer" && !optional);

const layered = new Map(); // kind -> whether it names its layer, once the server has said it.

/** The same of a rule by its kind; one that the server has not told of is taken for one that does. */
export const takesLayer = (kind) => layered.get(kind) ?? true;

const shipped = new Map(); // kind -> {option: value as shipped}, once the server has said it.

const titles = new Map(Object.entries(RULES));

/** What a rule is called; of one that the server has not named yet, its kind in words. */
export const ruleName = (kind) => titles.get(kind) ?? named(kind);

/** The options of a rule that are not as shipped; all of them while that is not known. */
export function unusual(kind, options) {
  const usual = shipped.get(kind) ?? {};
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => !(name in usual) || JSON.stringify(usual[name]) !== JSON.stringify(value)));
}

/** Take in how rules are shipped; gives them back. */
export function learnRules(rules) {
  for (const { kind, title } of rules) titles.set(kind, title);
  for (const rule of rules) layered.set(rule.kind, namesLayer(rule));
  for (const { kind, fields } of rules) shipped.set(kind, Object.fromEntries(fields.map(({ name, fallback }) => [name, fallback])));
  return rules;
}

/** Ask the server; an empty list when it does not answer. */
export const fetchRules = () => readSchema().then(rulesOf, () => []).then(learnRules);
