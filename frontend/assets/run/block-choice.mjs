// Where and by which rule a net of blocks is to grow: two choices beside the button.

import { blockName } from "../blocks/layout.mjs";
import { el } from "../dom.mjs";
import { netOf } from "../nets.mjs";
import { ruleName } from "../play/rules.mjs";

/** Rules that look at all blocks unless they are told one, and those that count the block behind which they add. */
const EVERYWHERE = new Set(["firefly"]);
const BEHIND = new Set(["identity_layer"]);
const USUAL = "";

/** The command's rule for a choice; `block` is a number in words, or empty for the rule's own choice. Pure. */
export function chosenRule(kind, block) {
  if (BEHIND.has(kind)) return { kind, after: Number(block || 0) };
  if (block !== USUAL) return { kind, layer: Number(block) };
  return EVERYWHERE.has(kind) ? { kind } : { kind, layer: "auto" };
}

/** The blocks to choose from: {number in words: name}. Pure. */
export function blockChoices(kind, names) {
  const each = Object.fromEntries(names.map((name, number) => [String(number), blockName(name)]));
  const usual = EVERYWHERE.has(kind) ? "all blocks" : "steepest block";
  return BEHIND.has(kind) ? each : { [USUAL]: usual, ...each };
}

const fill = (select, choices) => {
  const { value } = select;
  select.replaceChildren(...Object.entries(choices).map(([key, words]) => el("option", { value: key }, words)));
  select.value = value in choices ? value : Object.keys(choices)[0] ?? "";
};

export class BlockChoice {
  constructor() {
    this.rules = el("select", { class: "select", "aria-label": "growth rule", onchange: () => this.#offer() });
    this.blocks = el("select", { class: "select", "aria-label": "block that grows" });
    this.root = el("span", { class: "block-choice" }, this.rules, this.blocks);
    this.names = [];
    this.key = "";
  }

  /** What the choice stands for now. */
  get rule() { return chosenRule(this.rules.value, this.blocks.value); }

  /** Offer the rules of a run's net and its blocks, as they are called. */
  draw({ net, growth }, names) {
    const { rules } = netOf(net.wiring);
    const key = JSON.stringify([rules, names]);
    if (!rules || key === this.key) return;
    [this.key, this.names] = [key, names];
    const first = this.rules.value === "" && rules.includes(growth.rule.kind);
    fill(this.rules, Object.fromEntries(rules.map((kind) => [kind, ruleName(kind)])));
    if (first) this.rules.value = growth.rule.kind;
    this.#offer();
  }

  #offer() { fill(this.blocks, blockChoices(this.rules.value, this.names)); }
}
