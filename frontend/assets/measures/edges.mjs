// The stability edge of the optimiser in use, held against the eigenvalue that it is an edge of. Pure.

const SEVERAL = 3; // Checks in a row above the edge from which a word is due.

/** The eigenvalue that the edge speaks of; null where it was not found, undefined where there is none. */
export function leverOf({ edge_of: of, edge_note: note, lambda_max: lambda, preconditioned }) {
  if (note) return undefined;
  const value = of === "preconditioned" ? preconditioned : lambda;
  return Number.isFinite(value) ? value : null;
}

/** That eigenvalue as a share of its edge: ηλ₁/2 for gradient descent. */
export function edgeRatio(event) {
  const lever = leverOf(event);
  return lever ? lever / event.edge : lever;
}

export const edgeName = ({ edge_name: name }) => name ?? "2/η";

/** What is divided by what, in a few letters. */
export function ratioName(event) {
  if (event.edge_of === "preconditioned") return `λ₁(D⁻¹H) by ${edgeName(event)}`;
  return edgeName(event) === "2/η" ? "ηλ₁/2" : `λ₁ by ${edgeName(event)}`;
}

/** Where the ratio crosses 1, from one measurement to the next: [{epoch, edge, up}]. Gaps and unknown values cross nothing. */
export function crossings(list) {
  const found = [];
  for (let i = 1; i < list.length; i += 1) {
    const [before, after] = [list[i - 1], list[i]].map((event) => edgeRatio(event) ?? NaN);
    if (!(before < 1 && after >= 1) && !(before >= 1 && after < 1)) continue;
    const share = (1 - before) / (after - before);
    found.push({ epoch: list[i - 1].epoch + share * (list[i].epoch - list[i - 1].epoch), edge: list[i].edge, up: after >= 1 });
  }
  return found;
}

/** How many of the newest checks until a step lie above the edge, one after the other. */
export function checksAbove(list, step = Infinity) {
  const until = list.filter((event) => event.step <= step);
  let count = 0;
  while (count < until.length && edgeRatio(until[until.length - 1 - count]) > 1) count += 1;
  return count;
}

/** A sentence when the curvature stays above the edge for several checks, else empty. */
export function edgeAlert(list, step = Infinity) {
  const count = checksAbove(list, step);
  if (count < SEVERAL) return "";
  return `Above ${edgeName(list.at(-1))} for ${count} checks in a row: steps along v₁ overshoot. `
    + "Where the loss goes on falling over many steps, this is the edge of stability; where it does not, the learning rate is too high.";
}
