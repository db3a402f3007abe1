"""How the suite runs: one thread a process, files side by side, the blocks of code in README and docs among them."""

import os

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # small nets gain nothing from more, and bits depend on the number

from tests.documents import documents  # noqa: E402 - after the threads are set

BROWSER = "tests/browser"
FIRST_S = 900
"""For the first browser test, which starts the product: on a fresh clone that compiles beside other tests."""

pytest_collect_file = documents.pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser, which takes longest: in one process of several it runs beside all the rest."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    for item in items[:1]:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(FIRST_S))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep a file's tests in one process, and those of the browser too, which share a product and a Chromium."""
    from xdist.scheduler import LoadScopeScheduling

    class Side(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]

    config.option.loadscopereorder = False  # the order is that of the collection
    return Side(config, log)
