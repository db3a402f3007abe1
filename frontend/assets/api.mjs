// Calls of the HTTP API; every refusal becomes an ApiError that names the fields.

import { parseMessage, readArray, readBase64, readBatch } from "./wire.mjs";

export class ApiError extends Error {
  constructor(status, { code = "error", message = "", hint = "", fields = [] } = {}) {
    super(message || `the server answered ${status}`);
    Object.assign(this, { status, code, hint, fields: fields ?? [] });
  }
}

async function call(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, told.error);
}

/** Values as a query; a list repeats its name, what is null is left out. */
const query = (values) => {
  const pairs = Object.entries(values).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  return new URLSearchParams(pairs.filter(([, value]) => value != null)).toString();
};

export const getJson = async (path) => (await call("GET", path)).json();

async function getMessage(path) {
  return parseMessage(await (await call("GET", path)).arrayBuffer());
}

export async function send(method, path, body) {
  const answer = await call(method, path, body);
  return answer.status === 204 ? null : answer.json();
}

const run = (id) => `/api/runs/${encodeURIComponent(id)}`;

export const createRun = (spec, more = {}) => send("POST", `/api/runs?${query({ origin: "play", ...more })}`, spec);
export const readRun = (id) => getJson(run(id));
/** Change what people write about a run. */
export const patchRun = (id, change) => send("PATCH", run(id), change);
export const command = (id, body) => send("POST", `${run(id)}/commands`, body);
export const fork = (id, body) => send("POST", `${run(id)}/fork`, body);
/** Learning rates, restarts and batch sizes along the run that a spec describes. */
export const previewSchedule = (spec) => send("POST", "/api/schedule", spec);
/** Name, size and blocks of a net on some data; `structure` are the inner widths that growth has made. */
export const planNet = (data, net, structure = null) => send("POST", "/api/nets/plan", { data, net, structure });
export const readSchema = () => getJson("/api/schema");
export const readHealth = () => getJson("/api/health");

/** The frames of a run between two ids, evenly thinned when there are more than `most`. */
export async function readFrames(id, { after, before, most = 600 } = {}) {
  return readBatch(await getMessage(`${run(id)}/frames?${query({ after, before, most })}`)).events;
}

/** Some points to look at: `{labels, inputs, sentences}`; `inputs` is null where they mean nothing to the eye. */
export async function readExamples(id, part, indices) {
  const found = await getJson(`${run(id)}/examples?${query({ part, index: indices })}`);
  return { ...found, inputs: found.inputs && readBase64(found.inputs) };
}

/** The nearest training points of some test points: `{nearest, novelty, labels}`. */
export const readNearest = (id, indices) => getJson(`${run(id)}/nearest?${query({ index: indices })}`);

/** What a run learns: `{classes, names, image_shape, ink, train_size, validation_size, test_size}`, of plane sets all points as well. */
export async function readData(id) {
  const { head, body } = await getMessage(`${run(id)}/data`);
  const arrays = head.arrays ?? {};
  const points = Object.fromEntries(Object.entries(arrays).map(([name, entry]) => [name, readArray(entry, body)]));
  return { ...head, ...points };
}
