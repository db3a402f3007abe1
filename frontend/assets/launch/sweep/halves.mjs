/** The two halves of Launch: one run, or a sweep. The address says which. */

import { element } from "../../element.mjs";
import { onMount } from "../../mount.mjs";

const HALVES = [["run", "One run"], ["sweep", "Sweep"]];

onMount("launch-halves", (root) => {
  const tabs = HALVES.map(([key, words]) => element("button.fl-tab", { type: "button", role: "tab", "data-half": key, onclick: () => choose(key) }, words));
  root.setAttribute("role", "tablist");
  root.replaceChildren(...tabs);

  function show(half) {
    for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.half === half));
    for (const [key] of HALVES) for (const part of document.querySelectorAll(`[data-of-half="${key}"]`)) part.hidden = key !== half;
  }

  function choose(half) {
    show(half);
    if (new URLSearchParams(location.search).get("sweep") && half === "sweep") return;
    history.replaceState(history.state, "", half === "sweep" ? `${location.pathname}?half=sweep` : location.pathname);
  }

  const wanted = new URLSearchParams(location.search);
  show(wanted.get("half") === "sweep" || wanted.get("sweep") ? "sweep" : "run");
});
