/** A sweep that was launched: where it stands, and its scatter as it fills. */

import { getJson, send } from "../../api.mjs";
import { onTheme, say, throttle } from "../../dom.mjs";
import { element } from "../../element.mjs";
import { ExportButton } from "../../exports.mjs";
import { follow } from "../../follow.mjs";
import { duration } from "../../runs/words.mjs";
import { sayConnection } from "../../shell.mjs";
import { Scatter } from "./scatter.mjs";
import { canGoOn, sweepCompareAddress, standing } from "./words.mjs";
import { isOver } from "../../states.mjs";

const DRAW_EVERY = 150;
const ASK_EVERY = 2000; // While it waits: its place in the queue moves.
const at = (id) => `/api/sweeps/${encodeURIComponent(id)}`;

export class Live {
  /** `changed(sweep)` is called whenever its state changes. */
  constructor(place, changed) {
    this.place = place;
    this.changed = changed;
    this.sweep = null;
    this.tries = 0;
    this.unfollow = () => {};
    this.title = element("h3.fw-title");
    this.question = element("p.fw-asked");
    this.bar = element("progress.fw-bar", { max: 1, value: 0, "aria-label": "Share of the work that is done" });
    this.words = element("p.fw-standing", { role: "status", id: "sweep-standing" });
    this.left = element("p.fl-help");
    this.failed = element("p.fl-error");
    this.stop = element("button.fl-button", { type: "button", id: "sweep-stop", onclick: () => this.do("stop") }, "Stop");
    this.go = element("button.fl-button", { type: "button", id: "sweep-resume", onclick: () => this.do("resume") }, "Go on");
    this.compare = element("a.fl-button.fw-compare", { id: "sweep-compare" }, "Compare");
    this.export = new ExportButton(() => ({ path: `${at(this.sweep.id)}/export` }), { look: "fl-button", id: "sweep-export" });
    this.drawn = element("div.fw-scatter");
    place.replaceChildren(element("section.fl-card.fw-live", {}, this.drawn,
      element("div.fw-now", {}, this.title, this.question, this.bar, this.words, this.left, this.failed, element("div.fl-row.fw-gap", {}, this.stop, this.go, this.compare, this.export.node))));
    place.hidden = true;
    this.scatter = new Scatter(this.drawn);
    this.draw = throttle(() => this.scatter.show(this.sweep.spec, [...this.rows.values()]), DRAW_EVERY);
    this.theme = onTheme(() => this.sweep && this.draw());
  }

  /** Opens a sweep, and follows it while it is not over. */
  async open(id) {
    this.unfollow();
    clearTimeout(this.timer);
    const found = await getJson(at(id));
    this.sweep = found;
    this.rows = new Map(found.rows.map((row) => [row.key, row]));
    this.place.hidden = false;
    this.say();
    this.draw();
    this.changed(found);
    if (!isOver(found)) this.follow(found);
  }

  follow({ id, last }) {
    this.unfollow = follow(at(id), last, {
      live: () => { this.tries = 0; sayConnection({ state: "live" }); },
      lost: () => { sayConnection({ state: "lost", since: Date.now(), tries: this.tries }); this.tries += 1; },
      end: () => { sayConnection(null); this.open(id); },
      state: (word) => { if (word !== this.sweep.state) this.open(id); },
      progress: (told) => {
        for (const row of told.rows) this.rows.set(row.key, row);
        Object.assign(this.sweep, { share: told.share, doing: told.doing, left_s: told.left_s ? Number(told.left_s) : null });
        this.say();
        if (told.rows.length > 0) this.draw();
      },
    });
    const ask = async () => {
      if (this.sweep.id !== id || this.sweep.state !== "queued") return;
      const { place } = await getJson(at(id)).catch(() => this.sweep);
      this.sweep.place = place;
      this.say();
      this.timer = setTimeout(ask, ASK_EVERY);
    };
    if (this.sweep.state === "queued") this.timer = setTimeout(ask, ASK_EVERY);
  }

  say() {
    const { sweep } = this;
    const over = isOver(sweep);
    const told = [...this.rows.values()].filter(({ message }) => message);
    say(this.title, sweep.kind === "try" ? `${sweep.name} (one pair)` : sweep.name);
    say(this.question, sweep.spec.question);
    this.bar.value = sweep.state === "done" ? 1 : sweep.share;
    say(this.words, standing(sweep));
    say(this.left, !over && sweep.left_s > 0 ? `about ${duration(Math.max(1, sweep.left_s))} left` : this.foreseen());
    say(this.failed, told.length > 0 ? `${told.length === 1 ? "One run has" : `${told.length} runs have`} something to say: ${told[0].name}: ${told[0].message}` : sweep.state === "done" ? sweep.message : "");
    this.stop.hidden = over;
    this.stop.disabled = sweep.stopping;
    this.go.hidden = !canGoOn(sweep);
    this.compare.hidden = this.rows.size < 2;
    this.compare.href = sweepCompareAddress(sweep);
    this.export.node.hidden = !over || ![...this.rows.values()].some(({ state }) => state === "done");
  }

  /** What it took beside what was foreseen. */
  foreseen() {
    const { state, estimate_s: foreseen } = this.sweep;
    return foreseen && (state === "done" || state === "queued") ? `Estimated ${duration(Math.max(1, foreseen))}.` : "";
  }

  async do(what) {
    const { id } = this.sweep;
    try {
      await send("POST", `${at(id)}/${what}`);
    } catch (error) {
      say(this.failed, [error.message, error.hint].filter(Boolean).join(" "));
    }
    await this.open(id);
  }

  close() {
    this.unfollow();
    clearTimeout(this.timer);
    this.draw.cancel();
    this.theme();
    this.scatter.close();
    sayConnection(null);
  }
}
