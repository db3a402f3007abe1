"""The study of utilisation as the page's button runs it: ``python -m benchmarks.utilisation``; ``--all`` for every row.

By the clock, on all processors. The peer trains the same nets in eager PyTorch, all at once with batched einsum and one
Adam, on one thread and on all, whichever is quicker: some updates are timed, and the rest extrapolated in proportion.
Growth is left out on both sides. Goal: 1,000 nets a row, both data sets, under 45 s on two cores.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import torch
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.studies import StudyProgress
from foldscape.studies.utilisation import Utilisation
from foldscape.studies.utilisation.chance import draws_of, first_nets, places_of
from foldscape.studies.utilisation.crowd import Crowd, stack
from foldscape.studies.utilisation.methods import ALL, LEARNING_RATE, METHODS, QUICK
from foldscape.studies.utilisation.spec import CHUNK
from foldscape.training import warm

GOAL_SECONDS = 45
PIECES = 30
"""Updates of each shape that the peer is timed for; ours in as many pieces."""


def study(spec: Utilisation) -> tuple[StudyProgress, float, float]:
    """Give the last word of a study, its seconds, and the longest time without a word."""
    moments, last = [time.perf_counter()], None
    for told in spec.run():
        moments.append(time.perf_counter())
        last = told
    assert last is not None
    return last, moments[-1] - moments[0], max(after - before for before, after in pairwise(moments))


def updates(spec: Utilisation) -> dict[int, int]:
    """Count the updates of one net of each row and data set together, by hidden units."""
    found = {2: 0, 3: 0}
    if any(METHODS[name].width == 2 for name in spec.rows):
        found[2] += spec.steps // 2
    for name in spec.rows:
        method = METHODS[name]
        found[3 if method.grows else method.width] += spec.steps if method.width == 3 else spec.steps // 2
    return {width: len(spec.sets) * many for width, many in found.items()}


def ours(spec: Utilisation, width: int) -> float:
    """Seconds of one update of all nets of a row: the median of pieces."""
    crowd = Crowd(first_nets(spec, "sine", width), None, draws_of(spec, "sine"), places_of(spec), None)
    crowd.train(CHUNK)
    return seconds_each(lambda: crowd.train(2 * CHUNK)) / (2 * CHUNK)


def peer(spec: Utilisation, width: int, threads: int) -> float:
    """Seconds of one update of all nets of a row in eager PyTorch: the median of single ones."""
    torch.set_num_threads(threads)
    parts = [torch.from_numpy(part).requires_grad_() for part in stack(first_nets(spec, "sine", width))]
    draw = draws_of(spec, "sine")[0]
    x, y = torch.from_numpy(draw.train_x), torch.from_numpy(draw.train_y).repeat(spec.nets)
    rule = torch.optim.Adam(parts, lr=LEARNING_RATE, foreach=True)

    def update() -> None:
        rule.zero_grad()
        hidden = torch.einsum("rmd,nd->rnm", parts[0], x) + parts[1][:, None]
        said = torch.einsum("rkm,rnm->rnk", parts[2], hidden.relu()) + parts[3][:, None]
        (functional.cross_entropy(said.reshape(-1, 2), y, reduction="sum") / len(x)).backward()
        rule.step()

    update()
    return seconds_each(update)


def seconds_each(work: Callable[[], None]) -> float:
    """Give the median time of a piece of work."""
    spent = []
    for _ in range(PIECES):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent)


def main() -> None:
    """Print the table, the figures and the ratio."""
    spec = Utilisation(rows=ALL if "--all" in sys.argv else QUICK)
    print(f"# {describe()}; torch {torch.__version__}")
    warm()
    list(Utilisation(nets=10, draws=1, steps=50, rows=spec.rows).run())
    began = time.process_time()
    last, seconds, longest = study(spec)
    processors = time.process_time() - began
    print_table(last)
    cores = len(os.sched_getaffinity(0))
    each = {width: (ours(spec, width), min(peer(spec, width, n) for n in {1, cores})) for width in (2, 3)}
    many = updates(spec)
    training, extrapolated = (sum(many[width] * each[width][side] for width in many) for side in (0, 1))
    total = sum(many.values()) * spec.nets
    print(f"whole study                      {seconds:8.1f} s   goal {GOAL_SECONDS} s; longest silence {longest:.2f} s")
    print(f"processor time of it             {processors:8.1f} s   load of the machine {os.getloadavg()[0]:.1f}")
    print(f"its {total:,} updates alone     {training:8.1f} s   {total / training:,.0f} net-updates/s")
    print(f"the same in eager torch          {extrapolated:8.1f} s   extrapolated from {PIECES} updates of each shape")
    print(f"ratio                            {extrapolated / training:8.1f}")


def print_table(last: StudyProgress) -> None:
    """Print the rows as the page shows them, and what follows."""
    print("| data | nets | best net | 100 % | ≥ 99 % | τ 0 | 0.005 | 0.01 | 0.02 | published |\n|" + "---|" * 10)
    for row in last.rows:
        plain = row.model_dump()
        published, tally = METHODS[plain["method"]].published, plain["tally"]
        counts = " | ".join(str(count) for count in (tally["perfect"], tally["near"], *tally["within"]))
        beside = f"{published.reached} of {published.of:,}" if published else ""
        print(f"| {plain['data']} | {plain['label']} | {plain['best']:.3f} | {counts} | {beside} |")
    for finding in last.findings:
        print(f"{finding.holds:5}{finding.claim}: {finding.words}")
    print(last.verdict, flush=True)


if __name__ == "__main__":
    main()
