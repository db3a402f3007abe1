// Which units are active at a point, as a number that follows the units' lasting ids: a unit that is silent there, be
// it new or old, changes nothing, nor does a growth that moves units to another layer: ids are those of the whole net.

/** A well mixed 32-bit number of a unit. */
export function signature(id) {
  let h = Math.imul(id + 1, 0x9e3779b1) ^ 0x85ebca77;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** How far a unit turns the tint where it is active, in turns: never less than a quarter, so that both sides differ. */
export const turnOf = (id) => 0.25 + 0.5 * ((0.37 + 0.618034 * id) % 1);

/**
 * Patterns at P points: `before` as `evaluate` gives it, `units` the lasting ids of each layer. Gives `keys`, one for
 * each pattern, and `phases`, the sum of the turns of the active units, in 0…1.
 */
export function patternsOf(before, units, count) {
  const keys = new Uint32Array(count);
  const phases = new Float64Array(count);
  units.forEach((ids, layer) => {
    const values = before[layer];
    ids.forEach((id, row) => {
      const [mark, turn, from] = [signature(id), turnOf(id), row * count];
      for (let i = 0; i < count; i += 1) {
        if (values[from + i] > 0) { keys[i] = (keys[i] ^ mark) >>> 0; phases[i] += turn; }
      }
    });
  });
  for (let i = 0; i < count; i += 1) phases[i] %= 1;
  return { keys, phases };
}
