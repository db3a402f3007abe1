/** Keeps the lines of groups in the grid: true to the runs that are shown, to what is chosen and to what is unfolded. */

import { arrangeGroups, choiceOf, groupsOf, isGroup } from "./groups.mjs";

export class Grouping {
  constructor(api) {
    this.api = api;
    this.on = false;
    this.unfolded = new Set();
    this.lines = new Map();
    api.setGridOption("postSortRows", ({ nodes }) => this.on && this.order(nodes));
  }

  /** Turns it on or off. */
  set(on) {
    this.on = on;
    this.follow();
    this.api.refreshClientSideRowModel("sort");
  }

  fold(key) {
    if (!this.unfolded.delete(key)) this.unfolded.add(key);
    this.follow();
    this.api.refreshClientSideRowModel("sort");
  }

  /** Chooses all of a group's runs, or none when all are chosen. */
  choose(key) {
    const line = [...this.lines.values()].find((group) => group.key === key);
    if (!line) return;
    const nodes = line.members.map((id) => this.api.getRowNode(id)).filter(Boolean);
    this.api.setNodesSelected({ nodes, newValue: line.choice !== "all" });
  }

  /** Gives the runs that pass search and filters, those of folded groups too, in the order of the table. */
  runs() {
    const found = [];
    this.api.forEachNodeAfterFilterAndSort(({ data }) => !isGroup(data) && found.push(data));
    if (!this.on) return found;
    const seen = new Set(found.map(({ id }) => id));
    this.api.forEachNodeAfterFilter(({ data }) => !isGroup(data) && !seen.has(data.id) && found.push(data));
    return found;
  }

  /** Brings the groups' lines up to date; what did not change is not drawn anew. */
  follow() {
    const chosen = new Set(this.api.getSelectedRows().map(({ id }) => id));
    const groups = this.on ? groupsOf(this.runs()) : [];
    const lines = new Map(groups.map((group) => [group.id, { ...group, choice: choiceOf(group, chosen), unfolded: this.unfolded.has(group.key) }]));
    const change = { add: [], remove: [...this.lines.values()].filter(({ id }) => !lines.has(id)) };
    for (const line of lines.values()) {
      const before = this.lines.get(line.id);
      if (!before) change.add.push(line);
      else if (JSON.stringify(before) !== JSON.stringify(line)) this.api.getRowNode(line.id)?.setData(line); // A transaction would set back what was chosen a moment ago.
    }
    this.lines = lines;
    if (change.add.length + change.remove.length > 0) this.api.applyTransaction(change);
  }

  /** Puts the grid's nodes in order, in place: that is how the grid hears it. */
  order(nodes) {
    const byRow = new Map(nodes.map((node) => [node.data, node]));
    const rows = arrangeGroups([...byRow.keys()], this.unfolded);
    nodes.splice(0, nodes.length, ...rows.map((row) => byRow.get(row)));
  }
}
