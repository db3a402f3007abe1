/** The sweep half of Launch: one draft in two views, judged on the server at each edit; and the sweep that was launched. */

import { getJson, readHealth, send } from "../../api.mjs";
import { calm } from "../../dom.mjs";
import { element } from "../../element.mjs";
import { fetchMeasures } from "../../measures/declared.mjs";
import { onMount } from "../../mount.mjs";
import { fetchNets } from "../../nets.mjs";
import { announce } from "../../runs/actions.mjs";
import { draftOf } from "./draft.mjs";
import { SweepForm } from "./form.mjs";
import { Live } from "./live.mjs";
import { showPast } from "./past.mjs";
import { SweepSide } from "./side.mjs";
import { byGroup, presetWords } from "./words.mjs";

const FIRST = "table1-digits";
const KEEP = "foldscape-sweep-draft";
const PATIENCE = 200; // Milliseconds of quiet before a draft is judged.
const place = (name) => document.getElementById(`sweep-${name}`);

onMount("launch-sweep", (root) => {
  const choices = JSON.parse(root.dataset.told);
  let ended = false;
  let serial = 0;
  let timer = 0;
  let judged = null;
  const side = new SweepSide(place("side"), { edited: (text) => ask({ text }), launch });
  const form = new SweepForm(place("form"), choices, ({ spec }) => ask({ spec }));
  const live = new Live(place("live"), () => list());

  function ask(draft, wait = PATIENCE) {
    serial += 1;
    const mine = serial;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const found = await send("POST", "/api/sweeps/estimate", draft).catch((error) => ({ problems: [{ path: "", message: error.message }], estimate: null }));
      if (!ended && mine === serial) hear(found, "text" in draft);
    }, wait);
  }

  function hear(found, typed) {
    judged = found;
    if (typed && found.spec) form.show(draftOf(found.spec));
    side.write(typed ? { python: found.python } : { yaml: found.yaml, python: found.python });
    side.tell(found, form.complain(found.problems));
    form.note(found.needs ?? []);
    if (found.yaml) sessionStorage.setItem(KEEP, found.yaml);
  }

  async function launch(kind) {
    if (!judged?.estimate) return;
    const name = encodeURIComponent(side.name.value.trim());
    try {
      const made = await send("POST", `/api/sweeps?kind=${kind}&name=${name}`, judged.spec);
      await open(made.id);
      window.scrollTo({ top: 0, behavior: calm() ? "instant" : "smooth" });
    } catch (error) {
      side.tell({ estimate: null, problems: error.fields ?? [] }, form.complain(error.fields?.length > 0 ? error.fields : [{ path: "", message: [error.message, error.hint].filter(Boolean).join(" ") }]));
    }
  }

  async function open(id) {
    try {
      await live.open(id);
    } catch (error) {
      return announce(error.message);
    }
    if (!ended) history.replaceState(history.state, "", `${location.pathname}?sweep=${encodeURIComponent(id)}`);
    return undefined;
  }

  async function list() {
    const { sweeps } = await getJson("/api/sweeps").catch(() => ({ sweeps: [] }));
    if (ended) return;
    showPast(place("past"), sweeps, live.sweep?.id, { open, forget });
    const health = await readHealth().catch(() => null);
    const ahead = sweeps.filter(({ state }) => state === "queued" || state === "running").length;
    if (health && !ended) side.queue({ workers: health.workers.filter(({ queue }) => queue === "batch").length, ahead });
    if (judged?.spec && live.sweep?.kind === "try" && live.sweep.state === "done") ask({ spec: form.draft.spec }, 0);
  }

  async function forget(sweep) {
    await send("DELETE", `/api/sweeps/${encodeURIComponent(sweep.id)}`).catch((error) => announce(error.message));
    announce(`Deleted: ${sweep.name}`);
    if (sweep.id === live.sweep?.id) { place("live").hidden = true; history.replaceState(history.state, "", `${location.pathname}?half=sweep`); }
    list();
  }

  async function begin() {
    const [presets] = await Promise.all([getJson("/api/sweep-presets"), fetchMeasures(), fetchNets()]);
    if (ended) return;
    form.model = presets[FIRST]?.model;
    const load = (text) => { side.write({ yaml: text }); ask({ text }, 0); };
    const kept = sessionStorage.getItem(KEEP);
    const options = byGroup(presets).map(([label, members]) => element("optgroup", { label }, members.map(([key, one]) => element("option", { value: key, selected: !kept && key === FIRST }, presetWords(one)))));
    const chosen = element("select.fl-input", { id: "sweep-preset", "aria-label": "start from", onchange: (event) => presets[event.target.value] && load(presets[event.target.value].text) }, element("option", { value: "" }, kept ? "the draft of before" : "choose …"), ...options);
    place("presets").replaceChildren(element("span.fl-help", {}, "start from"), chosen);
    load(kept ?? (presets[FIRST] ?? Object.values(presets)[0]).text);
    list();
    const wanted = new URLSearchParams(location.search).get("sweep");
    if (wanted) open(wanted);
  }

  begin();
  return () => {
    ended = true;
    clearTimeout(timer);
    live.close();
  };
});
