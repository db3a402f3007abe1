// Keys of the play page. One table; the list that people see is made from it.

export const KEYS = [
  ["Space", "play or pause", "toggle"],
  ["←", "one step back", "back"],
  ["→", "one step on", "forward"],
  ["Shift ←", "birth before", "birthBefore"],
  ["Shift →", "next birth", "birthAfter"],
  ["L", "back to live", "live"],
  ["F", "fork from this moment", "fork"],
  ["B", "replay the last birth slowly", "replay"],
  ["G", "best fold: show it, then lay it", "grow"],
  ["M", "my fold: lay one by hand", "byHand"],
  ["C", "compare with a fixed twin, or close it", "twinned"],
  ["U", "take the last growth back", "undo"],
  ["R", "reset, same seed", "reset"],
  ["N", "new seed", "newSeed"],
  ["V", "next view: field, regions, bent sheet, graph", "nextView"],
  ["D", "hard edge", "hard"],
  ["T", "test points", "test"],
  ["?", "this list", "help"],
];

const NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→" };

/** The action of a key press, or null: keys typed into a field, or with Ctrl, Alt or Meta, are not ours. */
export function actionOf({ key, shiftKey, ctrlKey, altKey, metaKey, target }) {
  if (ctrlKey || altKey || metaKey) return null;
  const tag = target?.tagName?.toLowerCase();
  const typing = ["input", "select", "textarea"].includes(tag) || target?.isContentEditable;
  if (typing) return null;
  // A focused button answers to the space bar itself.
  if (key === " " && ["button", "a", "summary"].includes(tag)) return null;
  const name = NAMES[key] ?? key.toUpperCase();
  const wanted = shiftKey && name.length === 1 && "←→".includes(name) ? `Shift ${name}` : name;
  return KEYS.find(([shown]) => shown === wanted)?.[2] ?? null;
}
