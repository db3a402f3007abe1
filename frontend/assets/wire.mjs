// Messages of the live socket and of the frame history: a u32 kind, a u32 length, a JSON head padded to eight bytes,
// and raw little-endian arrays behind it.

export const BATCH = 1;
export const HEARTBEAT = 2;
export const ERROR = 3;

const TYPES = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, i8: BigInt64Array,
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, u8: BigUint64Array, b1: Uint8Array,
};
const text = new TextDecoder();

/** Read one message: its kind, its head and its body (a Uint8Array over the same memory). */
export function parseMessage(buffer) {
  const view = new DataView(buffer);
  const kind = view.getUint32(0, true);
  const length = view.getUint32(4, true);
  const head = length ? JSON.parse(text.decode(new Uint8Array(buffer, 8, length))) : {};
  const start = Math.min(buffer.byteLength, 8 + Math.ceil(length / 8) * 8);
  return { kind, head, body: new Uint8Array(buffer, start) };
}

/** Read an array, or a list of arrays, by its entry in a head. Each array carries its `shape`. */
export function readArray(entry, body) {
  if (entry.length === 0 || Array.isArray(entry[0])) return entry.map((part) => readArray(part, body));
  const [dtype, shape, offset] = entry;
  const type = TYPES[dtype.slice(1)];
  const count = shape.reduce((product, size) => product * size, 1);
  const at = body.byteOffset + offset;
  const array = at % type.BYTES_PER_ELEMENT === 0
    ? new type(body.buffer, at, count)
    : new type(body.slice(offset, offset + count * type.BYTES_PER_ELEMENT).buffer);
  array.shape = shape;
  return array;
}

/** Read an event: its plain values with its arrays beside them. */
function readEvent(head, body) {
  const { arrays, ...event } = head;
  for (const [name, entry] of Object.entries(arrays ?? {})) event[name] = readArray(entry, body);
  return event;
}

/** Read a batch: run, cursors, state and events. */
export function readBatch({ head, body }) {
  return { ...head, events: (head.events ?? []).map((event) => readEvent(event, body)) };
}

/** Read a base64 typed array `{dtype, shape, bdata}`, the form arrays take in JSON. */
export function readBase64({ dtype, shape, bdata }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  const type = TYPES[dtype.replace(/^[<>|=]/, "")];
  const array = new type(bytes.buffer);
  array.shape = typeof shape === "string" ? shape.split(",").map(Number) : shape ?? [array.length];
  return array;
}

/** The name of an event among all events of its run: its step, then its place in the step. */
export const eventId = (event) => `${event.step}-${event.seq}`;

/** The id of an event's entry in its stream; one more than its place, because Redis refuses `0-0`. */
export const entryId = (event) => `${event.step}-${event.seq + 1}`;
