/** The page of the study "utilisation of approximability": one button, live counts, the table and what follows. */

import { getJson, send } from "../api.mjs";
import { onTheme, throttle } from "../dom.mjs";
import { onMount } from "../mount.mjs";
import { announce } from "../runs/actions.mjs";
import { sayConnection } from "../shell.mjs";
import { follow } from "../follow.mjs";
import { showPast } from "./past.mjs";
import { Start } from "./start.mjs";
import { Strips } from "./strips.mjs";
import { showDiffers, showFindings, showTable } from "./table.mjs";
import { isOver } from "../states.mjs";

const TABLE_EVERY = 300;
const at = (id) => `/api/studies/${encodeURIComponent(id)}`;
const place = (name) => document.getElementById(`utilisation-${name}`);

onMount("utilisation", (root) => {
  const kind = JSON.parse(root.dataset.told);
  let ended = false;
  let study = null;
  let rows = new Map();
  let close = () => {};
  let tries = 0;

  const about = () => study?.about ?? kind.about;
  const strips = new Strips(place("strips"), kind.about);
  const start = new Start(place("start"), kind, { start: begin, stop });
  const drawTable = throttle(() => showTable(place("table"), [...rows.values()], about(), study && `${at(study.id)}/table?format=csv`), TABLE_EVERY);

  function show(found) {
    study = found;
    const wanted = found ? found.rows : kind.rows.filter((row) => kind.quick.includes(row.method));
    rows = new Map(wanted.map((row) => [row.key, row]));
    strips.lay(wanted, (found?.spec ?? kind.spec).steps);
    drawTable();
    showDiffers(place("differs"), about());
    said();
  }

  function said() {
    start.show(study);
    showFindings(place("findings"), study ?? { findings: [] }, about());
  }

  async function open(id) {
    close();
    const found = await getJson(at(id)).catch((error) => (start.complain(error), null));
    if (ended) return;
    list();
    if (!found) return;
    start.complain(null);
    show(found);
    history.replaceState(history.state, "", `${location.pathname}?study=${encodeURIComponent(id)}`);
    if (!isOver(found)) watch(found);
  }

  function watch({ id, last }) {
    close = follow(at(id), last, {
      live() { tries = 0; sayConnection({ state: "live" }); },
      lost() { sayConnection({ state: "lost", since: Date.now(), tries }); tries += 1; },
      end() { sayConnection(null); open(id); },
      state(word) {
        if (word === study.state) return;
        Object.assign(study, { state: word });
        open(id); // A study that begins again has empty rows.
      },
      progress(told) {
        for (const row of told.rows) { rows.set(row.key, row); strips.show(row); }
        Object.assign(study, { state: "running", share: told.share, doing: told.doing, left_s: Number(told.left_s || NaN) });
        start.show(study);
        drawTable();
      },
    });
  }

  async function begin(spec) {
    start.complain(null);
    try {
      await open((await send("POST", "/api/studies", spec)).id);
    } catch (error) { start.complain(error); }
  }

  async function stop() {
    Object.assign(study, { stopping: true });
    start.show(study);
    await send("POST", `${at(study.id)}/stop`).then(({ state }) => isOver({ state }) && open(study.id), (error) => start.complain(error));
  }

  async function forget(other) {
    await send("DELETE", at(other.id)).catch((error) => announce(error.message));
    announce(`Deleted: ${other.name}`);
    if (other.id === study?.id) { close(); sayConnection(null); history.replaceState(history.state, "", location.pathname); show(null); }
    list();
  }

  async function list() {
    const { studies } = await getJson("/api/studies").catch((error) => (start.complain(error), { studies: [] }));
    if (!ended) showPast(place("past"), studies, study?.id, { open, forget });
    return studies;
  }

  async function first() {
    show(null);
    const wanted = new URLSearchParams(location.search).get("study");
    if (wanted) return open(wanted);
    const studies = await list();
    const going = studies.find((each) => !isOver(each)) ?? studies.find((each) => each.state === "done") ?? studies[0];
    return going && !ended && open(going.id);
  }

  const theme = onTheme(() => strips.redraw());
  first();
  return () => {
    ended = true;
    close();
    theme();
    strips.close();
    drawTable.cancel();
    sayConnection(null);
  };
});
