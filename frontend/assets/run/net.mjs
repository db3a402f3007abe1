// The net of a run that is made of blocks, as it is at the cross-hair; nothing of a net that is none.

import { LiveBlocks } from "../blocks/live.mjs";
import { el } from "../dom.mjs";

export class RunNet {
  constructor(place, changed) {
    this.place = place;
    this.blocks = new LiveBlocks(changed);
    place.replaceChildren(el("div", { class: "panel-head" }, el("h3", { class: "panel-title" }, "Net")), this.blocks.root);
  }

  /** Draw the net of a frame of a session. */
  draw({ summary, spec }, frame) {
    this.place.hidden = summary?.drawn !== "blocks" || !spec;
    if (!this.place.hidden) this.blocks.draw(spec, frame);
  }

  close() { this.blocks.close(); }
}
