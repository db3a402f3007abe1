// Why a number may mislead, in a sentence; empty when nothing speaks against it.

/** The warning for flat channels at a step: pairs of units that look like a minimum and are not. */
export function warningOf(measured, step = Infinity) {
  const channels = measured.at("curvature", step)?.flat_channels ?? [];
  if (!channels.length) return "";
  const [{ layer, units: [first, second] }] = channels;
  const others = channels.length > 1 ? ` and ${channels.length - 1} more` : "";
  return `Flat channel: units ${first + 1} and ${second + 1} of layer ${layer + 1}${others} are almost equal and their outgoing weights run apart. `
    + "The loss looks flat there, yet it is no minimum: it goes on falling slowly.";
}
