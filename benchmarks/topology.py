"""Time the topology of planes of 201 by 201: ours, the merge tree alone, and gudhi's pairs alone, in one run.

Run ``python -m benchmarks.topology``. Ours gives pairs, tree, basin of each cell and hills; gudhi's cubical complex
gives the pairs alone. Figures are processor time, which a busy machine changes less than the clock.
"""

import json
import time
from functools import partial

import gudhi
import numpy as np

from benchmarks.machine import describe
from foldscape.landscape import merge_tree, topology

SIDE, REPEATS = 201, 9


def planes():
    """A bowl, many smooth wells, the same with noise, and noise alone: from one basin to thousands."""
    line = np.linspace(-9, 9, SIDE)
    rng = np.random.default_rng(0)
    wells = np.add.outer(np.cos(line), np.cos(line)) + 0.004 * np.add.outer(line**2, line**2)
    noise = rng.normal(size=(SIDE, SIDE))
    yield "bowl", np.add.outer(line**2, line**2)
    yield "wells", wells
    yield "wells and noise", wells + 0.1 * noise
    yield "noise", noise


def pairs(losses):
    cells = gudhi.CubicalComplex(top_dimensional_cells=losses)
    cells.compute_persistence()
    return [cells.persistence_intervals_in_dimension(dimension) for dimension in (0, 1)]


def median(work):
    work()
    spent = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        spent.append(1e3 * (time.process_time() - started))
    return float(np.median(spent))


def main():
    print(describe(), "gudhi", gudhi.__version__)
    for name, losses in planes():
        ours, tree, peer = (median(partial(call, losses)) for call in (topology, merge_tree, pairs))
        found = {"plane": name, "basins": topology(losses).count(), "ours (ms)": round(ours, 1)}
        found |= {"tree (ms)": round(tree, 1), "gudhi (ms)": round(peer, 1), "gudhi / ours": round(peer / ours, 2)}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
