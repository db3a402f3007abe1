// A picture of the page as a PNG file, on the ground it stands on.

import { plotly } from "./charts.mjs";
import { themed } from "./dom.mjs";
import { element } from "./element.mjs";
import { hand } from "./exports.mjs";

const SCALE = 2;

/** Save a chart that is drawn. */
export async function pngOfChart(place, name) {
  const Plotly = await plotly();
  const { clientWidth: width, clientHeight: height } = place;
  const address = await Plotly.toImage(place, { format: "png", width, height, scale: SCALE, setBackground: themed("--panel") });
  const bytes = Uint8Array.from(atob(address.slice(address.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
  hand(new Blob([bytes], { type: "image/png" }), `${name}.png`);
}

/** Save canvases that lie one over the other. */
export async function pngOfCanvases(canvases, name) {
  const [{ width, height }] = canvases;
  const whole = Object.assign(document.createElement("canvas"), { width, height });
  const context = whole.getContext("2d");
  context.fillStyle = themed("--panel");
  context.fillRect(0, 0, width, height);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0);
  hand(await new Promise((made) => { whole.toBlob(made, "image/png"); }), `${name}.png`);
}

/** The button that saves a picture. */
export const saveHand = (label, save) => element("button.fc-flip", { type: "button", title: "Save as PNG", "aria-label": label, onclick: save }, "⤓");
