// What each view shows, in one sentence that is true of the moment shown.

import { isWide } from "../forward.mjs";
import { whyNoFolds } from "../nets.mjs";
import { plural } from "../words.mjs";

const rowsOf = (rows) => rows.map((row) => row + 1).join(rows.length === 2 ? " and " : ", ");

function aboutSheet(scene, choice, cut) {
  if (scene.net.outputs) return "the units of a net of blocks are not shown; this is the margin";
  if (!choice) return "no hidden neuron bends the plane; this is the margin";
  const { rows, layer, layers, width, level } = choice;
  const who = `${rows.length === 1 ? "neuron" : "neurons"} ${rowsOf(rows)}${layers > 1 ? ` of ${level} ${layer + 1}` : ""}`;
  if (rows.length === 1) return `height: what ${who} gives${cut ? "; one level cut decides" : ""}`;
  const seen = `the plane as ${who} see${layers > 1 || rows.length > 1 ? "" : "s"} it`;
  if (cut) return `${seen}; one flat cut decides`;
  if (isWide(scene.net)) return `${seen}; other neurons lead past them to the outputs`;
  const last = layer === layers - 1;
  return last && width <= 3 && scene.net.weights.at(-1).shape[0] === 2 ? `${seen}; choose all ${width} to see the flat cut` : seen;
}

/** The sentence of a scene; `choice` and `cut` are those of the sheet. */
export function sentenceOf(scene, choice, cut) {
  const { frame, net, view, data } = scene;
  if (!frame || !net) return "";
  const two = (data?.classes ?? 2) === 2;
  if (view === "regions") {
    if (frame.why_no_folds) return `no regions: ${whyNoFolds(frame)}`;
    const counted = frame.regions >= 0 ? plural(frame.regions, "region") : "regions";
    return `${counted}: on each the net is linear; hue: the class at its middle`;
  }
  if (view === "graph") return two ? "margin: logit 1 − logit 0; the boundary is where it is 0" : "margin: best logit − second; the boundary is where it is 0";
  if (view === "sheet") return aboutSheet(scene, choice, cut);
  return two ? "colour: how sure the net is, from class 0 to class 1" : "colour: which class, and how sure";
}
