"""One BLAS thread where more harm: products of a tall, narrow array with a vector, of which Lanczos makes many.

Such a product takes microseconds; to wake a second thread takes longer, and on a busy machine to wait for it far more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from foldscape.curvature.operator import HessianOperator
from foldscape.one_thread import one_thread

ONE_THREAD_UP_TO = 20_000
"""Parameters up to which Lanczos gains nothing from a second thread in BLAS."""


@contextmanager
def lanczos_threads(operator: HessianOperator) -> Iterator[None]:
    """Keep BLAS to one thread while a small operator's products are taken, unless those run in BLAS themselves."""
    if operator.in_blas or operator.size > ONE_THREAD_UP_TO:
        yield
        return
    with one_thread():
        yield
