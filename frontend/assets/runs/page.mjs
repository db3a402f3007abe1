/** The Runs page: the table, its search, what can be done with the selection, and what there is when there is nothing. */

import { readHealth } from "../api.mjs";
import { element } from "../element.mjs";
import { openLive } from "../live.mjs";
import { closeModal } from "../modal.mjs";
import { onMount } from "../mount.mjs";
import { sayConnection } from "../shell.mjs";
import { act } from "./actions.mjs";
import "./cells.mjs";
import { emptyState } from "./empty.mjs";
import "./group-row.mjs";
import { handsOn } from "./hands.mjs";
import { keepInside } from "./navigate.mjs";
import { Table } from "./table.mjs";
import { keptWords } from "./words.mjs";

const ORDER = ["running", "queued", "paused", "done", "stopped", "failed", "lost"];

onMount("runs", (root) => {
  let ended = false;
  let table = null;
  let live = null;
  let only = null;
  const page = root.closest(".fr-page");
  const asked = new URLSearchParams(location.search);
  const search = element("input.fl-input.fr-search", { type: "search", id: "runs-search", placeholder: "kind:grown batch>=64 tag:table1, or words of a name", "aria-label": "Search", "aria-describedby": "runs-wrong", value: asked.get("q") ?? "", oninput: () => seek() });
  const wrong = element("span.fr-wrong", { id: "runs-wrong", role: "alert" });
  const group = toggle("runs-group", "Group by all but seed", asked.get("group") === "settings", () => regroup());
  const differences = toggle("runs-differences", "Only differences", asked.get("only") === "differences", () => differ());
  const states = element("div.fr-states", { role: "group", "aria-label": "Show only" });
  const launch = element("a.fp-button.fp-main", { href: "/launch" }, "Launch a run");
  const words = element("span.fr-count", { role: "status" });
  const kept = element("span.fr-kept");
  readHealth().then((health) => { kept.textContent = keptWords(health.kept); }, () => {});
  const hands = element("div.fr-hands");
  const empty = emptyState();
  document.getElementById("runs-tools").replaceChildren(states, launch);
  document.getElementById("runs-bar").replaceChildren(search, group, differences, wrong);
  document.getElementById("runs-foot").replaceChildren(words, kept, hands);

  function seek() {
    const sentences = table?.search(search.value) ?? [];
    wrong.textContent = sentences.join(" ");
    wrong.title = wrong.textContent;
    search.setAttribute("aria-invalid", String(sentences.length > 0));
    address("q", search.value);
  }

  function regroup() {
    table?.group(isOn(group));
    address("group", isOn(group) ? "settings" : "");
  }

  function differ() {
    table?.differences(isOn(differences));
    address("only", isOn(differences) ? "differences" : "");
  }

  function show(facts) {
    words.textContent = facts.words;
    page.classList.toggle("fr-none", facts.all === 0);
    drawStates(facts);
    drawHands(facts.chosen);
    const place = page.querySelector(".fr-place");
    if (facts.all === 0 && !empty.isConnected) place.after(empty);
    if (facts.all > 0) empty.remove();
  }

  function drawStates({ all, states: counts }) {
    if (only && !counts.has(only)) choose(null);
    const chip = (key, label, count) => element("button.fr-filter", { type: "button", "aria-pressed": String(only === key), onclick: () => choose(only === key ? null : key) }, key ? element("span.fr-dot", { "data-state": key }) : null, `${label} `, element("b", {}, String(count)));
    const chips = ORDER.filter((state) => counts.has(state)).map((state) => chip(state, state, counts.get(state)));
    replaceIfChanged(states, chips.length > 1 ? [chip(null, "all", all), ...chips] : []);
  }

  function choose(state) {
    only = state;
    table?.only(state).then(() => table.tell());
  }

  const drawHands = (chosen) => replaceIfChanged(hands, handsOn(chosen, () => table.chosen(), () => table.export()));

  const doAction = ({ detail }) => act(detail.action, detail.runs.map((run) => table?.rows.get(run.id) ?? run));
  const onGroup = ({ detail }) => table?.grouping[detail.action](detail.key);
  window.addEventListener("fs:run-action", doAction);
  window.addEventListener("fs:run-group", onGroup);
  const outside = keepInside(page);

  gridApi(root.dataset.grid).then((api) => {
    if (ended || !api) return;
    table = new Table(api, show);
    if (search.value) seek();
    if (isOn(group)) regroup();
    if (isOn(differences)) differ();
    live = openLive({ onState: sayConnection, onTable: (changes, acknowledge) => { table.apply(changes); acknowledge(); } });
    window.foldscapeRuns = { table, live };
  });

  return () => {
    ended = true;
    table?.stop();
    live?.close();
    sayConnection(null);
    outside();
    closeModal();
    window.removeEventListener("fs:run-action", doAction);
    window.removeEventListener("fs:run-group", onGroup);
  };
});

/** A switch with its name. */
function toggle(id, label, on, changed) {
  return element("label.fr-switch", {}, element("input", { type: "checkbox", id, role: "switch", checked: on, onchange: changed }), label);
}

const isOn = (label) => label.firstElementChild.checked;

/** Writes one thing that is asked into the page's address, so that a reload and a link show the same. */
function address(name, value) {
  const query = new URLSearchParams(location.search);
  if (value) query.set(name, value);
  else query.delete(name);
  history.replaceState(history.state, "", `${location.pathname}${query.size > 0 ? `?${query}` : ""}`);
}

/** Puts new children into a place only when they differ, so that focus and hover survive. */
function replaceIfChanged(place, children) {
  const next = children.map((child) => child.outerHTML).join("");
  if (place.dataset.drawn === next) return;
  place.dataset.drawn = next;
  place.replaceChildren(...children);
}

async function gridApi(id) {
  while (!window.dash_ag_grid?.getApiAsync) await new Promise((resolve) => setTimeout(resolve, 20));
  return window.dash_ag_grid.getApiAsync(id);
}
