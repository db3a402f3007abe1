// A surface in space over the plane: the bent sheet or the graph of the margin. Three canvases: the floor, the surface
// itself, the marks on it. Turned by dragging and by the arrow keys; double click or Home turns it back.

import { el, fit } from "../dom.mjs";
import { asInputs, outputsOf, evaluate, gridSide } from "../forward.mjs";
import { nearestFold } from "../plane.mjs";
import { ABOVE, START, projection, turned } from "./camera.mjs";
import { DepthBuffer, shading } from "./depth.mjs";
import { dyeOf } from "./dye.mjs";
import { graphLift } from "./graph.mjs";
import { isCut, meshOf } from "./mesh.mjs";
import { Numbers } from "./numbers.mjs";
import { sheetLift } from "./sheet.mjs";
import { drawSpaceAxes, drawCreases, drawEdge, drawFloor, drawKnots, drawRiders, strokeLines } from "./space-marks.mjs";

const TURN = 0.45; // Degrees a pixel.
const KEY_TURN = 6;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const GLASS = [90, 98, 110];

export class Surface {
  /** `redraw()` asks for the next picture; `onPoint(unit)` tells the fold pointed at. */
  constructor(container, { redraw, onPoint }) {
    this.container = container;
    this.ground = el("canvas", { class: "plane-ground", "aria-hidden": "true" });
    this.image = el("canvas", { class: "plane-ground", "aria-hidden": "true" });
    this.marks = el("canvas", { class: "plane-marks is-turning", role: "img", tabIndex: 0, "aria-label": "The surface; arrow keys turn it" });
    container.replaceChildren(this.ground, this.image, this.marks);
    this.buffer = new DepthBuffer();
    this.numbers = new Numbers();
    this.cameras = { ...START };
    this.redraw = redraw;
    this.#listen(onPoint);
  }

  #listen(onPoint) {
    let grip = null;
    const turn = (by, rise) => { this.cameras[this.kind] = turned(this.cameras[this.kind], by, rise); this.redraw(); };
    const on = (name, call) => this.marks.addEventListener(name, call);
    on("pointerdown", (event) => { grip = [event.clientX, event.clientY]; this.marks.setPointerCapture(event.pointerId); });
    on("pointermove", (event) => {
      if (!grip) { onPoint(this.#foldAt(event)); return; }
      if (!this.fixed) turn(-TURN * (event.clientX - grip[0]), TURN * (event.clientY - grip[1]));
      grip = [event.clientX, event.clientY];
    });
    for (const name of ["pointerup", "pointercancel"]) on(name, () => { grip = null; });
    on("pointerleave", () => onPoint(null));
    on("dblclick", () => this.home());
    on("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !(event.key in KEYS || event.key === "Home")) return;
      event.preventDefault();
      event.stopPropagation(); // Elsewhere the arrows step through time.
      if (event.key === "Home") this.home();
      else if (!this.fixed) turn(...KEYS[event.key].map((sign) => KEY_TURN * sign));
    });
  }

  /** Turn back to where one looks from at first. */
  home() { this.cameras[this.kind] = START[this.kind]; this.redraw(); }

  #foldAt({ clientX, clientY }) {
    if (!this.creases) return null;
    const { left, top } = this.marks.getBoundingClientRect();
    const { frame, spots } = this.creases;
    const lines = Array.from({ length: frame.folds.shape[0] }, (_, i) => {
      const at = 6 * i;
      const middle = [0, 1, 2].map((k) => (spots[at + k] + spots[at + 3 + k]) / 2);
      return this.sees(...middle, 0.05) ? [spots[at], spots[at + 1], spots[at + 3], spots[at + 4]] : null;
    });
    return nearestFold(frame, lines, clientX - left, clientY - top);
  }

  /** Whether a point of the page is seen; the buffer has the pixels of the screen. */
  sees(x, y, z, slack) { return this.buffer.sees(x * this.ratio, y * this.ratio, z, slack); }

  /** Draw a scene; `choice` {layer, rows} for the sheet (null when nothing is hidden), `bend` 0…1. */
  draw(scene, { choice, bend }) {
    const [width, height] = [this.container.clientWidth, this.container.clientHeight];
    const { net, box, frame } = scene;
    if (!width || !height || !frame || !net || !box) return;
    this.ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const mesh = this.#mesh(scene);
    const graph = scene.view === "graph" || !choice;
    const lift = graph ? graphLift(scene, mesh) : sheetLift(scene, choice, { mesh, data: this.#data(scene) }, bend);
    this.fixed = !graph && lift.flat;
    this.kind = graph ? "graph" : choice.rows.length === 1 ? "height" : "sheet";
    const camera = this.fixed ? ABOVE : this.cameras[this.kind];
    const eye = projection(camera, width, height, this.kind === "sheet" ? 3.75 : 3.1);
    eye.sees = (...spot) => this.sees(...spot);
    const positions = lift.spread(mesh.points, mesh.result, mesh.count);
    const spots = eye.all(positions);
    const cut = !graph && lift.cut && bend > 0.75 ? lift.cut.map(eye.point) : null;
    const { context: ground } = fit(this.ground, width, height);
    if (graph) drawFloor(ground, eye, lift, camera.azimuth);
    this.#raster(mesh, positions, spots, cut, (bend - 0.75) * 4, width, height);
    this.#marks(scene, { lift, eye, graph, mesh, spots, cut, bend }, width, height);
  }

  /** The box as a mesh, with its forward pass and its colours. */
  #mesh(scene) {
    const { frame, net, box } = scene;
    const classes = outputsOf(net);
    const coarse = isCut(frame) && classes === 2;
    const mesh = meshOf(frame, box, coarse ? 22 : gridSide(net, 1.8e6, 24, 64), classes > 2);
    const result = evaluate(net, mesh.points, mesh.count, "mesh");
    return { ...mesh, result, dye: dyeOf(scene, result, mesh.count) };
  }

  /** The forward pass over the training data. */
  #data({ net, data }) {
    const [inputs, count] = [asInputs(data.train_x, "data"), data.train_x.length / 2];
    return { result: evaluate(net, inputs, count, "data"), count };
  }

  #raster({ faces, dye }, positions, spots, cut, strength, width, height) {
    const { ratio, buffer, image } = this;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    buffer.begin(w, h);
    const scaled = ratio === 1 ? spots : spots.map((value, i) => (i % 3 < 2 ? value * ratio : value));
    buffer.faces(faces, scaled, dye, shading(faces, positions));
    if (cut) buffer.glass(cut.map(([x, y, z]) => [x * ratio, y * ratio, z]), GLASS, 0.3 * Math.min(1, strength));
    if (image.width !== w || image.height !== h) { image.width = w; image.height = h; }
    image.getContext("2d").putImageData(new ImageData(buffer.pixels, w, h), 0, 0);
  }

  #marks(scene, { lift, eye, graph, mesh, spots, cut, bend }, width, height) {
    const { frame, net, box, data, showTest, ghost } = scene;
    const { context } = fit(this.marks, width, height);
    const lifted = (pairs) => {
      const [inputs, count] = [asInputs(pairs, "lift"), pairs.length / 2];
      return eye.all(lift.spread(inputs, evaluate(net, inputs, count, "lift"), count));
    };
    const floored = (pairs) => eye.all(onFloor(lift, pairs));
    strokeLines(context, eye, rim(mesh, box, spots), { colour: "rgba(40, 48, 58, 0.55)", width: 1, faint: 0.1 });
    this.creases = { frame, spots: lifted(frame.folds) };
    drawCreases(context, eye, scene, this.creases.spots);
    if (graph && ghost) drawEdge(context, eye, ghost.boundary, floored(ghost.boundary), { ghost: true });
    if (graph) drawEdge(context, eye, frame.boundary, floored(frame.boundary), { floor: true });
    if (cut) strokeLines(context, eye, cut.map((spot, i) => [spot, cut[(i + 1) % cut.length]]), { colour: "rgba(90, 98, 110, 0.9)", width: 1.6, faint: 0.2 });
    if (!graph) drawSpaceAxes(context, eye, lift.axes, bend);
    const sets = [[data?.train_x, data?.train_y, false], [showTest && data?.test_x, data?.test_y, true]]
      .filter(([points]) => points?.length).map(([points, labels, hollow]) => ({ spots: lifted(points), labels, hollow }));
    drawRiders(context, eye, sets, data?.classes ?? 0);
    drawEdge(context, eye, frame.boundary, lifted(frame.boundary));
    const knots = drawKnots(context, eye, scene, lifted(frame.fold_points));
    const dots = sets.flatMap(({ spots: at, labels }) => Array.from(labels, (_, i) => [at[3 * i], at[3 * i + 1]]));
    this.numbers.draw(context, frame, scene.lit, knots, { dots, box: { left: 0, top: 0, width, height } });
  }
}

/** Points of the plane on the floor of a graph. */
function onFloor(lift, pairs) {
  const count = pairs.length / 2;
  const out = new Float32Array(3 * count);
  for (let i = 0; i < count; i += 1) out.set(lift.below(pairs[2 * i], pairs[2 * i + 1]), 3 * i);
  return out;
}

/** The edge of the box as lines between neighbouring points of the mesh. */
function rim({ points, count }, { x0, x1, y0, y1 }, spots) {
  const near = 1e-5 * (x1 - x0);
  const sides = [[0, x0], [0, x1], [1, y0], [1, y1]];
  return sides.flatMap(([axis, value]) => {
    const on = Array.from({ length: count }, (_, i) => i).filter((i) => Math.abs(points[axis * count + i] - value) < near);
    on.sort((i, j) => points[(1 - axis) * count + i] - points[(1 - axis) * count + j]);
    return on.slice(1).map((i, k) => [spots.subarray(3 * on[k], 3 * on[k] + 3), spots.subarray(3 * i, 3 * i + 3)]);
  });
}
