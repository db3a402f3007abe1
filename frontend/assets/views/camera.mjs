// An orthographic camera that turns about the middle of a cube from −1 to 1; angles in degrees.

export const START = Object.freeze({ sheet: { azimuth: -32, elevation: 26 }, graph: { azimuth: -32, elevation: 40 }, height: { azimuth: -32, elevation: 48 } });
export const ABOVE = Object.freeze({ azimuth: 0, elevation: 90 });
const LOWEST = 4;
const SIDES = 84; // Pixels for words to the left and right.

const radians = (degrees) => (degrees * Math.PI) / 180;

/** The camera's own axes in space: to the right, up, and towards the eye. */
export function axesOf({ azimuth, elevation }) {
  const [ca, sa, ce, se] = [Math.cos(radians(azimuth)), Math.sin(radians(azimuth)), Math.cos(radians(elevation)), Math.sin(radians(elevation))];
  return { right: [ca, sa, 0], up: [-sa * se, ca * se, ce], toward: [sa * ce, -ca * ce, se] };
}

/** Turn by degrees; the camera never looks from below. */
export const turned = ({ azimuth, elevation }, by, rise) => ({
  azimuth: ((azimuth + by + 540) % 360) - 180,
  elevation: Math.max(LOWEST, Math.min(90, elevation + rise)),
});

/** The map from space to a picture: x and y in pixels, depth growing towards the eye; `tall` is what fits its height. */
export function projection(camera, width, height, tall = 3.25) {
  const { right, up, toward } = axesOf(camera);
  const flat = camera.elevation === 90;
  const scale = Math.min((width - SIDES) / 2.8, height / (flat ? 2.4 : tall));
  const [cx, cy] = [width / 2, height / 2];
  const dot = (a, x, y, z) => a[0] * x + a[1] * y + a[2] * z;
  return {
    scale,
    point: ([x, y, z]) => [cx + scale * dot(right, x, y, z), cy - scale * dot(up, x, y, z), dot(toward, x, y, z)],
    /** Positions [x, y, z, x, …] as [pixel x, pixel y, depth, …]. */
    all(positions) {
      const out = new Float32Array(positions.length);
      for (let i = 0; i < positions.length; i += 3) {
        const [x, y, z] = [positions[i], positions[i + 1], positions[i + 2]];
        out[i] = cx + scale * (right[0] * x + right[1] * y);
        out[i + 1] = cy - scale * (up[0] * x + up[1] * y + up[2] * z);
        out[i + 2] = toward[0] * x + toward[1] * y + toward[2] * z;
      }
      return out;
    },
  };
}
