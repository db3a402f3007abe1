/** One helper that makes an element. */

/**
 * Makes an element.
 *
 * @param {string} tag Name and classes, as in `div.card.wide`.
 * @param {object} [with_] Attributes; `on…` functions become listeners; `null` and `false` are left out.
 * @param {...(Node|string|null)} children What goes inside.
 */
export function element(tag, with_ = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length > 0) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(with_)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value") made.value = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
