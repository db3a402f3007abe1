"""Make a worker process ready to compute before its first run."""

from __future__ import annotations


def warm_up(threads: int) -> str:
    """Import the library, set its threads and compile its kernels.

    Args:
        threads: Threads the numerical libraries may use for one operation.

    Returns:
        What this process computes on, for people: ``cpu`` or the name of the GPU.
    """
    import torch

    from foldscape.training import warm

    torch.set_num_threads(threads)
    warm()
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else "cpu"
