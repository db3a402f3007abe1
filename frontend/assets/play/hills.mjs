// The hills of a run as Play knows them: its settings, what stands, and the commands that change it.

/** Settings that say what hills are like; a change of one is told to a run that has hills. */
export const HILLS = { hillStrength: "strength", hillWidth: "sigma_rel", hillKernel: "kernel", hillScope: "scope" };
export const USUAL = { strength: 1, sigma_rel: 1, kernel: "rbf", scope: "all" };

const some = (command, names) => Object.fromEntries(names.filter((name) => command[name] !== null && command[name] !== undefined).map((name) => [name, command[name]]));

/** The settings of a run's hills, as the fields of `set_hills`. */
const hillSpec = (settings) => Object.fromEntries(Object.entries(HILLS).map(([name, field]) => [field, settings[name]]));

/** The other way round: from what a run says to the settings of the page. */
export const fromHills = (said) => Object.fromEntries(Object.entries(HILLS).filter(([, field]) => said[field] !== null && said[field] !== undefined).map(([name, field]) => [name, said[field]]));

/** What a run has heard and said of its hills. */
export class HillRecord {
  constructor(terms = []) {
    this.term = terms.find(({ kind }) => kind === "hills") ?? null; // Null while the run has none.
    this.standing = []; // {number, step, sigma}, the oldest first.
  }

  /** A command took effect. */
  hear(command) {
    if (!["hill", "set_hills"].includes(command.kind)) return;
    this.term ??= { ...USUAL };
    if (command.kind === "hill") return;
    Object.assign(this.term, some(command, Object.values(HILLS)));
    if (command.remove === "all") this.standing = [];
    if (command.remove === "last") this.standing = this.standing.slice(0, -1);
    if (command.most) this.standing = this.standing.slice(-command.most);
  }

  /** A hill was put. */
  put({ number, step, sigma, standing }) { this.standing = [...this.standing, { number, step, sigma }].slice(-standing); }

  /** What has to be said before a hill of these settings is put; null where the run's are like that. */
  before(settings) {
    const wanted = hillSpec(settings);
    const now = this.term ?? USUAL;
    const same = Object.entries(wanted).every(([name, value]) => now[name] === value);
    return same ? null : { kind: "set_hills", ...wanted };
  }
}

/** The probes of a run that shows its hills: where the net is to them, r* of the largest eigenvalue, the cut. */
export function probesWithHills(probes) {
  const others = probes.filter(({ kind }) => !["hills", "hill_slice"].includes(kind));
  const hills = probes.find(({ kind }) => kind === "hills") ?? { kind: "hills" };
  const cut = probes.find(({ kind }) => kind === "hill_slice") ?? { kind: "hill_slice" };
  return [...others, { ...hills, eigenvalues: Math.max(1, hills.eigenvalues ?? 0) }, cut];
}
