// A test point beside its nearest training point: how new it is, and what the net makes of it.

import * as api from "../api.mjs";
import { el } from "../dom.mjs";
import { openModal } from "../modal.mjs";
import { figure } from "../words.mjs";
import { nameOf, pointSeen } from "./missed.mjs";

/** What is said of a test point and its nearest training point. */
function nearestWords({ label, answer, novelty, nearestLabel }, data) {
  const read = answer === label ? "read right" : `read as ${nameOf(data, answer)}`;
  const memoriser = nearestLabel === label ? "right" : "wrong";
  return [
    ["class", nameOf(data, label)], ["the net", read], ["novelty", figure(novelty)],
    ["nearest training point", nameOf(data, nearestLabel)], ["the memoriser", memoriser],
  ];
}

/** Open a dialog for test point `index`, which the net answers with class `answer`; `known`: {nearest, novelty} where they are. */
export async function openNearest({ run, data, index, answer, known = null }) {
  const body = el("div", { class: "fx-pair" }, el("p", { class: "note" }, "searching the training points…"));
  const box = el("dialog", { class: "keys fx-nearest", "aria-label": `Test point ${index} and its nearest training point` },
    el("h2", {}, `Test point ${index}`), body, el("button", { type: "button", class: "chip", onclick: () => box.close() }, "Close"));
  openModal(box);
  try {
    const found = known ? { nearest: [known.nearest], novelty: [known.novelty] } : await api.readNearest(run, [index]);
    const [test, train] = await Promise.all([api.readExamples(run, "test", [index]), api.readExamples(run, "train", found.nearest)]);
    const told = nearestWords({ label: test.labels[0], answer, novelty: found.novelty[0], nearestLabel: train.labels[0] }, data);
    const side = (title, point) => el("figure", { class: "fx-tile" }, el("figcaption", {}, title), pointSeen(point, 0, data));
    body.replaceChildren(
      el("div", { class: "fx-pair-points" }, side("test point", test), side(`nearest training point, ${found.nearest[0]}`, train)),
      el("dl", { class: "fx-facts" }, ...told.flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)])));
  } catch (error) {
    body.replaceChildren(el("p", { class: "note" }, [error.message, error.hint].filter(Boolean).join(" ")));
  }
}
