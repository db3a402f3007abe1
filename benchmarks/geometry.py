"""How long the exact partition of the plane takes: cells, folds, boundary and fold points together.

Run with `python -m benchmarks.geometry` (`--largest` adds nets towards a million regions, `--peer-all` lets the slow
peer cut every net). Medians in float64 on the box [-2, 3] x [-2, 2]; nets are PyTorch's default initialisation under
seed 0, some trained for 2,000 Adam steps on two moons.

Two things to compare with. SyReNN (Sotoudeh and Thakur, the public exact tool) was measured earlier on such a machine,
two cores, and is not run here. The peer is the straightforward way in numpy, each cell cut on its own; it runs here.
"""

import argparse
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np

BOX = (-2.0, 3.0, -2.0, 2.0)
# hidden widths, trained, SyReNN's seconds measured earlier
ROWS = [
    ((16, 16), True, 0.21e-3),
    ((64, 64, 64), True, 41e-3),
    ((128, 128), True, 80e-3),
    ((256, 256, 256), False, 1.6),
]
LARGEST = [((1024,), False, None), ((384, 384, 384, 384), False, None), ((512, 512, 512, 512), False, None)]
PEER_UP_TO = 2_000  # regions; the peer needs minutes for the largest nets


def drawn_net(hidden, trained):
    """Weights and biases in float64."""
    import torch
    from sklearn.datasets import make_moons

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = []
    for a, b in pairwise((2, *hidden, 2)):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    if trained:
        X, y = make_moons(1000, noise=0.2, random_state=0)
        X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
        adam = torch.optim.Adam(model.parameters(), lr=1e-2)
        for _ in range(2000):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(model(X), y).backward()
            adam.step()
    linear = [layer for layer in model if isinstance(layer, torch.nn.Linear)]
    return tuple([getattr(layer, name).detach().double().numpy() for layer in linear] for name in ("weight", "bias"))


def median_seconds(call, budget):
    """Median of as many calls as fit the budget in seconds, at least three; and the best of them."""
    took = []
    while len(took) < 3 or sum(took) < budget:
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return float(np.median(took)), min(took)


def start_up():
    """Seconds from a fresh process to warm kernels: with the cache on disk, and the first time on a machine."""
    import os
    import tempfile

    code = (
        "import time; t = time.perf_counter(); import foldscape.geometry as g; g.warm(); print(time.perf_counter() - t)"
    )
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "NUMBA_CACHE_DIR": folder}
        return [
            float(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout)
            for _ in range(2)
        ]


def tell_maps(budget):
    """Print what the pattern and the affine map of every cell take, beside the partition itself."""
    from foldscape.geometry import partition

    print(f"\n{'patterns and maps':<22}{'regions':>9}{'ms':>11}{'partition':>11}{'times':>7}")
    for hidden, trained in (((16, 16), True), ((64, 64, 64), True), ((256, 256), False), ((512, 512), False)):
        weights, biases = drawn_net(hidden, trained)
        found = partition(weights, biases, BOX)
        found.cells.affine  # noqa: B018 - compiles it
        cut, _ = median_seconds(lambda w=weights, b=biases: partition(w, b, BOX), budget)
        both, _ = median_seconds(lambda w=weights, b=biases: partition(w, b, BOX).cells.affine, budget)
        name = "-".join(map(str, (2, *hidden, 2))) + (" trained" if trained else "")
        print(f"{name:<22}{len(found.cells):>9}{1e3 * (both - cut):>11.3f}{1e3 * cut:>11.3f}{both / cut - 1:>7.1f}")


def tell_insertions(budget):
    """Print what it takes to put one more fold into a finished partition, beside cutting the grown net anew."""
    from foldscape.geometry import partition, with_fold

    print(f"\n{'one fold more':<22}{'layer':>9}{'put in, ms':>12}{'anew, ms':>11}{'ratio':>7}")
    for hidden in ((16, 16), (64, 64, 64)):
        weights, biases = drawn_net(hidden, trained=True)
        found = partition(weights, biases, BOX)
        name = "-".join(map(str, (2, *hidden, 2))) + " trained"
        for layer in range(len(hidden)):
            # The first unit's weights turned round: a fold that is not there yet.
            weight, bias = -weights[layer][0][::-1], 0.5 * biases[layer][0]
            grown_weights, grown_biases = list(weights), list(biases)
            grown_weights[layer] = np.vstack([weights[layer], weight])
            grown_biases[layer] = np.append(biases[layer], bias)
            grown_weights[layer + 1] = np.pad(weights[layer + 1], ((0, 0), (0, 1)))
            put, _ = median_seconds(lambda f=found, n=layer, w=weight, b=bias: with_fold(f, n, w, b), budget)
            anew, _ = median_seconds(lambda w=grown_weights, b=grown_biases: partition(w, b, BOX), budget)
            print(f"{name:<22}{layer + 1:>9}{1e3 * put:>12.3f}{1e3 * anew:>11.3f}{anew / put:>7.1f}")


DAGS = [(4, 3, 2, 1), (12, 9, 6, 4, 2, 1), (14, 15, 12, 9, 6, 3, 1)]  # hidden nodes of each depth


def tell_dags(budget):
    """Print what nets without layers take, beside the plain net that passes through what is heard later."""
    from foldscape.geometry import partition
    from tests.library.geometry.drawn import dag, passed_through

    print(f"\n{'nodes by depth':<28}{'regions':>9}{'ms':>9}{'passed through, ms':>20}")
    for depths in DAGS:
        weights, biases = dag([2, *depths, 2], share=0.2)
        plain = passed_through(weights, biases)
        regions = len(partition(weights, biases, BOX).cells)
        wide, _ = median_seconds(lambda w=weights, b=biases: partition(w, b, BOX), budget)
        through, _ = median_seconds(lambda p=plain: partition(*p, BOX), budget)
        print(f"{'-'.join(map(str, depths)):<28}{regions:>9}{1e3 * wide:>9.3f}{1e3 * through:>20.3f}")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", action="store_true", help="add nets towards a million regions")
    parser.add_argument("--peer-all", action="store_true", help="let the slow peer cut every net")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds spent on each row")
    parser.add_argument("--cold", action="store_true", help="also time the first compilation (about a minute)")
    asked = parser.parse_args()

    from foldscape.geometry import partition, warm
    from tests.library.geometry.oracle import slow_partition

    start = time.perf_counter()
    warm()
    print(f"warm() in this process: {time.perf_counter() - start:.2f} s")
    if asked.cold:
        cold, cached = start_up()
        print(f"import and warm() in a fresh process: {cold:.1f} s without a cache on disk, {cached:.2f} s with one")
    print("SyReNN: measured earlier on such a machine, not run here. Peer: plain numpy, cell by cell, run here.\n")
    heads = ("regions", 9), ("median ms", 11), ("best ms", 10), ("ns/region", 11), ("SyReNN ms", 11), ("ratio", 7)
    print(f"{'net':<22}" + "".join(f"{head:>{width}}" for head, width in (*heads, ("peer ms", 11))))
    for hidden, trained, reference in ROWS + (LARGEST if asked.largest else []):
        weights, biases = drawn_net(hidden, trained)
        regions = len(partition(weights, biases, BOX).cells)
        ours, best = median_seconds(lambda w=weights, b=biases: partition(w, b, BOX), asked.budget)
        peer = ""
        if regions <= PEER_UP_TO or asked.peer_all:
            start = time.perf_counter()
            slow_partition(weights, biases, BOX)
            peer = f"{1e3 * (time.perf_counter() - start):.1f}"
        name = "-".join(map(str, (2, *hidden, 2))) + (" trained" if trained else "")
        stored = f"{1e3 * reference:.2f}" if reference else ""
        ratio = f"{reference / ours:.1f}" if reference else ""
        each = 1e9 * ours / regions
        print(
            f"{name:<22}{regions:>9}{1e3 * ours:>11.3f}{1e3 * best:>10.3f}{each:>11.0f}{stored:>11}{ratio:>7}{peer:>11}"
        )
    tell_maps(asked.budget)
    tell_insertions(asked.budget)
    tell_dags(asked.budget)


if __name__ == "__main__":
    main()
