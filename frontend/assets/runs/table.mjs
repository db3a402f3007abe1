/** The table of runs in the browser: keeps the grid's rows true, tells what is shown. */

import { patchRun, announce } from "./actions.mjs";
import { download, groupsCsv, runsCsv } from "./csv.mjs";
import { hiddenColumns } from "./differences.mjs";
import { Grouping } from "./grouping.mjs";
import { isGroup } from "./groups.mjs";
import { passes, readTerms } from "./terms.mjs";
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
    this.terms = readTerms("");
    this.onlyDifferences = false;
    this.grouping = new Grouping(api);
    this.sift();
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
      announce(`${data.name}: ${error.message}`);
      const kept = this.rows.get(data.id);
      if (kept) this.api.applyTransaction({ update: [{ ...kept, [field]: field === "tags" ? oldValue.split(", ") : oldValue }] });
    }
  }

  /** Lets the search decide which runs are shown; the lines of groups follow them and are not sifted or chosen themselves. */
  sift() {
    const options = {
      isExternalFilterPresent: () => this.terms.tests.length > 0,
      doesExternalFilterPass: ({ data }) => passes(data, this.terms),
      alwaysPassFilter: ({ data }) => isGroup(data),
      rowSelection: { ...this.api.getGridOption("rowSelection"), isRowSelectable: ({ data }) => !isGroup(data) },
    };
    for (const [name, value] of Object.entries(options)) this.api.setGridOption(name, value);
  }

  /** Shows only the runs that the words fit; gives a sentence for each term that cannot be read. */
  search(words) {
    this.terms = readTerms(words);
    this.api.onFilterChanged();
    return this.terms.wrong;
  }

  async only(state) {
    await this.api.setColumnFilterModel("state", state ? { filterType: "text", type: "equals", filter: state } : null);
    this.api.onFilterChanged();
  }

  /** Hides the columns in which all runs that are shown agree, or shows them again. */
  differences(only) {
    this.onlyDifferences = only;
    this.tell();
  }

  /** Puts runs that differ in nothing but the seed under one line, or lists them one by one. */
  group(on) {
    this.grouping.set(on);
    this.tell();
  }

  hideColumns(shown) {
    const columns = this.api.getColumns().map((column) => column.getColId()).filter((id) => !id.startsWith("ag-Grid"));
    const hidden = new Set(hiddenColumns(columns, shown, this.onlyDifferences));
    const state = columns.filter((colId) => this.api.getColumn(colId).isVisible() === hidden.has(colId)).map((colId) => ({ colId, hide: hidden.has(colId) }));
    if (state.some(({ colId }) => colId === "notes")) state.push(this.nameState(hidden.has("notes")));
    if (state.length > 0) this.api.applyColumnState({ state });
  }

  /** Notes fill the grid's width; without them names do. */
  nameState(fills) {
    return { colId: "name", ...(fills ? { flex: 1 } : { flex: null, width: this.api.getColumnDef("name").width }) };
  }

  /** Hands out what is shown: a line a run, or a line a group. */
  export() {
    if (this.grouping.on) return download("foldscape-groups.csv", groupsCsv([...this.grouping.lines.values()]));
    const columns = this.api.getAllDisplayedColumns().map((column) => column.getColId()).filter((id) => !id.startsWith("ag-Grid"));
    return download("foldscape-runs.csv", runsCsv(this.grouping.runs(), columns));
  }

  chosen() {
    return this.api.getSelectedRows().map((row) => this.rows.get(row.id) ?? row);
  }

  tell() {
    const states = new Map();
    for (const run of this.rows.values()) states.set(run.state, (states.get(run.state) ?? 0) + 1);
    const all = this.rows.size;
    this.grouping.follow();
    const shown = this.grouping.runs();
    const chosen = this.chosen();
    this.hideColumns(shown);
    this.told({ all, shown: shown.length, states, chosen, words: counted(all, shown.length, chosen.length, this.grouping.lines.size) });
  }

  stop() {
    clearInterval(this.clock);
  }
}
