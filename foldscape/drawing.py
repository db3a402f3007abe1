"""What a module draws from generators that all threads of a process share: seeded, and put back as it was.

A module calls ``torch.rand``, ``random`` or ``numpy.random`` without a generator. So that it draws the same at each
update whoever draws beside it, it draws within ``drawing``: one thread at a time, from a state that follows from the
seed alone.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch

_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def drawing(words: Sequence[int], device: torch.device | None = None) -> Iterator[None]:
    """Let code draw from the shared generators as these words seed them; afterwards they are as they were.

    Args:
        words: What seeds them, as ``foldscape.chance.seed_words`` gives it.
        device: A card that draws too.

    Example:
        >>> with drawing([7]):
        ...     one = torch.rand(3)
        >>> _ = torch.rand(1)
        >>> with drawing([7]):
        ...     print(bool((torch.rand(3) == one).all()))
        True
    """
    first, second, third = map(int, np.random.SeedSequence(list(words)).generate_state(3))
    cards = [device] if device is not None and device.type == "cuda" else []
    with _ONE_AT_A_TIME:
        plain, of_numpy, of_torch = random.getstate(), np.random.get_state(), torch.get_rng_state()
        of_cards = [torch.cuda.get_rng_state(card) for card in cards]
        try:
            random.seed(first)
            np.random.seed(second)
            torch.default_generator.manual_seed(third)
            for card in cards:
                with torch.cuda.device(card):
                    torch.cuda.manual_seed(third)
            yield
        finally:
            random.setstate(plain)
            np.random.set_state(of_numpy)
            torch.set_rng_state(of_torch)
            for card, state in zip(cards, of_cards, strict=True):
                torch.cuda.set_rng_state(state, card)
