import assert from "node:assert/strict";
import test from "node:test";

globalThis.document ??= { documentElement: { dataset: {} } };
globalThis.getComputedStyle ??= () => ({ getPropertyValue: () => "#000" });

test("what comes while a chart is drawn is drawn after it, and only the newest", async () => {
  const drawn = [];
  const open = [];
  globalThis.window = { Plotly: { react: (place, traces) => { drawn.push(traces[0].y[0]); return new Promise((done) => open.push(done)); }, purge: () => {} } };
  const { Chart } = await import("../../frontend/assets/charts.mjs");
  const place = { classList: { add() {} }, setAttribute() {}, textContent: "", clientWidth: 300, clientHeight: 200 };
  const chart = new Chart(place);
  const at = (y) => [{ x: [0, 1], y: [y, y] }];
  const first = chart.update(at(1));
  while (!open.length) await Promise.resolve();
  chart.update(at(2));
  chart.update(at(3));
  open.shift()();
  while (!open.length) await Promise.resolve();
  open.shift()();
  await first;
  assert.deepEqual(drawn, [1, 3]);
});
