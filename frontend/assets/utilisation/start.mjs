/** What the button of the page starts: how many nets, which rows, how many draws. */

import { element } from "../element.mjs";
import { whole } from "../runs/words.mjs";

const NETS = [100, 1000, 10_000];
const DRAWS = [[10, "ten draws"], [1, "one draw"]];

/** The form that `Start` shows. */
export function form(kind) {
  const nets = select("utilisation-nets", NETS.map((many) => [many, `${whole(many)} nets`]), kind.spec.nets);
  const rows = select("utilisation-rows", [["quick", `${kind.quick.length} rows`], ["all", `all ${kind.all.length} rows`]], "quick");
  const draws = select("utilisation-draws", DRAWS, kind.spec.draws);
  const seed = element("input.number", { id: "utilisation-seed", type: "number", min: 0, max: 2_147_483_647, step: 1, value: kind.spec.seed, "aria-label": "Seed" });
  return {
    controls: [nets, rows, draws, element("label.fu-seed", {}, "seed", seed)],
    idle: "Not run on this server yet. All nets of a row train at once; it takes well under a minute.",
    spec() {
      const { kind: name, steps, sets } = kind.spec;
      return { kind: name, steps, sets, nets: Number(nets.value), draws: Number(draws.value), rows: kind[rows.value], seed: Number(seed.value) };
    },
    action() { const many = whole(Number(nets.value)); return `Train ${many} random against ${many} grown nets`; },
    listen(call) { for (const each of [nets, rows, draws]) each.addEventListener("change", call); },
  };
}

function select(id, choices, chosen) {
  const options = choices.map(([value, words]) => element("option", { value, selected: value === chosen }, words));
  return element("select.select", { id, "aria-label": id.replace("utilisation-", "") }, options);
}
