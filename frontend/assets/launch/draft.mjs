/** The draft of a spec as plain JSON, and the few changes that a form makes to it. Pure. */

/** Gives the value that a fresh node starts with. */
export function fresh(node) {
  if (node.default !== null && node.default !== undefined) return structuredClone(node.default);
  if (node.type === "group") return freshGroup(node);
  if (node.type === "union") return freshKind(node.options[0], node.tag);
  if (node.type === "list") return Array.from({ length: node.least ?? 0 }, () => fresh(node.item));
  if (node.type === "picks") return [];
  if (node.type === "choice") return node.options[0];
  if (node.type === "flag") return false;
  if (node.type === "number") return smallest(node);
  return node.type === "text" ? "" : null;
}

function smallest(node) {
  if (node.min !== undefined) return node.min;
  if (node.above !== undefined) return node.integer ? node.above + 1 : Math.min(node.above + 1, node.max ?? Infinity);
  return 0;
}

/** Gives the fields of a group at their defaults. */
function freshGroup(group) {
  return Object.fromEntries(group.fields.map((field) => [field.key, fresh(field)]));
}

/** Gives one member of a union at its defaults. */
export function freshKind(option, tag = "kind") {
  return { [tag]: option.kind, ...freshGroup(option) };
}

/** Fills in what a partial value leaves out; what is there stays, valid or not. */
export function complete(node, value) {
  if (value === undefined) return fresh(node);
  if (value === null) return null;
  if (node.type === "optional") return complete(node.inner, value);
  if (node.type === "group") return completeFields(node, value);
  if (node.type === "union") return completeUnion(node, value);
  if (node.type === "list" && Array.isArray(value)) return value.map((item) => complete(node.item, item));
  return value;
}

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function completeFields(group, value) {
  if (!isRecord(value)) return value;
  const full = group.fields.map((field) => [field.key, complete(field, value[field.key])]);
  return { ...value, ...Object.fromEntries(full) };
}

function completeUnion(node, value) {
  const tag = node.tag ?? "kind";
  const spelt = typeof value === "string" ? { [tag]: value } : value;
  if (!isRecord(spelt)) return value;
  const kind = spelt[tag] ?? node.usual;
  const option = node.options.find((each) => each.kind === kind);
  return option ? { [tag]: kind, ...completeFields(option, spelt) } : value;
}

/** Gives a copy of `value` with the thing at `path` replaced; `undefined` removes it. */
export function put(value, path, item) {
  if (path.length === 0) return item;
  const [first, ...rest] = path;
  if (Array.isArray(value)) {
    const list = [...value];
    if (rest.length === 0 && item === undefined) list.splice(first, 1);
    else list[first] = put(list[first], rest, item);
    return list;
  }
  const record = { ...(isRecord(value) ? value : {}) };
  if (rest.length === 0 && item === undefined) delete record[first];
  else record[first] = put(record[first], rest, item);
  return record;
}

/** Reads the thing at `path`. */
export function get(value, path) {
  return path.reduce((here, part) => (here === null || here === undefined ? undefined : here[part]), value);
}

/** Reads what was typed: a number when it is one, else the text itself, so that the check can quote it. */
export function typed(text) {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const number = Number(trimmed.replace(",", "."));
  return Number.isFinite(number) ? number : trimmed;
}

/** Finds the drawn field that stands for `path`: itself or its nearest ancestor. */
export function nearestField(path, drawn) {
  const parts = path.split(".");
  while (parts.length > 0) {
    const candidate = parts.join(".");
    if (drawn.has(candidate)) return candidate;
    parts.pop();
  }
  return "";
}

/** Says in a few words what a number may be. */
export function limits(node) {
  if (node.type !== "number") return "";
  const words = (node.named ?? []).map((word) => ` or ${word}`).join("");
  const low = node.min !== undefined ? `${node.min}` : node.above !== undefined ? `> ${node.above}` : "";
  const high = node.max !== undefined ? `${node.max}` : node.below !== undefined ? `< ${node.below}` : "";
  return `${low && high ? `${low} … ${high}` : low || high}${words}`;
}

/** Whether a field stands at its default. */
export function atDefault(node, value) {
  return JSON.stringify(ordered(value)) === JSON.stringify(ordered(complete(node, undefined)));
}

const ordered = (value) => (isRecord(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])])) : Array.isArray(value) ? value.map(ordered) : value);

/** Whether a field means anything beside these values; `true` stands for any value but none, zero and no. */
export function means(matters, beside) {
  return Object.entries(matters).every(([name, allowed]) => allowed.some((each) => (each === true ? Boolean(beside?.[name]) : each === beside?.[name])));
}
