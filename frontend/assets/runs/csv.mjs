/** The table as CSV, as it is shown: one line a run, or one a group. Pure, but for the download. */

import { valueOf } from "./differences.mjs";
import { MEASURES } from "./groups.mjs";

/** Writes runs with the columns that are shown, and the id that names each for ever. */
export function runsCsv(runs, columns) {
  const kept = columns.filter((column) => column !== "actions");
  return write(["id", ...kept], runs.map((run) => [run.id, ...kept.map((column) => cell(run, column))]));
}

/** Writes groups: each mean with its deviation and its own count. */
export function groupsCsv(groups) {
  const heads = MEASURES.flatMap(({ key }) => [`${key}_mean`, `${key}_sd`, `${key}_n`]);
  const line = ({ key, method, name, members, seeds, states, means }) => [key, method, name, members.length, states.done ?? 0, ...MEASURES.flatMap((measure) => [means[measure.key].mean, means[measure.key].sd, means[measure.key].n]), seeds.join(" "), members.join(" ")];
  return write(["group", "kind", "name", "runs", "done", ...heads, "seeds", "run_ids"], groups.map(line));
}

/** Hands a text to the browser as a file. */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function cell(run, column) {
  const value = valueOf(run, column);
  if (column === "created") return value ? new Date(value).toISOString() : "";
  return Array.isArray(value) ? value.join(", ") : value;
}

const write = (head, lines) => `${[head, ...lines].map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;

/** Quotes what would break a line, and disarms words that a spreadsheet would read as a formula. */
function quoted(value) {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = String(value ?? "").replace(/^(?=[=+\-@\t\r])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
