"""Few runs of a process compute at a time; none waits for long."""

import threading
import time

import pytest

from workers.turns import PATIENCE, Turns


def test_a_seat_is_free_while_its_run_is_away_and_taken_when_it_is_back():
    turns = Turns(1)
    one, other = turns.seat(), turns.seat()
    with one.away():
        pass
    began = time.monotonic()
    with other.away():
        pass
    assert time.monotonic() - began >= PATIENCE  # it was taken; the other one goes on without
    other.leave()
    with one.away(), other.away():
        pass


def test_leaving_twice_gives_one_seat_back():
    turns = Turns(1)
    one, other, third = turns.seat(), turns.seat(), turns.seat()
    with one.away():
        pass
    one.leave()
    one.leave()
    began = time.monotonic()
    with other.away():
        pass
    assert time.monotonic() - began < PATIENCE
    with third.away():
        pass
    assert time.monotonic() - began >= PATIENCE


def test_a_run_that_ends_while_away_holds_no_seat():
    turns = Turns(1)
    with pytest.raises(RuntimeError), turns.seat().away():
        raise RuntimeError
    taken = threading.Event()

    def compute():
        with turns.seat().away():
            pass
        taken.set()

    began = time.monotonic()
    threading.Thread(target=compute).start()
    assert taken.wait(5)
    assert time.monotonic() - began < 5
