"""Load compiled code before it is needed, or compile it where it is not on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from foldscape import curvature, geometry
from foldscape.compilation.apart import compile_apart, is_new
from foldscape.data.plane import PlaneSet
from foldscape.fitting import unfit_probes
from foldscape.geometry._plane import fold_plane
from foldscape.growth import folds
from foldscape.lazy import load_reference
from foldscape.net.spec import kinds_of_net
from foldscape.probes import Probe
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.training.loop import Loop


def warm_first() -> None:
    """Load what a run of a small net begins with, and nothing else.

    The geometry takes as long to compile as all the rest, so that it goes beside it; that helps where the process
    compiles apart (``foldscape.compilation.apart``).
    """
    with ThreadPoolExecutor(2, thread_name_prefix="warm") as pool:
        waiting = [pool.submit(geometry.warm), pool.submit(_run_a_little, ["curvature", "slice"])]
        for one in waiting:
            one.result()


def begin_to_warm(spec: RunSpec) -> None:
    """Where nothing is compiled yet, compile what a run needs in other processes, while it begins.

    Args:
        spec: The run.
    """
    compile_apart()
    usual = type(spec.net) is type(RunSpec().net) and isinstance(spec.data, PlaneSet)
    if usual and is_new(fold_plane):
        threading.Thread(target=warm_first, name="foldscape-warm", daemon=True).start()


def warm() -> None:
    """Load everything that any run needs, so that no viewer waits for it."""
    warm_first()
    nets = [load_reference(one) for kind in kinds_of_net().values() for one in kind.can.warm]
    steps: list[Callable[[], None]] = [folds.warm, *nets, curvature.warm]
    for step in steps:
        step()
    probes: list[Probe] = [one() for one in kinds("foldscape.probes", Probe).values()]  # type: ignore[misc]
    _run_a_little([one.kind for one in probes if not any(unfit_probes(RunSpec(), [one]))])


def _run_a_little(probes: Any) -> None:
    spec = {"net": {"hidden": [2, 2]}, "stop": {"epochs": 1}, "probes": [{"kind": kind} for kind in probes]}
    for _ in Loop(RunSpec.model_validate(spec)).events(None):
        pass
