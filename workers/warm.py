"""Make a worker process ready to compute: what a run begins with before it is seen, all else while it works."""

from __future__ import annotations

import threading

from foldscape import device
from foldscape.compilation.apart import compile_apart, in_no_hurry


def load_first() -> None:
    """Load the kernels that a run begins with; where they are not on disk, another process compiles them.

    This one never compiles: what LLVM takes for it would never be given back.
    """
    from foldscape import training

    compile_apart()
    training.warm_first()


def warm_rest(*, measures_landscapes: bool) -> None:
    """Load the other kernels in a thread of its own.

    Args:
        measures_landscapes: Whether landscapes are measured here.
    """

    def load() -> None:
        from foldscape.training import warm

        with in_no_hurry():
            warm()
            if measures_landscapes:
                from workers.landscapes import warm as warm_landscapes

                warm_landscapes()

    threading.Thread(target=load, name="foldscape-warm", daemon=True).start()


def name_of_device(*, has_gpu: bool) -> str:
    """Tell people what this process computes on: ``cpu`` or the name of the GPU.

    Args:
        has_gpu: Whether it takes runs for a GPU. Only then is torch loaded for it.

    Returns:
        The name.
    """
    return device.called("cuda") if has_gpu else "cpu"
