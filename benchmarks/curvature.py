"""Time the top Hessian eigenpair of two small nets, against scipy on double backward.

Run ``python -m benchmarks.curvature``. All searches stop at a residual of 1e-3 of the eigenvalue;
the accuracy is that of the eigenvalue against the dense float64 Hessian where it can be built, and
against a search to 1e-10 otherwise. Timed on one thread.
"""

import json
import platform
import sys
import time

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.datasets import load_digits, make_moons
from threadpoolctl import threadpool_limits
from torch import nn
from torch.func import functional_call

from foldscape.curvature import Objective, top_eigenpairs

REPEATS = 40
TOLERANCE = 1e-3


def moons():
    """W1: 2-16-16-2 ReLU on 1,000 points."""
    X, y = make_moons(1000, noise=0.2, random_state=0)
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
    return net, torch.tensor(X, dtype=torch.float32), torch.tensor(y)


def digits():
    """W2: 64-100-10 ReLU on the 1,797 digits."""
    data = load_digits()
    net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
    return net, torch.tensor(data.data / 16, dtype=torch.float32), torch.tensor(data.target)


def toy():
    """The live net: 2-8-8-2 ReLU on 300 points, dense."""
    X, y = make_moons(300, noise=0.2, random_state=0)
    net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    return net, torch.tensor(X, dtype=torch.float32), torch.tensor(y)


def train(net, X, y, steps):
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(X), y).backward()
        optimiser.step()


def by_scipy(net, X, y):
    """The peer: ARPACK on gradients of gradient . v."""
    names = [name for name, _ in net.named_parameters()]
    shapes = [parameter.shape for parameter in net.parameters()]
    theta = torch.cat([parameter.detach().reshape(-1) for parameter in net.parameters()]).requires_grad_()
    parts = torch.split(theta, [shape.numel() for shape in shapes])
    tensors = {name: part.view(shape) for name, part, shape in zip(names, parts, shapes, strict=True)}
    loss = nn.functional.cross_entropy(functional_call(net, tensors, (X,)), y)
    gradient = torch.autograd.grad(loss, theta, create_graph=True)[0]

    def product(v):
        direction = torch.from_numpy(v.reshape(-1)).float()
        return torch.autograd.grad(gradient, theta, direction, retain_graph=True)[0].numpy()

    start = np.random.default_rng(0).standard_normal(theta.numel()).astype(np.float32)
    operator = LinearOperator((theta.numel(), theta.numel()), matvec=product, dtype=np.float32)
    return float(eigsh(operator, k=1, which="LA", tol=TOLERANCE, v0=start)[0][0])


def timed(work):
    """Median and fastest wall time, and median processor time, which other programs disturb less; ms."""
    work()
    wall, processor = [], []
    for _ in range(REPEATS):
        started, busy = time.perf_counter(), time.thread_time()
        work()
        wall.append(1e3 * (time.perf_counter() - started))
        processor.append(1e3 * (time.thread_time() - busy))
    median, cpu = float(np.median(wall)), float(np.median(processor))
    return {"median_ms": round(median, 2), "fastest_ms": round(min(wall), 2), "cpu_ms": round(cpu, 2)}


def truth(net, X, y):
    """The top eigenvalue in float64, and how it was found."""
    objective = Objective.of(nn.Sequential(*net).double(), X.double(), y)
    dense = objective.size <= 1500
    found = top_eigenpairs(objective, method="dense" if dense else "lanczos", tol=1e-10)
    net.float()
    return float(found.values[0]), "dense" if dense else "residual 1e-10"


def measured(case, steps):
    """Everything about one net after some training, and a few steps later."""
    torch.manual_seed(0)
    net, X, y = case()
    train(net, X, y, steps)
    before = top_eigenpairs(net, X, y, tol=TOLERANCE)
    train(net, X, y, 5)
    exact, how = truth(net, X, y)
    cold = top_eigenpairs(net, X, y, tol=TOLERANCE)
    warm = top_eigenpairs(net, X, y, tol=TOLERANCE, start=before.vectors)
    rows = {
        "ours cold": timed(lambda: top_eigenpairs(net, X, y, tol=TOLERANCE)),
        "ours warm": timed(lambda: top_eigenpairs(net, X, y, tol=TOLERANCE, start=before.vectors)),
        "scipy eigsh": timed(lambda: by_scipy(net, X, y)),
    }
    rows["ours cold"] |= {"products": cold.iterations, "error": abs(float(cold.values[0]) / exact - 1)}
    rows["ours warm"] |= {"products": warm.iterations, "error": abs(float(warm.values[0]) / exact - 1)}
    rows["scipy eigsh"] |= {"error": abs(by_scipy(net, X, y) / exact - 1)}
    ratio = rows["scipy eigsh"]["cpu_ms"] / rows["ours cold"]["cpu_ms"]
    return {"net": case.__doc__, "steps": steps, "lambda": exact, "oracle": how, "ratio": round(ratio, 1)} | rows


def main():
    torch.set_num_threads(1)
    machine = {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__}
    machine |= {"machine": platform.machine(), "threads": 1, "residual": TOLERANCE}
    print(json.dumps(machine))
    with threadpool_limits(1):
        for case in (toy, moons, digits):
            for steps in (30, 300):
                print(json.dumps(measured(case, steps), ensure_ascii=False))


if __name__ == "__main__":
    main()
