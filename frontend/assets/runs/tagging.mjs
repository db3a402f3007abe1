/** Asks for tags and gives them to some runs, beside those that they have. */

import { element } from "../element.mjs";
import { openModal } from "../modal.mjs";
import { patchRun, announce } from "./actions.mjs";
import { readTags } from "./words.mjs";

/** Opens the question; ends when the tags are written or the person changed their mind. */
export async function tagRuns(runs) {
  const tags = await askTags(runs.length);
  if (tags.length === 0) return;
  const failed = [];
  for (const run of runs) {
    const wanted = [...new Set([...(run.tags ?? []), ...tags])];
    await patchRun(run.id, { tags: wanted }).catch((error) => failed.push(`${run.name}: ${error.message}`));
  }
  const done = runs.length - failed.length;
  announce([done > 0 ? `Tagged ${done} ${done === 1 ? "run" : "runs"}: ${tags.join(", ")}` : "", ...failed].filter(Boolean).join(" · "));
}

function askTags(count) {
  return new Promise((resolve) => {
    const finish = (tags) => {
      resolve(tags);
      box.close();
    };
    const field = element("input.fl-input", { type: "text", "aria-label": "Tags", placeholder: "table1, seeds 0 to 9", autocomplete: "off" });
    const form = element("form", { onsubmit: (event) => { event.preventDefault(); finish(readTags(field.value)); } },
      element("h3", { id: "tag-title" }, `Tag ${count === 1 ? "this run" : `these ${count} runs`}`),
      element("p", {}, "Tags are words with commas between them; they are added to those that are there. The search finds them again, as in tag:table1."),
      element("p", {}, field),
      element("div.fp-row", {}, element("button.fp-button", { type: "button", onclick: () => finish([]) }, "Cancel"), element("button.fp-button.fp-main", { type: "submit" }, "Tag")));
    const box = element("dialog.fp-dialog", { "aria-labelledby": "tag-title" }, form);
    box.addEventListener("close", () => resolve([])); // However it was closed.
    openModal(box);
    field.focus();
  });
}
