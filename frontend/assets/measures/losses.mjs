// The losses that a run can train on, as the server declares them (`losses` of `/api/schema`): name, unit and meaning.

let declared = new Map();
let usual = undefined;

/** Take in what is declared: a list of {kind, name, unit, axis, about}, and the kind of a run that names none. */
export function learnLosses(losses = [], kind = undefined) {
  declared = new Map(losses.map((each) => [each.kind, each]));
  usual = kind;
}

/** The words of a loss as a spec holds it: its kind alone, or an object with its settings. */
export function lossWords(loss) {
  const { kind = usual, ...settings } = typeof loss === "string" ? { kind: loss } : loss ?? {};
  const words = declared.get(kind) ?? { name: kind ?? "loss", unit: kind ?? "", axis: "loss", about: "" };
  const set = Object.entries(settings).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ");
  if (!set) return words;
  return { ...words, name: `${words.name}, ${set}`, axis: `${words.axis} (${set})` };
}

/** The losses by kind, with what people call them. */
export const offered = () => Object.fromEntries([...declared.values()].map(({ kind, name }) => [kind, name]));

/** Whether it is the loss of a run that names none. */
export const isUsual = (loss) => loss === undefined || loss === usual;

/** What the loss of a run means, in a sentence or two. */
export function lossMeaning(spec) {
  const { name, about } = lossWords(spec?.loss);
  return about && `This run: ${name}. ${about}`;
}

/** What the loss of a run is counted in. */
export const lossUnit = (spec) => lossWords(spec?.loss).unit;
