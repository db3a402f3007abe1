/** The Launch page: one draft, two views of it, one check on the server. */

import { createRun, getJson, readRun } from "../api.mjs";
import { BlockDrawing } from "../blocks/drawing.mjs";
import { element } from "../element.mjs";
import { onMount } from "../mount.mjs";
import { drawSchedule } from "../schedule.mjs";
import { keepInside } from "../runs/navigate.mjs";
import { rateOf, readTags } from "../runs/words.mjs";
import { mending, percent } from "../words.mjs";
import { Form } from "./form.mjs";
import { followLaunched } from "./launched.mjs";
import { Side } from "./views.mjs";

const KEEP = "foldscape-launch-draft";
const TIMED = 3; // Runs that correct what a run is foreseen to cost.
const PATIENCE = 200; // Milliseconds of quiet before a draft is sent for its check.

onMount("launch", (root) => {
  const { plan, presets } = JSON.parse(root.dataset.told);
  let serial = 0;
  let timed = [];
  let rates = null;
  let noGpu = false;
  timedRuns().then((runs) => { timed = runs; }, () => {});
  getJson("/api/rates").then((found) => { rates = found; }, () => {});
  let timer = 0;
  let answer = null;
  let heard = [];
  const followed = [];
  const blocks = new BlockDrawing();
  const side = new Side(document.getElementById("launch-side"), { edited: (text) => { forgetOrigin(); ask({ view: "yaml", text }); }, renamed: () => ask({ view: "form", spec: form.spec }), launch });
  const form = new Form(document.getElementById("launch-form"), plan, (spec) => { forgetOrigin(); ask({ view: "form", spec }); });

  function ask(draft, wait = PATIENCE) {
    serial += 1;
    clearTimeout(timer);
    const sent = { ...draft, serial, name: side.name.box.value.trim(), timed, rates, no_gpu: noGpu };
    timer = setTimeout(() => window.dash_clientside.set_props("launch-draft", { data: sent }), wait);
  }

  /** A card that comes or goes changes what can be launched. */
  function heardHealth({ detail: { queues } }) {
    const gone = Boolean(queues?.gpu) && !queues.gpu.workers && !queues.gpu.warming;
    if (gone === noGpu) return;
    noGpu = gone;
    if (answer?.spec?.device === "cuda") ask({ view: "form", spec: form.spec });
  }

  function hear({ detail }) {
    if (!detail || detail.serial !== serial) return;
    answer = detail;
    if (detail.view === "yaml" && detail.spec) form.show(detail.spec);
    if (detail.view !== "yaml") side.write({ yaml: detail.yaml });
    side.write({ python: detail.python, command: detail.command });
    side.trouble.textContent = detail.spec === null ? detail.problems[0].message : "";
    const homeless = form.complain(detail.problems);
    side.general.textContent = detail.spec === null ? "" : homeless.map(({ message }) => message).join(" · ");
    form.picture("lr_schedule", drawSchedule(detail.schedule));
    drawNet(detail.net);
    side.estimate.textContent = detail.ok ? detail.estimate.line : mending(detail.problems.length);
    side.ask(detail.ok ? detail.estimate.ask : "");
    heard.forEach((tell) => tell());
    heard = [];
    if (detail.spec) sessionStorage.setItem(KEEP, JSON.stringify(detail.spec));
  }

  /** Shows the net that the draft now says, and greys out the kinds that cannot read its data. */
  function drawNet(net) {
    if (net) form.refuse("net", net.unread);
    const facts = net?.facts;
    form.picture("net", facts ? blocks.root : null);
    if (facts) blocks.draw(facts);
  }

  /** Waits for the answer about what stands in the form now. */
  async function judged() {
    while (answer?.serial !== serial) await new Promise((tell) => heard.push(tell));
    return answer;
  }

  async function launch() {
    side.button.disabled = true;
    side.general.textContent = "";
    if (!(await judged()).ok) {
      side.button.disabled = false;
      hear({ detail: answer });
      return form.showFirst();
    }
    if (answer.estimate.ask && !side.agreed.checked) {
      side.button.disabled = false;
      side.general.textContent = `Accept ${percent(answer.estimate.probe_share)} measuring time, or measure less often.`;
      return side.agreed.focus();
    }
    try {
      const words = { name: side.name.box.value.trim() || null, tags: readTags(side.tags.box.value), notes: side.notes.box.value.trim() || null };
      const created = await createRun(answer.spec, { origin: "launch", ...words });
      followed.push(followLaunched(side.result, created));
    } catch (error) {
      const fields = (error.fields ?? []).map((field) => ({ ...field, allowed: "" })); // The server's words say it already.
      const homeless = form.complain(fields);
      const general = error.fields?.length > 0 ? homeless.map(({ message }) => message) : [error.message, error.hint].filter(Boolean);
      side.general.textContent = general.join(" · ");
    }
    side.button.disabled = false;
    return undefined;
  }

  /** Without a name, the one that stands there stays. */
  function load(spec, name) {
    if (name !== undefined) side.name.box.value = name;
    form.show(spec);
    ask({ view: "form", spec: form.spec }, 0);
  }

  async function begin() {
    const wanted = new URLSearchParams(location.search);
    const kept = sessionStorage.getItem(KEEP);
    const preset = presets.find((each) => each.key === wanted.get("preset"));
    if (wanted.get("like")) {
      try {
        const { spec } = await readRun(wanted.get("like"));
        return load(wanted.get("start") ? { ...spec, start: startOf(wanted.get("start")), commands: [] } : spec);
      } catch (error) {
        side.general.textContent = error.message;
      }
    }
    return load(preset ? preset.spec : kept ? JSON.parse(kept) : presets[0].spec);
  }

  const buttons = presets.map((preset) => element("button.fl-preset", { type: "button", title: preset.about, onclick: () => load(preset.spec, preset.name) }, preset.label));
  document.getElementById("launch-presets").replaceChildren(element("span.fl-help", {}, "start from"), ...buttons);
  window.addEventListener("launch-answer", hear);
  window.addEventListener("fs:health", heardHealth);
  ready().then(begin);
  const outside = keepInside(document.getElementById("launch-side"));
  return () => {
    outside();
    blocks.close();
    window.removeEventListener("fs:health", heardHealth);
    clearTimeout(timer);
    window.removeEventListener("launch-answer", hear);
    followed.forEach((stop) => stop());
  };
});


/** Reads `run@step`, as the page of a run writes it. */
function startOf(text) {
  const [run, step] = text.split("@");
  return { run, step: step ? Number(step) : null };
}


/** The newest runs whose probes workers have timed: they tell how fast this machine is. */
async function timedRuns() {
  const { runs } = await getJson("/api/runs?most=500");
  const newest = runs.filter(({ probe_ms: ms }) => Object.keys(ms ?? {}).length).sort((a, b) => b.created - a.created).slice(0, TIMED);
  const told = await Promise.all(newest.map(({ id }) => readRun(id)));
  return told.map((run) => ({ spec: run.spec, probe_ms: run.probe_ms, rate: rateOf(run) }));
}

/** Once edited, the draft is no longer what the address names; a reload then keeps the edits. */
const forgetOrigin = () => location.search && history.replaceState(history.state, "", location.pathname);

/** Waits until Dash can be handed a property. */
async function ready() {
  while (!window.dash_clientside?.set_props) await new Promise((resolve) => setTimeout(resolve, 20));
}
