"""One thread a process: small nets gain nothing from more, and bits depend on the number."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def pytest_collection_modifyitems(items):
    """Leave the browser for the end: Playwright keeps an event loop running in this thread until then."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
