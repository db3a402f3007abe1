"""Where torch computes: the names of devices, what stands behind each here, and how it is made exact.

Whatever can run on CUDA asks here. Importing this loads no torch.

Training and landscapes compute in single precision (``on_device``) on the device of their run. Exact curvature of the
product's own nets and their geometry are double precision on the processor, wherever a net is trained: they use no
torch. Anybody's module is measured where it stands, in its own type.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from foldscape.errors import FieldRefused

if TYPE_CHECKING:
    import torch

Device = Literal["cpu", "cuda"]
DEVICES: tuple[Device, ...] = get_args(Device)

STANDS_IN = "FOLDSCAPE_CUDA_IS"
"""Variable of the environment that names what computes for ``cuda``, as ``cpu``: so the path is tested anywhere."""
OF_DATA = "FOLDSCAPE_DATA_DEVICE"
"""Variable that names where encoders compute. A data set is not a run's: it is the same wherever its runs train."""
VISIBLE = "CUDA_VISIBLE_DEVICES"
"""Variable by which CUDA is told which cards a process may use."""
WORKSPACE = ":4096:8"
"""Fixed room for cuBLAS, without which its sums may come in another order (CUDA: ``CUBLAS_WORKSPACE_CONFIG``)."""
DRIVERS = ("/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/dxg")
"""What a machine with an NVIDIA driver has; the last is Windows' subsystem for Linux."""
NO_WORKER = "device cuda needs a worker with an NVIDIA card, and none shows a sign of life"
_FULL = ("can't allocate memory", "not enough memory", "out of memory")
"""What errors of torch say that have no class of their own."""
SECONDS_TO_LOOK = 120.0
OF_TORCH = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
OF_ALL = (*OF_TORCH, "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class NoDevice(FieldRefused):
    """A device that is not there, beside the field that asks for it.

    Args:
        message: What is the matter.
    """

    def __init__(self, message: str) -> None:
        hint = "Set device to cpu, or see docs/devices.md for what a GPU needs."
        super().__init__(message, hint=hint, path="device", given="cuda", allowed="cpu")


def torch_device(name: str) -> torch.device:
    """Give what computes under a name.

    Args:
        name: ``cpu`` or ``cuda``.

    Returns:
        The device, for ``Tensor.to``.

    Raises:
        NoDevice: If it is not on this machine.

    Example:
        >>> torch_device("cpu")
        device(type='cpu')
    """
    import torch

    if why := why_not(name):
        raise NoDevice(f"device {name} is not on this machine: {why}")
    if name == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", WORKSPACE)  # read when CUDA is first used
    return torch.device(_behind(name))


def why_not(name: str) -> str:
    """Say why a device is not here; empty where it is. Loads torch only where that has to be asked."""
    if name not in DEVICES:
        return f"allowed are {', '.join(DEVICES)}"
    if _behind(name) == "cpu":
        return ""
    import torch

    if torch.version.cuda is None:
        return "this torch was built for the processor only"
    return "" if torch.cuda.is_available() else "torch finds no NVIDIA card"


def called(name: Device) -> str:
    """Name a device for people: ``cpu``, or the card."""
    if _behind(name) == "cpu":
        return "cpu"
    import torch

    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else "cpu"


def of_data() -> Device:
    """Name the device on which encoders compute: the processor unless ``FOLDSCAPE_DATA_DEVICE`` says ``cuda``."""
    return "cuda" if os.environ.get(OF_DATA) == "cuda" else "cpu"


def on_device(values: Any, device: torch.device) -> torch.Tensor:
    """Copy numbers to a device in the type that nets are trained in, float32."""
    import numpy as np
    import torch

    return torch.from_numpy(np.array(values, dtype=np.float32)).to(device)


def has_driver() -> bool:
    """Say whether CUDA is worth a closer look, at no cost: a driver is loaded, or something stands in for it."""
    return STANDS_IN in os.environ or any(Path(place).exists() for place in DRIVERS)


def cards() -> tuple[str, ...]:
    """Name every card of this machine that may be used, as ``CUDA_VISIBLE_DEVICES`` has it; loads torch."""
    if why_not("cuda"):
        return ()
    if _behind("cuda") == "cpu":
        return ("cpu",)
    import torch

    return tuple(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count()))


def seen_alone(number: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a process that sees one of the cards only.

    Args:
        number: Which of ``cards``, from 0.
        environment: What all processes have.

    Returns:
        The environment, with ``CUDA_VISIBLE_DEVICES`` naming that card.

    Example:
        >>> seen_alone(1, {"CUDA_VISIBLE_DEVICES": "4,6"}), seen_alone(1, {})
        ({'CUDA_VISIBLE_DEVICES': '6'}, {'CUDA_VISIBLE_DEVICES': '1'})
    """
    named = [name for name in environment.get(VISIBLE, "").split(",") if name]
    return {**environment, VISIBLE: named[number] if number < len(named) else str(number)}


def look_apart() -> tuple[tuple[str, ...], str]:
    """Look for CUDA in a process of its own, so that this one loads no torch and keeps no hold on a card.

    Returns:
        The names of the cards, none where there is none, and why not.
    """
    line = [sys.executable, "-m", "foldscape.device"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS_TO_LOOK, check=False)
    except subprocess.TimeoutExpired:
        return (), f"torch did not answer within {SECONDS_TO_LOOK:.0f} s"
    said = done.stdout.strip()
    if done.returncode == 0:
        return tuple(said.splitlines()), ""
    return (), said or (done.stderr.strip().splitlines() or ["torch could not be asked"])[-1]


def limit_threads(threads: int, names: tuple[str, ...] = OF_ALL) -> None:
    """Set how many threads the numerical libraries take that are loaded from now on; the bits of a run depend on it.

    Args:
        threads: For one operation.
        names: Which libraries, by the variables that they read.
    """
    os.environ |= dict.fromkeys(names, str(threads))


def memory_is_full(error: BaseException) -> bool:
    """Whether an error says that the memory, of the card or of the machine, does not hold what was asked for."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _FULL)


@contextmanager
def steady(device: torch.device) -> Iterator[None]:
    """Compute on a card with kernels that give the same bits each time, in full single precision.

    On the processor nothing is to be set. The settings are the process's: the last thread that leaves restores them.

    Args:
        device: Where it is computed.
    """
    if device.type != "cuda":
        yield
        return
    with _SETTINGS.held():
        yield


class _Settings:
    """What torch is set to while anything computes on a card."""

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._before = ExitStack()

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._set()
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._before.close()

    def _set(self) -> None:
        import torch

        strict, warns = (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        )
        self._before.callback(torch.use_deterministic_algorithms, strict, warn_only=warns)
        torch.use_deterministic_algorithms(True, warn_only=not strict or warns)
        wanted: list[tuple[Any, str, bool]]
        matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
        wanted = [(matmul, "allow_tf32", False), (cudnn, "allow_tf32", False)]
        wanted += [(cudnn, "deterministic", True), (cudnn, "benchmark", False)]
        for place, name, value in wanted:
            self._before.callback(setattr, place, name, getattr(place, name))
            setattr(place, name, value)


_SETTINGS = _Settings()


def _behind(name: str) -> str:
    """Give what computes under a name: itself, unless something stands in for CUDA."""
    return os.environ.get(STANDS_IN, name) if name == "cuda" else name


def main() -> int:
    """Say which cards there are, a line each, or why there is none; the exit status is 0 where there is one."""
    why = "torch is not installed" if find_spec("torch") is None else why_not("cuda")
    print(why or "\n".join(cards()))
    return int(bool(why))


if __name__ == "__main__":
    sys.exit(main())
