/** The Runs page: the table, its search, what can be done with the selection, and what there is when there is nothing. */

import { element } from "../element.mjs";
import { openLive } from "../live.mjs";
import { onMount } from "../mount.mjs";
import { sayConnection } from "../shell.mjs";
import { act } from "./actions.mjs";
import "./cells.mjs";
import { compareAddress, keepInside, playAddress, runAddress } from "./navigate.mjs";
import { Table } from "./table.mjs";
import { isPlane, possible } from "./words.mjs";

const ORDER = ["running", "queued", "paused", "done", "stopped", "failed", "lost"];

onMount("runs", (root) => {
  let ended = false;
  let table = null;
  let live = null;
  let only = null;
  const page = root.closest(".fr-page");
  const search = element("input.fl-input.fr-search", { type: "search", id: "runs-search", placeholder: "Search every column", "aria-label": "Search", value: new URLSearchParams(location.search).get("q") ?? "", oninput: () => seek() });
  const states = element("div.fr-states", { role: "group", "aria-label": "Show only" });
  const launch = element("a.fp-button.fp-main", { href: "/launch" }, "Launch a run");
  const words = element("span.fr-count", { role: "status" });
  const hands = element("div.fr-hands");
  const empty = element("div.fr-empty", {}, element("h3", {}, "No runs yet"), element("p", {}, "Every net you watch, grow or launch is kept here, with its curves and all its frames."), element("div.fp-row", {}, element("a.fp-button.fp-main", { href: "/" }, "Play one"), element("a.fp-button", { href: "/launch?preset=digits" }, "Launch digits")));
  document.getElementById("runs-tools").replaceChildren(states, search, launch);
  document.getElementById("runs-foot").replaceChildren(words, hands);

  function seek() {
    table?.search(search.value);
    const query = new URLSearchParams(location.search);
    if (search.value) query.set("q", search.value);
    else query.delete("q");
    history.replaceState(history.state, "", `${location.pathname}${query.size > 0 ? `?${query}` : ""}`);
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

  function drawHands(chosen) {
    if (chosen.length === 0) return replaceIfChanged(hands, []);
    const able = (action, runs) => runs.filter((run) => action === "delete" || possible(run)[action]);
    const button = (action, label) => {
      const { length } = able(action, chosen);
      const go = () => act(action, able(action, table.chosen()));
      return element("button.fp-button", { type: "button", disabled: length === 0, onclick: go }, length > 1 ? `${label} ${length}` : label);
    };
    const one = chosen.length === 1 ? chosen[0] : null;
    const links = one ? [element("a.fp-button", { href: runAddress(one.id) }, "Open")] : [];
    if (one && isPlane(one)) links.push(element("a.fp-button", { href: playAddress(one.id) }, "Open in Play"));
    if (!one) links.push(element("a.fp-button", { id: "runs-compare", href: compareAddress(chosen) }, `Compare ${chosen.length}`));
    return replaceIfChanged(hands, [...links, button("stop", "Stop"), button("resume", "Resume"), button("fork", "Fork"), button("delete", "Delete…")]);
  }

  const doAction = ({ detail }) => act(detail.action, detail.runs.map((run) => table?.rows.get(run.id) ?? run));
  window.addEventListener("fs:run-action", doAction);
  const outside = keepInside(page);

  gridApi(root.dataset.grid).then((api) => {
    if (ended || !api) return;
    table = new Table(api, show);
    if (search.value) table.search(search.value);
    live = openLive({ onState: sayConnection, onTable: (changes, acknowledge) => { table.apply(changes); acknowledge(); } });
    window.foldscapeRuns = { table, live };
  });

  return () => {
    ended = true;
    table?.stop();
    live?.close();
    sayConnection(null);
    outside();
    window.removeEventListener("fs:run-action", doAction);
  };
});

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
