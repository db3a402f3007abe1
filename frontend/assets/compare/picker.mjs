// What there is to compare: groups of runs that differ in nothing but their seed, to be ticked.

import { getJson } from "../api.mjs";
import { element } from "../element.mjs";
import { age } from "../runs/words.mjs";
import { suggestionWords } from "./words.mjs";

const LISTED = 60;

const COMPARING = {
  title: "Pick two runs, or two groups of runs",
  note: "A group is runs that differ in nothing but their seed; groups are compared in pairs of one seed.",
  go: (count) => ["Tick two", "Look at one group"][count] ?? `Compare ${count} groups`,
  least: 2,
  suggests: true,
};

export class Picker {
  /**
   * `chosen(runs)` hears the ids of the runs that were picked. `words` say what for: `{title, note, go(count), least, suggests}`, from how many
   * groups on the button is the main one, and whether two are suggested. `beside` stands beside the title.
   */
  constructor(place, { chosen, words = COMPARING, beside = null }) {
    Object.assign(this, { words, beside });
    this.place = place;
    this.chosen = chosen;
    this.ticked = new Set();
    this.offers = [];
    this.search = element("input.fl-input.fr-search", { type: "search", placeholder: "Search name, tag, data", "aria-label": "Search groups", oninput: () => this.#list() });
    this.go = element("button.fp-button", { type: "button", id: "compare-go", onclick: () => this.#go() });
    this.list = element("ul.fc-offers");
    this.more = element("p.note");
  }

  /** Show the list; groups that hold any of these runs are ticked. */
  async open(runs = []) {
    this.place.hidden = false;
    const { groups } = await getJson("/api/comparisons/groups").catch((error) => ({ groups: [], error }));
    this.offers = groups;
    this.ticked = new Set(groups.filter((group) => group.runs.some((id) => runs.includes(id))).map(({ key }) => key));
    if (!groups.length) return this.place.replaceChildren(nothing());
    const suggestion = runs.length || !this.words.suggests ? null : suggested(groups);
    const head = element("div.fc-pick-head", {}, element("div", {}, element("h2.fc-title", {}, this.words.title), element("p.note", {}, this.words.note)), this.beside, this.search, this.go);
    const offer = suggestion && element("button.fp-button", { type: "button", id: "compare-suggested", onclick: () => this.chosen(suggestion.flatMap(({ runs: own }) => own)) }, `Compare ${suggestion.map(({ name }) => name).join(" with ")}`);
    this.place.replaceChildren(head, element("div.fp-row", {}, offer), this.list, this.more);
    return this.#list();
  }

  close() { this.place.hidden = true; }

  #list() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (offer) => [offer.name, offer.data, ...offer.names, ...offer.tags].join(" ").toLowerCase();
    const found = this.offers.filter((offer) => words.every((word) => text(offer).includes(word)));
    this.list.replaceChildren(...found.slice(0, LISTED).map((offer) => this.#row(offer)));
    this.more.textContent = found.length > LISTED ? `${found.length - LISTED} more: search for them.` : "";
    this.#count();
  }

  #row(offer) {
    const tick = () => { if (box.checked) this.ticked.add(offer.key); else this.ticked.delete(offer.key); this.#count(); };
    const box = element("input", { type: "checkbox", checked: this.ticked.has(offer.key), onchange: tick });
    const mark = element("span", { class: `fc-mark-${offer.grows ? "grown" : "fixed"}`, "aria-hidden": "true" }, offer.grows ? "▲" : "■");
    return element("li", {}, element("label", {}, box, mark, element("b", {}, offer.names.length === 1 ? offer.names[0] : offer.name), element("span.fc-what", {}, suggestionWords(offer)), element("span.fc-tags", {}, offer.tags.join(", ")), element("span.fc-when", {}, `${age(offer.created)} ago`)));
  }

  #count() {
    const count = this.ticked.size;
    this.go.disabled = count < 1;
    this.go.classList.toggle("fp-main", count >= this.words.least);
    this.go.textContent = this.words.go(count);
  }

  #go() {
    this.chosen(this.offers.filter(({ key }) => this.ticked.has(key)).flatMap(({ runs }) => runs));
  }
}

/** The newest grown and the newest fixed group on the same data, or null. */
export function suggested(groups) {
  for (const grown of groups.filter(({ grows }) => grows)) {
    const fixed = groups.find((group) => !group.grows && group.data === grown.data && group.batch === grown.batch && group.seeds.some((seed) => grown.seeds.includes(seed)));
    if (fixed) return [grown, fixed];
  }
  return null;
}

const nothing = () => element("div.fc-nothing", {}, element("h2.fc-title", {}, "Nothing to compare yet"), element("p", {}, "Train two nets, or the same net with several seeds, and hold them against each other here: boundaries side by side, curves with bands, and a verdict with its chance."), element("div.fp-row", {}, element("a.fp-button.fp-main", { href: "/" }, "Play one"), element("a.fp-button", { href: "/launch" }, "Launch runs")));
