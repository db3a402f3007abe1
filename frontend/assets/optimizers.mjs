// The optimisers that the server knows, read from its schema; a new one appears by itself.

import { readSchema } from "./api.mjs";

let learned = [];

/** All optimisers of a schema answer: [{kind, name, about, rate, edge}]; `rate` is set when one is chosen, `edge` says where its steps grow. */
export function optimizersOf(schema) {
  const definitions = schema?.RunSpec?.$defs ?? {};
  const mapping = schema?.RunSpec?.properties?.optimizer?.discriminator?.mapping ?? {};
  return Object.entries(mapping).map(([kind, reference]) => {
    const { name, description, rate, edge } = definitions[reference.split("/").at(-1)] ?? {};
    return { kind, name: name || kind.replaceAll("_", " "), about: (description ?? "").split("\n\n")[0].replaceAll("\n", " "), rate, edge: edge ?? "" };
  });
}

/** Take in what the server knows; gives it back. */
export function learnOptimizers(optimizers) {
  learned = optimizers;
  return optimizers;
}

let asked = null;

/** Ask the server, once for a page; an empty list where it does not answer. */
export const fetchOptimizers = () => (asked ??= readSchema().then(optimizersOf, () => { asked = null; return []; }).then(learnOptimizers));

/** The stability edges that there are, in one sentence; empty while none is known. */
export function edgesInWords() {
  const edges = learned.map(({ edge }) => edge).filter(Boolean);
  return edges.length ? ` It is ${edges.join("; ")}.` : "";
}
