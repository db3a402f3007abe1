/** The few pictures on buttons, as paths in a box of 16 by 16. */

const ICONS = {
  open: "M6 3.5H3.5v9h9V10M9 3h4v4M13 3 7.5 8.5",
  play: "M5 3.5v9l7-4.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  stop: "M4.5 4.5h7v7h-7z",
  resume: "M12.5 8A4.5 4.5 0 1 1 10.6 4.3M10.8 1.8v2.7H8.1",
  fork: "M4.5 5v6M4.5 8.5c4.5 0 7-.5 7-3.5M4.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M4.5 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M11.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3",
  bin: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  pencil: "M10.5 3.2l2.3 2.3L6 12.3l-2.9.6.6-2.9z",
};

/** Makes a picture. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [key, value] of Object.entries(STROKE)) path.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const STROKE = { fill: "none", stroke: "currentColor", "stroke-width": "1.4", "stroke-linecap": "round", "stroke-linejoin": "round" };

/** Makes the same picture as a React element. */
export function reactIcon(React, name) {
  const { "stroke-width": strokeWidth, "stroke-linecap": strokeLinecap, "stroke-linejoin": strokeLinejoin, ...rest } = STROKE;
  const path = React.createElement("path", { d: ICONS[name], strokeWidth, strokeLinecap, strokeLinejoin, ...rest });
  return React.createElement("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, path);
}
