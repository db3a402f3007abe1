"""Nets that a torch module computes: ``python -m benchmarks.modular [PART ...]``.

Each part is a module here whose ``main`` prints ours, the plain PyTorch way and the ratio; all of them unless some are
named.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run the parts that were asked for, in the order of their names."""
    here = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    for name in sys.argv[1:] or here:
        if name not in here:
            sys.exit(f"There is no part {name!r}. Choose among {', '.join(here)}.")
        print(f"-- {name}", flush=True)
        import_module(f"benchmarks.modular.{name}").main()


if __name__ == "__main__":
    main()
