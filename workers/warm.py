"""Make a worker process ready to compute before its first run."""

from __future__ import annotations


def warm_up(threads: int, *, measures_landscapes: bool = False) -> str:
    """Import the library, set its threads and compile its kernels.

    Args:
        threads: Threads the numerical libraries may use for one operation.
        measures_landscapes: Whether landscapes are measured here.

    Returns:
        What this process computes on, for people: ``cpu`` or the name of the GPU.
    """
    import torch

    from foldscape.training import warm

    torch.set_num_threads(threads)
    warm()
    if measures_landscapes:
        from workers.landscapes import warm as warm_landscapes

        warm_landscapes()
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else "cpu"
