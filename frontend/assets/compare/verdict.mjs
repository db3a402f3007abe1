// The verdict: a row a measure with ratio, p, its floor and every other reading; or why there is none.

import { element } from "../element.mjs";
import { figure } from "../words.mjs";
import { otherWords, pointWords, ratioWords, pairCountWords, verdictSentence } from "./words.mjs";

const MARKS = { flatter: "↓", sharper: "↑", lower: "↓", higher: "↑", undecided: "?" };

/** Fill the place of the verdict. `keep(ids)` compares only these runs; null where that cannot be asked. */
export function showVerdict(place, answer, { keep }) {
  const single = answer.contrasts.length === 1 && answer.verdicts.length ? saying(answer.contrasts[0]) : null;
  const head = element("div.panel-head.fc-verdict-head", {}, element("h3.panel-title", {}, `Verdict ${pointWords(answer)}`), single);
  if (!answer.comparable.ok) return place.replaceChildren(head, refusal(answer.comparable, keep));
  if (!answer.verdicts.length) return place.replaceChildren(head, element("p.fc-none", {}, whyNone(answer)));
  const parts = answer.contrasts.map((contrast) => part(contrast, answer.verdicts.filter((row) => row.contrast === contrast.key), single));
  const notes = [...new Set(answer.verdicts.map(({ floor_words: words }) => words))].slice(0, 3);
  return place.replaceChildren(
    head, ...(answer.answer ? [element("p.fc-answer", {}, answer.answer)] : []), element("div.fc-scroll", { tabIndex: 0 }, parts),
    element("p.fc-floor", {}, notes.join(" ")),
  );
}

function whyNone({ groups, contrasts, target }) {
  if (groups.length < 2) return "One group alone has nothing to be compared with.";
  if (target === null) return "Nothing was measured on this clock: choose another to align by.";
  return contrasts.length ? "No flatness was measured: give the runs a curvature probe." : "No two groups can be held against each other.";
}

function refusal({ words, common }, keep) {
  const button = element("button.fp-button", { type: "button", id: "compare-common", onclick: () => keep(common) }, `Compare the ${common.length} that agree`);
  return element("div.fc-refusal", { role: "alert" }, element("p", {}, words), common.length && keep ? button : null);
}

const saying = (contrast) => element("p.fc-says", {}, element("b", {}, contrast.name), ` · ${contrast.words}`);

function part(contrast, rows, said) {
  const tested = rows.filter(({ n }) => n > 0);
  const heads = ["", "ratio [95 %]", "p (Holm)", "", "the other readings"];
  const table = element(
    "table", {}, element("thead", {}, element("tr", {}, heads.map((words) => element("th", { scope: "col" }, words)))),
    element("tbody", {}, tested.map((row) => line(row, contrast))),
  );
  const flags = [...new Set(tested.map(({ flag }) => flag).filter(Boolean))].map((words) => element("p.fc-flag", {}, `⚑ ${words}`));
  return element("div.fc-contrast", { "data-contrast": contrast.key }, said ? null : saying(contrast), tested.length ? table : element("p.fc-none", {}, "No pair has a value here."), flags);
}

function line(row, contrast) {
  const others = row.others.map((other) => {
    const { words, title, mark } = otherWords(other);
    return element("span.fc-other", { title, "data-mark": mark }, words);
  });
  return element(
    "tr", { "data-measure": row.measure, "data-decides": row.decides ? "1" : null, title: verdictSentence(row, contrast) },
    element("th", { scope: "row" }, row.label, row.decides ? element("span.fc-size", {}, " decides") : null, row.flag ? element("span.fc-flag", { title: row.flag }, " ⚑") : null),
    element("td.fc-ratio", {}, ratioWords(row), element("span.fc-size", {}, pairCountWords(row))), element("td", {}, row.p_holm === null ? "–" : figure(row.p_holm, 2)),
    element("td", {}, element("span.fc-reading", { "data-reading": row.reading }, `${MARKS[row.reading]} ${row.reading}`)), element("td.fc-others", {}, others),
  );
}
