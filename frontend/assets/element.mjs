// Elements with their classes in the tag, as in `div.card.wide`.

import { el } from "./dom.mjs";

/** Make an element; the rest is as for `el`. */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  return el(name, { class: classes.join(" ") || null, ...properties }, ...children);
}
