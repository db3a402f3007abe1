// An input as a picture: grey ones as ink on paper, colour ones from their planes.

/**
 * The pixels of a picture, `{width, height, data}` with four bytes each.
 *
 * `values`: its numbers begin at `from`; `most` of them is full. `shape`: `[rows, columns]`, or `[3, rows, columns]` of
 * three planes, red, green and blue. `ink`: whether a grey 0 is paper, as in handwriting, and not darkness, as in photographs.
 */
export function pixelsOf(values, shape, { from = 0, most = 1, ink = true } = {}) {
  const [height, width] = shape.slice(-2);
  const size = height * width;
  const planes = shape.length === 3 && shape[0] === 3 ? 3 : 1;
  const data = new Uint8ClampedArray(4 * size).fill(255);
  for (let i = 0; i < size; i += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const level = Math.round(255 * Math.max(0, Math.min(1, values[from + (planes === 3 ? colour : 0) * size + i] / most)));
      data[4 * i + colour] = planes === 1 && ink ? 255 - level : level;
    }
  }
  return { width, height, data };
}

/** Draw a picture on a canvas, a pixel a pixel; arguments as `pixelsOf`. */
export function drawPixels(canvas, values, shape, how) {
  const { width, height, data } = pixelsOf(values, shape, how);
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
}
