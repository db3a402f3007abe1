// The one binary socket of a page: names its cursors, acknowledges what was drawn, comes back by itself.

import { BATCH, ERROR, parseMessage, readBatch } from "./wire.mjs";

export const START = "0-0";
const FIRST_WAIT = 250;
const LONGEST_WAIT = 8000;
const SILENCE = 40_000; // The server says something every 15 s; after this long the line is dead.

/** Milliseconds to wait before try number `tries` (from 0), with jitter from a number in [0, 1). */
export function backoff(tries, chance) {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries) * (0.75 + 0.5 * chance);
}

/** Add a batch's cursors to those of a run; a cursor never goes back. */
export function advance(cursors, news) {
  const next = { ...cursors };
  for (const [stream, id] of Object.entries(news ?? {})) {
    if (id && compareIds(id, next[stream] ?? START) > 0) next[stream] = id;
  }
  return next;
}

/** Order two ids `<step>-<seq>`. */
export function compareIds(first, second) {
  const [stepA, seqA = 0] = String(first).split("-").map(Number);
  const [stepB, seqB = 0] = String(second).split("-").map(Number);
  return stepA - stepB || seqA - seqB;
}

/**
 * Open the live socket.
 *
 * `onBatch(batch, acknowledge)` gets every batch and calls `acknowledge()` once it is drawn; `onState(state)` gets
 * `{state: "connecting" | "live" | "lost", since, tries}` at each change; `onError(message)` what the server refused;
 * with `onTable(changes, acknowledge)` the table of all runs is followed too: `{runs, deleted, cursor, all}`.
 */
export function openLive({
  url = liveUrl(), onBatch = (_, acknowledge) => acknowledge(), onState = () => {}, onError = () => {}, onTable = null,
  Socket = WebSocket,
}) {
  const watched = new Map();
  let table = "";
  let socket = null;
  let tries = 0;
  let timer = 0;
  let closed = false;
  let heard = Date.now();
  let state = { state: "connecting", since: Date.now(), tries: 0 };

  const tell = (name) => {
    const since = state.state === name ? state.since : Date.now();
    state = { state: name, since, tries };
    onState(state);
  };
  const say = () => {
    const runs = onTable ? { watch_runs: table || true } : {};
    if (socket?.readyState === 1) socket.send(JSON.stringify({ watch: Object.fromEntries(watched), ...runs }));
  };
  const receive = ({ data }) => {
    heard = Date.now();
    const message = parseMessage(data);
    if (message.kind === ERROR) return onError(message.head.error);
    if (message.kind !== BATCH) return undefined;
    const batch = readBatch(message);
    const from = socket;
    const acknowledge = () => from?.readyState === 1 && from.send("a");
    if (batch.run === null && onTable) {
      table = batch.cursor;
      return onTable(batch, acknowledge);
    }
    if (!watched.has(batch.run)) return acknowledge();
    watched.set(batch.run, advance(watched.get(batch.run), batch.cursors));
    return onBatch(batch, acknowledge);
  };
  const lose = () => {
    socket = null;
    if (closed) return;
    tell("lost");
    timer = setTimeout(connect, backoff(tries, Math.random()));
    tries += 1;
  };
  function connect() {
    clearTimeout(timer);
    if (closed || socket) return;
    const mine = new Socket(url);
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.onopen = () => { tries = 0; heard = Date.now(); tell("live"); say(); };
    mine.onmessage = (event) => mine === socket && receive(event);
    mine.onclose = () => mine === socket && lose();
    mine.onerror = () => mine.close();
  }
  const watchdog = setInterval(() => {
    if (socket?.readyState === 1 && Date.now() - heard > SILENCE) socket.close();
  }, 5000);
  const online = () => { tries = 0; connect(); };
  globalThis.addEventListener?.("online", online);
  tell("connecting");
  connect();

  return {
    get state() { return state; },
    /** Follow a run from the given cursors on. */
    watch(run, cursors = {}) {
      watched.set(run, { metrics: START, events: START, frames: START, ...cursors });
      say();
    },
    unwatch(run) { if (watched.delete(run)) say(); },
    cursors: (run) => ({ ...watched.get(run) }),
    retry: online,
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(watchdog);
      globalThis.removeEventListener?.("online", online);
      socket?.close();
    },
  };
}

const liveUrl = () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`;
