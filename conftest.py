"""One thread a process, the order of tests that share a machine, and the blocks of code in README and docs."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # small nets gain nothing from more, and bits depend on the number

from tests.documents import documents  # noqa: E402 - after the threads are set

pytest_collect_file = documents.pytest()


def pytest_collection_modifyitems(items):
    """Leave the browser for the end: Playwright keeps an event loop running in this thread until then."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
