// Building elements in one line.

/** Make an element: `el("button", {class: "x", onclick: f, "aria-label": "…"}, "text", child)`. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.startsWith("aria") && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Change a text only when it differs, so that nothing is laid out anew for nothing. */
export function say(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

/** Size a canvas to its box on the page; gives its context in CSS pixels, and width and height. */
export function fit(canvas, width = canvas.clientWidth, height = canvas.clientHeight) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const css = new Map();
let themeSeen = "";

/** A colour of the theme now in force, by the name of its CSS variable. */
export function themed(name) {
  const root = document.documentElement;
  if (!root) return "#888"; // The browser is leaving the page.
  const theme = root.dataset.mantineColorScheme ?? "light";
  if (theme !== themeSeen) { css.clear(); themeSeen = theme; }
  if (!css.has(name)) css.set(name, getComputedStyle(root).getPropertyValue(name).trim() || "#888");
  return css.get(name);
}

/** Call back when light turns dark or back; gives the function that ends it. */
export function onTheme(call) {
  const observer = new MutationObserver(call);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  return () => observer.disconnect();
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Call at most once every `wait` ms, the last call always. */
export function throttle(call, wait) {
  let timer = 0;
  let last = -Infinity;
  const run = () => { timer = 0; last = performance.now(); call(); };
  const throttled = () => { if (!timer) timer = setTimeout(run, Math.max(0, last + wait - performance.now())); };
  throttled.cancel = () => { clearTimeout(timer); timer = 0; };
  return throttled;
}

/**
 * Do a piece of work whenever asked and as long as it says there is more, at most every `wait` ms, and never more than
 * a fifth of the time: on a slow machine the pieces come less often.
 */
export function pace(work, wait) {
  let timer = 0;
  let asked = false;
  const run = async () => {
    asked = false;
    const begun = performance.now();
    const more = await work();
    const spent = performance.now() - begun;
    timer = 0;
    if (more || asked) timer = setTimeout(run, Math.max(wait - spent, Math.min(4 * spent, 900)));
  };
  const paced = () => { asked = true; if (!timer) timer = setTimeout(run, wait); };
  paced.cancel = () => { clearTimeout(timer); timer = -1; };
  return paced;
}

/** Call once things have been quiet for `wait` ms. */
export function settle(call, wait) {
  let timer = 0;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => call(...given), wait); };
}

/** Call at once; calls within `wait` ms after that become one at its end. */
export function promptly(call, wait) {
  let timer = 0;
  let again = null;
  const rest = () => { timer = setTimeout(() => { timer = 0; if (again) { again = null; run(); } }, wait); };
  const run = () => { call(); rest(); };
  return () => { if (timer) again = true; else run(); };
}
