// What the page shows, as its address and as what is asked of the server. Pure.

export const WEIGHTS = { equal: "equal", validation_accuracy: "by validation accuracy" };
export const CYCLES = "cycles";
export const MATRICES = ["distance", "disagreement", "error_correlation", "barrier", "cell_distance"];
export const START = Object.freeze({ members: [], weights: "equal", ensemble: "", matrix: MATRICES[0] });
const MEMBER = /^([\w-]{1,64})(?:@(cycles|\d{1,15}))?$/;
const ID = /^[\w-]{1,64}$/;

/** A member as people write it, `run`, `run@40` or `run@cycles`, as `{run, step}`; null of anything else. */
export function memberOf(word) {
  const [, run, step] = MEMBER.exec(word) ?? [];
  if (!run) return null;
  return { run, step: step === undefined ? null : step === CYCLES ? CYCLES : Number(step) };
}

export const memberWord = ({ run, step }) => (step === null || step === undefined ? run : `${run}@${step}`);

/** Read an address; what it does not say, or says wrongly, is as at first. */
export function readAddress(search) {
  const said = new URLSearchParams(search);
  const one = (name, allowed) => (allowed.includes(said.get(name)) ? said.get(name) : START[name]);
  return {
    members: (said.get("members") ?? "").split(",").map(memberOf).filter(Boolean),
    weights: one("weights", Object.keys(WEIGHTS)),
    ensemble: ID.test(said.get("ensemble") ?? "") ? said.get("ensemble") : "",
    matrix: one("matrix", MATRICES),
  };
}

/** The address of a view; what is as at first is left out. */
export function writeAddress(state) {
  const said = new URLSearchParams();
  if (state.members.length) said.set("members", state.members.map(memberWord).join(","));
  for (const name of ["weights", "ensemble", "matrix"]) if (state[name] !== START[name]) said.set(name, state[name]);
  return said.size ? `?${said.toString().replaceAll("%2C", ",").replaceAll("%40", "@")}` : "";
}

/** What is asked of the server. */
export const ensembleSpec = ({ members, weights }) => ({ members: members.map(memberWord), weights });

/** A list with the entry at a place moved by so many places, as far as there are any. */
export function reordered(list, at, way) {
  const to = Math.max(0, Math.min(list.length - 1, at + way));
  const rest = list.toSpliced(at, 1);
  return rest.toSpliced(to, 0, list[at]);
}

/** Members once just these runs were chosen: those of runs that stay as they are, then the ends of the new ones. */
export function withRuns(members, runs) {
  const kept = members.filter(({ run }) => runs.includes(run));
  const fresh = runs.filter((run) => !kept.some((member) => member.run === run));
  return [...kept, ...fresh.map((run) => ({ run, step: null }))];
}
