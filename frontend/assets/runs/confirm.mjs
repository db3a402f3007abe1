/** Asks again before runs are deleted, and names what goes. */

import { element } from "../element.mjs";
import { openModal } from "../modal.mjs";
import { standing } from "./words.mjs";

const SHOWN = 8;
const ONE = "Its curves, frames, checkpoints and notes go with it; if it is still going, it is stopped first. There is no way back.";
const MANY = "Their curves, frames, checkpoints and notes go with them; those still going are stopped first. There is no way back.";

/** Opens the question; resolves to whether the answer was yes. */
export function confirmDelete(runs) {
  return new Promise((resolve) => {
    const box = element("dialog.fp-dialog", { "aria-labelledby": "delete-title" });
    const finish = (answer) => {
      resolve(answer);
      box.close();
    };
    const many = runs.length === 1 ? "this run" : `these ${runs.length} runs`;
    const yes = element("button.fp-button.fp-danger", { type: "button", onclick: () => finish(true) }, `Delete ${many}`);
    const no = element("button.fp-button", { type: "button", onclick: () => finish(false) }, "Keep");
    const rows = runs.slice(0, SHOWN).map((run) => element("li", {}, element("strong", {}, run.name), ` · ${line(run)}`));
    if (runs.length > SHOWN) rows.push(element("li", {}, `and ${runs.length - SHOWN} more`));
    box.append(
      element("h3", { id: "delete-title" }, `Delete ${many}?`),
      element("ul", {}, ...rows),
      element("p", {}, runs.length === 1 ? ONE : MANY),
      element("div.fp-row", {}, no, yes),
    );
    box.addEventListener("close", () => resolve(false)); // However it was closed.
    openModal(box);
    no.focus();
  });
}

const line = (run) => [run.data, standing(run).word, run.epoch ? `epoch ${Math.round(run.epoch)}` : ""].filter(Boolean).join(" · ");
