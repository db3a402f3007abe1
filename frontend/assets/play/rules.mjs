// The growth rules the server knows, read from its schema; a new rule appears by itself.

import { readSchema } from "../api.mjs";

const named = (kind) => kind.replaceAll("_", " ");

/** All growth rules of a schema answer: [{kind, title, about, family, ready}]; `ready` ones need nothing more said. */
export function rulesOf(schema) {
  const definitions = { ...schema?.$defs, ...schema?.RunSpec?.$defs, ...schema?.run_spec?.$defs, ...schema?.spec?.$defs, ...schema?.run?.$defs };
  const rule = definitions.Growth?.properties?.rule;
  if (!rule) return [];
  const choices = rule.oneOf ?? rule.anyOf ?? (rule.$ref ? [rule] : rule.allOf ?? []);
  return choices.map(({ $ref }) => definitions[$ref?.split("/").at(-1)]).filter(Boolean).map((definition) => {
    const kind = definition.properties.kind.const ?? definition.properties.kind.default;
    const ready = (definition.required ?? []).every((name) => name === "kind");
    return { kind, title: named(kind), about: (definition.description ?? "").split("\n\n")[0].replaceAll("\n", " "), family: definition.family ?? "", ready };
  });
}

/** Ask the server; an empty list when it does not answer. */
export const fetchRules = () => readSchema().then(rulesOf, () => []);
