/** The page of a hill on a line: three sliders and a ball, all in the browser. */

import { calm, onTheme, say } from "../dom.mjs";
import { element } from "../element.mjs";
import { closeMeaning, meaning } from "../measures/help.mjs";
import { onMount } from "../mount.mjs";
import { slider } from "../studies/slider.mjs";
import { few } from "../words.mjs";
import { Ball, steepness } from "./basin.mjs";
import { draw } from "./picture.mjs";
import { balance, ballPlace, foretold } from "./words.mjs";

const STEPS_A_FRAME = 1; // The ball needs some hundred steps; they are to be seen.
const AT_ONCE = 200_000; // Enough for any setting of the sliders, where nothing is to move.
const UNSEEN = 20_000; // Steps after which a ball that hardly moves any more is brought to its rest.

onMount("hill", (root) => {
  const first = JSON.parse(root.dataset.told);
  const parts = build(first);
  let ball = null;
  let frame = 0;

  const given = () => Object.fromEntries(Object.entries(parts.sliders).map(([name, each]) => [name, each.read()]));
  const usable = (values) => values.curvature > 0 && values.sigma > 0 && values.strength >= 0 && Object.values(values).every(Number.isFinite);
  const show = () => {
    draw(parts.canvas, ball.given, ball);
    for (const [name, words] of Object.entries({ balance: balance(ball.given), steepness: few(steepness(ball.given)), place: ballPlace(ball) })) say(parts.figures[name], words);
  };
  const roll = () => {
    ball.roll(ball.steps < UNSEEN ? STEPS_A_FRAME + Math.floor(ball.steps / 40) : AT_ONCE);
    show();
    frame = ball.still ? 0 : requestAnimationFrame(roll);
  };
  const letGo = () => {
    cancelAnimationFrame(frame);
    const values = given();
    parts.verdict.toggleAttribute("data-wrong", !usable(values));
    if (!usable(values)) { say(parts.verdict, "λ and σ have to be above 0, s not below."); return; }
    ball = new Ball(values, values.from);
    say(parts.verdict, foretold(values));
    parts.canvas.setAttribute("aria-label", foretold(values));
    if (calm()) { ball.roll(AT_ONCE); show(); } else { frame = requestAnimationFrame(roll); show(); }
  };

  document.getElementById("hill-stage").replaceChildren(parts.element);
  for (const each of Object.values(parts.sliders)) each.element.addEventListener("input", letGo);
  parts.again.addEventListener("click", letGo);
  const watcher = new ResizeObserver(() => ball && show());
  watcher.observe(parts.canvas);
  const theme = onTheme(() => ball && show());
  letGo();
  return () => { cancelAnimationFrame(frame); watcher.disconnect(); theme(); closeMeaning(); };
});

/** Lay out sliders, picture and figures. */
function build(first) {
  const sliders = {
    strength: slider("hill-strength", "strength s", { value: first.strength, low: 0, high: 4, step: 0.01 }),
    sigma: slider("hill-sigma", "width σ", { value: first.sigma, low: 0.2, high: 4, log: true }),
    curvature: slider("hill-curvature", "curvature λ", { value: first.curvature, low: 0.05, high: 5, log: true }),
    from: slider("hill-from", "let go at", { value: first.from, low: 0.01, high: 3, log: true }),
  };
  const canvas = element("canvas.fh-canvas", { role: "img" });
  const verdict = element("p.fh-verdict", { id: "hill-verdict", role: "status" });
  const again = element("button.chip", { type: "button", id: "hill-again" }, "Let go again");
  const figures = Object.fromEntries(["balance", "steepness", "place"].map((name) => [name, element("dd", { id: `hill-${name}` })]));
  const row = (words, name, key) => element("div", {}, element("dt", {}, words, " ", meaning(key)), figures[name]);
  const list = element("dl.fh-figures", {}, row("rests at r*", "balance", "hill_balance"), row("steepness s/σ²", "steepness", "hill_steepness"), row("the ball is at", "place", "hill_place"));
  const controls = element("div.fh-controls", {}, ...Object.values(sliders).map((each) => each.element), again, verdict, list);
  const picture = element("div.fh-picture", {}, legend(), canvas);
  return { element: element("div.panel.fh-stage", {}, picture, controls), sliders, canvas, verdict, again, figures };
}

const legend = () => element("div.fu-legend", {}, ...[["both", "loss with the hill"], ["basin", "loss ½λx²"], ["hill", "hill s·exp(−x²/2σ²)"], ["top", "checkpoint"], ["ball", "ball"]].map(([kind, words]) => element("span", {}, element("i.fh-key", { "data-kind": kind }), words)));
