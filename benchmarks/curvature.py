"""Curvature of trained float32 nets: ours, PyHessian, curvlinops with scipy's eigsh, and the ratio, from one run.

Run ``python -m benchmarks.curvature [--quick] [W1 W2 W3 resnet]``; ``--quick`` leaves out W3 and the slow peers. The
peers come with ``make peers``, and one that is missing is named in the output. W1 is 2-16-16-2
on 1,000 points, W2 64-100-10 on the 1,797 digits, W3 784-500-10 on 10,000 made-up images. Searches stop at a residual
of 1e-3 of the eigenvalue. Errors are relative, against float64. Times are medians in ms: wall time, and processor time,
which other programs disturb less. The ratio is that of the quickest peer's processor time to ours. ``THREADS`` in the
environment sets the threads; two by default. ``warm`` starts from the eigenvector of two updates before.
``density`` is of one random vector and 90 steps, as the peer's own default; ``density of 10`` is our default, ten
vectors of 80 steps.
"""

import json
import os
import platform
import sys
import time
import warnings
from itertools import pairwise

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.datasets import load_digits, make_moons
from threadpoolctl import threadpool_limits
from torch import nn

from foldscape.curvature import Objective, spectral_density, top_eigenpairs, trace
from foldscape.curvature.halves import set_threads

THREADS = int(os.environ.get("THREADS", "2"))
TOLERANCE = 1e-3
LANCZOS_STEPS = 90
SLOW = {("pyhessian", "top 10"), ("pyhessian", "density"), ("curvlinops", "top 10"), ("curvlinops", "trace")}
"""What ``--quick`` leaves out of the peers."""


def moons():
    """W1."""
    X, y = make_moons(1000, noise=0.2, random_state=0)
    return stack(2, 16, 16, 2), torch.tensor(X, dtype=torch.float32), torch.tensor(y)


def digits():
    """W2."""
    data = load_digits()
    return stack(64, 100, 10), torch.tensor(data.data / 16, dtype=torch.float32), torch.tensor(data.target)


def images():
    """W3: ten noisy patterns, as many inputs as MNIST has."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 10_000)
    X = np.clip(0.5 + 0.25 * (0.6 * rng.normal(size=(10, 784))[y] + rng.normal(size=(10_000, 784))), 0, 1)
    return stack(784, 500, 10), torch.tensor(X, dtype=torch.float32), torch.tensor(y)


class Residual(nn.Module):
    """Two convolutions with batch norm and a skip."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        """Add the body to the input."""
        return torch.relu(x + self.body(x))


def resnet():
    """A small ResNet on the digits as 8x8 images."""
    data = load_digits()
    stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    net = nn.Sequential(stem, Residual(16), Residual(16), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))
    X = torch.tensor(data.images / 16, dtype=torch.float32)[:512, None]
    return net, X, torch.tensor(data.target)[:512]


def stack(*sizes):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


CASES = {"W1": (moons, 300, 20), "W2": (digits, 300, 12), "W3": (images, 60, 2), "resnet": (resnet, 40, 3)}


def train(net, X, y, steps):
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(X), y).backward()
        optimiser.step()
    net.zero_grad()
    net.eval()


def by_pyhessian(net, X, y):
    """The peer's own class, at its own stopping rule for the eigenvalue."""
    from pyhessian import hessian

    net.zero_grad()  # it adds to what is there, and would keep every graph so far
    return hessian(net, nn.functional.cross_entropy, data=(X, y), cuda=False)


def by_curvlinops(net, X, y):
    from curvlinops import HessianLinearOperator

    parameters = list(net.parameters())
    return HessianLinearOperator(net, nn.CrossEntropyLoss(), parameters, [(X, y)], check_deterministic=False)


def removed_eig(matrix, eigenvectors):
    """Stand in for ``torch.eig``, which PyHessian's density still calls and torch has removed."""
    values, vectors = torch.linalg.eigh(matrix)
    return torch.stack([values, torch.zeros_like(values)], dim=1), vectors


def eigsh_of(operator, k):
    matrix = operator.to_scipy()
    plain = LinearOperator(matrix.shape, matvec=matrix.matvec, dtype=np.float32)
    start = np.random.default_rng(0).standard_normal(matrix.shape[0]).astype(np.float32)
    return np.sort(eigsh(plain, k=k, which="LA", tol=TOLERANCE, v0=start)[0])[::-1]


def timed(work, repeats):
    """Run once to warm up and for the result; then give median wall and processor time, ms."""
    result = work()
    wall, processor = [], []
    for _ in range(repeats):
        started, busy = time.perf_counter(), time.process_time()
        work()
        wall.append(1e3 * (time.perf_counter() - started))
        processor.append(1e3 * (time.process_time() - busy))
    return result, round(float(np.median(wall)), 2), round(float(np.median(processor)), 2)


def peers_of(net, X, y, what, quick):
    """Give what each peer that is installed does for one number."""
    peers = {}
    try:
        by_pyhessian(net, X, y)
        peers["pyhessian"] = {
            "top 1": lambda: np.array(by_pyhessian(net, X, y).eigenvalues(tol=TOLERANCE)[0]),
            "top 10": lambda: np.array(by_pyhessian(net, X, y).eigenvalues(tol=TOLERANCE, top_n=10)[0]),
            "trace": lambda: np.array([np.mean(by_pyhessian(net, X, y).trace())]),
            "density": lambda: by_pyhessian(net, X, y).density(iter=LANCZOS_STEPS, n_v=1) and None,
        }
    except ImportError:
        print(json.dumps({"missing": "pyhessian"}))
    try:
        from curvlinops import hutchpp_trace

        peers["curvlinops"] = {
            "top 1": lambda: eigsh_of(by_curvlinops(net, X, y), 1),
            "top 10": lambda: eigsh_of(by_curvlinops(net, X, y), 10),
            "trace": lambda: np.array([float(hutchpp_trace(by_curvlinops(net, X, y), num_matvecs=99))]),
        }
    except ImportError:
        print(json.dumps({"missing": "curvlinops-for-pytorch"}))
    left_out = SLOW if quick else set()
    return {name: works[what] for name, works in peers.items() if what in works and (name, what) not in left_out}


def exact_numbers(net, X, y, large, convolutional):
    """Top eigenvalues and, of dense nets, the trace in float64."""
    double = type(net)(*net).double()
    objective = Objective.of(double, X.double(), y)
    k = 1 if large else 10
    dense = objective.size <= 1500
    top = top_eigenpairs(objective, k=k, method="dense" if dense else "lanczos", tol=1e-4 if large else 1e-9)
    whole = np.nan if convolutional else trace(objective).value
    net.float()
    return {"top 1": top.values[:1], "warm": top.values[:1], "top 10": top.values, "trace": np.array([whole])}


def ours_of(net, X, y, before):
    return {
        "top 1": lambda: top_eigenpairs(net, X, y, tol=TOLERANCE).values,
        "warm": lambda: top_eigenpairs(net, X, y, tol=TOLERANCE, start=before).values,
        "top 10": lambda: top_eigenpairs(net, X, y, k=10, tol=TOLERANCE).values,
        "trace": lambda: np.array([trace(net, X, y).value]),
        "density": lambda: spectral_density(net, X, y, steps=LANCZOS_STEPS, runs=1) and None,
        "density of 10": lambda: spectral_density(net, X, y) and None,
    }


def wanted(name):
    if name == "resnet":
        return ["top 1"]
    return (
        ["top 1", "warm", "trace"] if name == "W3" else ["top 1", "warm", "top 10", "trace", "density", "density of 10"]
    )


def measured(name, quick):
    """Print one line for each number of a case."""
    case, steps, repeats = CASES[name]
    torch.manual_seed(0)
    net, X, y = case()
    train(net, X, y, steps)
    before = top_eigenpairs(net, X, y, tol=TOLERANCE).vectors
    train(net, X, y, 2)
    exact = exact_numbers(net, X, y, name in ("W3", "resnet"), name == "resnet")
    ours = ours_of(net, X, y, before)
    for what in wanted(name):
        found, wall, busy = timed(ours[what], repeats)
        row = {"case": name, "what": what, "ours_ms": wall, "ours_cpu_ms": busy} | errors(found, exact.get(what))
        quickest = np.inf
        for peer, work in peers_of(net, X, y, "top 1" if what == "warm" else what, quick).items():
            theirs, peer_wall, peer_busy = timed(work, max(1, repeats // 6))
            quickest = min(quickest, peer_busy)
            row[peer] = {"ms": peer_wall, "cpu_ms": peer_busy} | errors(theirs, exact.get(what))
        row["ratio"] = round(quickest / busy, 1) if np.isfinite(quickest) else None
        print(json.dumps(row), flush=True)


def errors(found, exact):
    if found is None or exact is None:
        return {}
    return {"error": float(f"{np.abs(found / exact - 1).max():.1e}")}


def main():
    warnings.simplefilter("ignore")
    torch.eig = removed_eig
    torch.set_num_threads(THREADS)
    set_threads(THREADS)
    quick, names = "--quick" in sys.argv, [name for name in sys.argv[1:] if name != "--quick"]
    machine = {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__}
    print(json.dumps(machine | {"machine": platform.machine(), "threads": THREADS, "residual": TOLERANCE}))
    with threadpool_limits(THREADS):
        for name in names or [name for name in CASES if not (quick and name == "W3")]:
            measured(name, quick)


if __name__ == "__main__":
    main()
