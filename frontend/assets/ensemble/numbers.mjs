// The few numbers that answer, and each member in a table with its files.

import { element } from "../element.mjs";
import { planeAddress } from "../landscape/view.mjs";
import { meaning } from "../measures/help.mjs";
import { epochs, figure, plural } from "../words.mjs";
import { gainWords, memberName, scoreWords } from "./words.mjs";

const COLUMNS = [["", "#"], ["", "member"], ["", "epoch"], ["", "parameters"], ["member_weight", "weight"], ["", "accuracy"], ["nll", "NLL"], ["ece", "ECE"], ["", "validation accuracy"]];

/** Fill the place of the answer; `–` stands where nothing is known yet. */
export function showAnswer(place, known) {
  const { together, meanWeights } = known;
  const gain = together ? together.accuracy - known.each("accuracy") : NaN;
  const figures = [
    ["accuracy together", "together_accuracy", scoreWords("accuracy", together?.accuracy)], ["mean of the members", "member_accuracy", scoreWords("accuracy", known.each("accuracy"))],
    ["gain", "ensemble_gain", gainWords(gain)], ["NLL together", "nll", scoreWords("nll", together?.nll)], ["ECE together", "ece", scoreWords("ece", together?.ece)],
    ["accuracy of mean weights", "mean_weights", scoreWords("accuracy", meanWeights?.accuracy)],
  ];
  const why = meanWeights?.why_not ? element("p.note", {}, meanWeights.why_not) : null;
  place.replaceChildren(element("dl.fe-figures", {}, figures.map(([words, ask, value]) => element("div", {}, element("dt", {}, words, " ", meaning(ask)), element("dd", {}, value)))), why ?? "");
}

/** Fill the table of members; `light(i)` hears which one is pointed at, or null. */
export function showMembers(place, known, { runs, data, csv, json, light }) {
  const { members, about } = known;
  if (!members.length) { place.replaceChildren(); return; }
  const files = [["CSV", csv], ["JSON", json]].map(([words, href]) => href && element("a.chip.fc-file", { href, download: words === "JSON" ? "ensemble.json" : "" }, words));
  const three = members.length > 2 && !known.meanWeights?.why_not ? element("a.chip.fc-file", { href: planeAddress(members.slice(0, 3)), title: "The loss in the plane through the first three members" }, "Plane through 1, 2, 3") : null;
  const cell = (words) => element("td", {}, words);
  const line = (member, i) => element("tr", { tabIndex: 0, "data-member": i, onpointerenter: () => light(i), onpointerleave: () => light(null), onfocus: () => light(i), onblur: () => light(null) },
    element("td", {}, String(i + 1)), element("th", { scope: "row" }, memberName(member, runs)), cell(epochs(member.epoch)), cell(member.parameters.toLocaleString("en-US")), cell(figure(member.weight)),
    ...["accuracy", "nll", "ece"].map((name) => cell(scoreWords(name, member[name]))), cell(scoreWords("accuracy", member.validation_accuracy)));
  const head = COLUMNS.map(([ask, words]) => element("th", { scope: "col" }, words, ask ? [" ", meaning(ask)] : null));
  place.replaceChildren(element("section.panel.fe-card.fc-table", { "aria-label": "Members, each by itself" },
    element("div.panel-head", {}, element("h3.panel-title", {}, "Each by itself"), element("div.fp-row", {}, three, files)),
    element("div.fc-scroll", {}, element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, members.map(line)))),
    element("p.note", {}, data ? `On ${plural(data.test_size, "test point")} of ${about.classes} classes.` : "")));
}
