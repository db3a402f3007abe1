/** The studies of one kind on their page: which is shown, how it is followed, begun, stopped and forgotten. */

import { getJson, send } from "../api.mjs";
import { throttle } from "../dom.mjs";
import { follow } from "../follow.mjs";
import { announce } from "../runs/actions.mjs";
import { sayConnection } from "../shell.mjs";
import { isOver } from "../states.mjs";
import { showPast } from "./past.mjs";

const TABLE_EVERY = 300;
const at = (id) => `/api/studies/${encodeURIComponent(id)}`;

export class StudyPage {
  /**
   * `view`: `{kind, past, shape(spec), rows(), begin({start, stop}), lay(study, rows), row(row), table(rows, csv), said(study)}`:
   * the place of past studies, a spec in words, the rows before any study, what makes the `Start`, and what shows them.
   */
  constructor(view) {
    this.view = view;
    this.study = null;
    this.rows = new Map();
    this.ended = false;
    this.tries = 0;
    this.close = () => {};
    this.start = view.begin({ start: (spec) => this.begin(spec), stop: () => this.stop() });
    this.drawTable = throttle(() => view.table([...this.rows.values()], this.study && `${at(this.study.id)}/table?format=csv`), TABLE_EVERY);
    this.first();
  }

  show(found) {
    this.study = found;
    this.rows = new Map((found ? found.rows : this.view.rows()).map((row) => [row.key, row]));
    this.view.lay(found, [...this.rows.values()]);
    this.drawTable();
    this.start.show(found);
    this.view.said(found);
  }

  async open(id) {
    this.close();
    const found = await getJson(at(id)).catch((error) => (this.start.complain(error), null));
    if (this.ended) return;
    this.list();
    if (!found) return;
    if (found.spec.kind !== this.view.kind) {
      this.start.complain({ message: `${found.name} is a study of another kind, ${found.spec.kind}.`, hint: "Open it from the list of studies." });
      return;
    }
    this.start.complain(null);
    this.show(found);
    history.replaceState(history.state, "", `${location.pathname}?study=${encodeURIComponent(id)}`);
    if (!isOver(found)) this.watch(found);
  }

  watch({ id, last }) {
    this.close = follow(at(id), last, {
      live: () => { this.tries = 0; sayConnection({ state: "live" }); },
      lost: () => { sayConnection({ state: "lost", since: Date.now(), tries: this.tries }); this.tries += 1; },
      end: () => { sayConnection(null); this.open(id); },
      state: (word) => {
        if (word === this.study.state) return;
        Object.assign(this.study, { state: word });
        this.open(id); // A study that begins again has empty rows.
      },
      progress: (told) => {
        for (const row of told.rows) { this.rows.set(row.key, row); this.view.row(row); }
        Object.assign(this.study, { state: "running", share: told.share, doing: told.doing, left_s: Number(told.left_s || NaN) });
        this.start.show(this.study);
        this.drawTable();
      },
    });
  }

  async begin(spec) {
    this.start.complain(null);
    try {
      await this.open((await send("POST", "/api/studies", spec)).id);
    } catch (error) { this.start.complain(error); }
  }

  async stop() {
    const { study } = this;
    Object.assign(study, { stopping: true });
    this.start.show(study);
    await send("POST", `${at(study.id)}/stop`).then(({ state }) => isOver({ state }) && this.open(study.id), (error) => this.start.complain(error));
  }

  async forget(other) {
    await send("DELETE", at(other.id)).catch((error) => announce(error.message));
    announce(`Deleted: ${other.name}`);
    if (other.id === this.study?.id) { this.close(); sayConnection(null); history.replaceState(history.state, "", location.pathname); this.show(null); }
    this.list();
  }

  async list() {
    const { studies } = await getJson("/api/studies").catch((error) => (this.start.complain(error), { studies: [] }));
    const own = studies.filter(({ spec }) => spec.kind === this.view.kind);
    const does = { open: (id) => this.open(id), forget: (other) => this.forget(other), shape: this.view.shape };
    if (!this.ended) showPast(this.view.past, own, this.study?.id, does);
    return own;
  }

  async first() {
    this.show(null);
    const wanted = new URLSearchParams(location.search).get("study");
    if (wanted) return this.open(wanted);
    const studies = await this.list();
    const going = studies.find((each) => !isOver(each)) ?? studies.find((each) => each.state === "done") ?? studies[0];
    return going && !this.ended && this.open(going.id);
  }

  end() {
    this.ended = true;
    this.close();
    this.drawTable.cancel();
    sayConnection(null);
  }
}
