/** The table of runs in the browser: keeps the grid's rows true, tells what is shown. */

import { patchRun, toast } from "./actions.mjs";
import { counted, trouble } from "./words.mjs";

export class Table {
  /**
   * @param {object} api The grid's own API.
   * @param {(facts: {all: number, shown: number, states: Map, words: string, chosen: object[]}) => void} told Called when
   *   rows, filter or selection changed.
   */
  constructor(api, told) {
    this.api = api;
    this.told = told;
    this.rows = new Map();
    this.tell = this.tell.bind(this);
    this.edited = this.edited.bind(this);
    for (const event of ["modelUpdated", "selectionChanged", "filterChanged"]) api.addEventListener(event, this.tell);
    api.addEventListener("cellValueChanged", this.edited);
    this.clock = setInterval(() => this.refreshClocks(), 5000);
  }

  /** Takes changed rows; those already there are changed in place, so that nothing jumps. */
  apply({ runs, deleted = [], all = false }) {
    const heard = Date.now();
    const gone = all ? [...this.rows.keys()].filter((id) => !runs.some((run) => run.id === id)) : deleted;
    const change = { add: [], update: [], remove: gone.filter((id) => this.rows.has(id)).map((id) => ({ id })) };
    let reshaped = false;
    for (const run of runs) {
      const row = { ...run, heard };
      reshaped ||= trouble(run) !== trouble(this.rows.get(run.id) ?? {});
      (this.rows.has(run.id) ? change.update : change.add).push(row);
      this.rows.set(run.id, row);
    }
    for (const { id } of change.remove) this.rows.delete(id);
    this.api.applyTransaction(change);
    if (reshaped) this.api.resetRowHeights();
    if (change.update.length > 0) this.refresh(change.update.map((row) => row.id), ["state", "actions"]);
    this.tell();
  }

  refresh(ids, columns) {
    const rowNodes = ids.map((id) => this.api.getRowNode(id)).filter(Boolean);
    this.api.refreshCells({ rowNodes, columns, force: true });
  }

  refreshClocks() {
    if (document.hidden || this.rows.size === 0) return;
    this.api.refreshCells({ columns: ["created"], force: true });
    this.refresh([...this.rows.values()].filter((run) => run.state === "running").map((run) => run.id), ["state"]);
  }

  async edited({ data, colDef, oldValue, newValue }) {
    if (oldValue === newValue) return;
    const field = colDef.field;
    try {
      await patchRun(data.id, { [field]: field === "tags" ? data.tags : (newValue ?? "") });
    } catch (error) {
      toast(`${data.name}: ${error.message}`);
      const kept = this.rows.get(data.id);
      if (kept) this.api.applyTransaction({ update: [{ ...kept, [field]: field === "tags" ? oldValue.split(", ") : oldValue }] });
    }
  }

  search(words) {
    this.api.setGridOption("quickFilterText", words);
  }

  async only(state) {
    await this.api.setColumnFilterModel("state", state ? { filterType: "text", type: "equals", filter: state } : null);
    this.api.onFilterChanged();
  }

  chosen() {
    return this.api.getSelectedRows().map((row) => this.rows.get(row.id) ?? row);
  }

  tell() {
    const states = new Map();
    for (const run of this.rows.values()) states.set(run.state, (states.get(run.state) ?? 0) + 1);
    const all = this.rows.size;
    const shown = this.api.getDisplayedRowCount();
    const chosen = this.chosen();
    this.told({ all, shown, states, chosen, words: counted(all, shown, chosen.length) });
  }

  stop() {
    clearInterval(this.clock);
  }
}
