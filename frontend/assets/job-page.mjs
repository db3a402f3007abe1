/** The jobs of one sort on their page: which is shown, how it is followed, begun, stopped, gone on with and forgotten. */

import { getJson, send } from "./api.mjs";
import { throttle } from "./dom.mjs";
import { follow } from "./follow.mjs";
import { announce } from "./runs/actions.mjs";
import { sayConnection } from "./shell.mjs";
import { isOver } from "./states.mjs";
import { showPast } from "./studies/past.mjs";

const TABLE_EVERY = 300;

export class JobPage {
  /**
   * `view`:
   *   sort        `{plural, one, past}`: what jobs are called in addresses of the API and of the page, and the title of those run before
   *   past        the place of those
   *   own(job), misplaced(job)   whether the page has a job; what is wrong with one that it has not, `{message, hint}`
   *   newest(jobs)               the one to show where the address names none, or null
   *   address(job)               the query of the page's address with a job; of null, with none
   *   shape(job)                 a job in words; how it is listed
   *   rows()                     the rows before any job
   *   begin({start(spec), stop(), resume()})   makes the `Start`
   *   lay(job, rows), row(row), table(rows, csv), said(job)   show them
   */
  constructor(view) {
    this.view = view;
    this.job = null;
    this.rows = new Map();
    this.jobs = [];
    this.ended = false;
    this.tries = 0;
    this.opening = 0;
    this.close = () => {};
    this.start = view.begin({ start: (spec) => this.begin(spec), stop: () => this.stop(), resume: () => this.resume() });
    this.drawTable = throttle(() => view.table([...this.rows.values()], this.job && `${this.at(this.job.id)}/table?format=csv`), TABLE_EVERY);
    this.first();
  }

  at(id) { return `/api/${this.view.sort.plural}/${encodeURIComponent(id)}`; }

  show(found) {
    this.job = found;
    this.rows = new Map((found ? found.rows : this.view.rows()).map((row) => [row.key, row]));
    this.view.lay(found, [...this.rows.values()]);
    this.drawTable();
    this.start.show(found);
    this.view.said(found);
  }

  async open(id) {
    const ticket = ++this.opening;
    this.close();
    const found = await getJson(this.at(id)).catch((error) => (ticket === this.opening && this.start.complain(error), null));
    if (this.ended || ticket !== this.opening) return;
    this.list();
    if (!found) return;
    if (!this.view.own(found)) { this.start.complain(this.view.misplaced(found)); return; }
    this.start.complain(null);
    this.show(found);
    this.addressed(found);
    if (!isOver(found)) this.watch(found);
  }

  addressed(job) { history.replaceState(history.state, "", `${location.pathname}${this.view.address(job)}`); }

  watch({ id, last }) {
    this.close = follow(this.at(id), last, {
      live: () => { this.tries = 0; sayConnection({ state: "live" }); },
      lost: () => { sayConnection({ state: "lost", since: Date.now(), tries: this.tries }); this.tries += 1; },
      end: () => { sayConnection(null); this.open(id); },
      state: (word) => {
        if (word === this.job.state) return;
        Object.assign(this.job, { state: word });
        this.open(id); // A job that begins again has empty rows.
      },
      progress: (told) => {
        for (const row of told.rows) { this.rows.set(row.key, row); this.view.row(row); }
        Object.assign(this.job, { state: "running", share: told.share, doing: told.doing, left_s: Number(told.left_s || NaN) });
        this.start.show(this.job);
        this.drawTable();
      },
    });
  }

  async begin(spec) {
    this.start.complain(null);
    try {
      await this.open((await send("POST", `/api/${this.view.sort.plural}`, spec)).id);
    } catch (error) { this.start.complain(error); }
  }

  async stop() {
    const { job } = this;
    Object.assign(job, { stopping: true });
    this.start.show(job);
    await send("POST", `${this.at(job.id)}/stop`).then(({ state }) => isOver({ state }) && this.open(job.id), (error) => this.start.complain(error));
  }

  async resume() {
    const { id } = this.job;
    await send("POST", `${this.at(id)}/resume`).then(() => this.open(id), (error) => this.start.complain(error));
  }

  async forget(other) {
    await send("DELETE", this.at(other.id)).catch((error) => announce(error.message));
    announce(`Deleted: ${other.name}`);
    if (this.ended) return;
    if (other.id === this.job?.id) { this.close(); sayConnection(null); this.show(null); this.addressed(null); }
    this.list();
  }

  /** Fetch the page's jobs and show them. */
  async list() {
    const { plural } = this.view.sort;
    const found = await getJson(`/api/${plural}`).catch((error) => (this.start.complain(error), { [plural]: [] }));
    this.jobs = found[plural].filter((job) => this.view.own(job));
    this.showList();
    return this.jobs;
  }

  /** Show the jobs fetched last. */
  showList() {
    const does = { open: (id) => this.open(id), forget: (other) => this.forget(other), shape: this.view.shape };
    if (!this.ended) showPast(this.view.past, this.jobs, this.job?.id, does, this.view.sort.past);
  }

  async first() {
    this.show(null);
    const wanted = new URLSearchParams(location.search).get(this.view.sort.one);
    if (wanted) return this.open(wanted);
    const shown = this.view.newest(await this.list());
    return shown && !this.ended && this.open(shown.id);
  }

  end() {
    this.ended = true;
    this.close();
    this.drawTable.cancel();
    sayConnection(null);
  }
}
