"""Pace and steering against a clock of the test's own."""

from dataclasses import dataclass

import pytest

from workers.pacing import MOST_DEBT, Pacer, Sparing, Steering


@dataclass
class At:
    step: int
    speed: float | None
    steps_per_epoch: int = 8
    cadence: int = 8
    sparing: int = 1


def drive(speed, cost, seconds, stalls=()):
    """Train by a pacer with updates of a given cost; gives the moment of each update."""
    pacer, at, now, moments = Pacer(), At(0, speed), 100.0, []
    stalls = dict(stalls)
    while now < 100 + seconds:
        pacer.back(at.step, now)
        delay = pacer.delay(at, now)
        if delay > 0:
            now += max(delay, 1e-9)
            continue
        for _ in range(pacer.allowance(at, now)):
            now += cost + stalls.pop(at.step, 0)
            at.step += 1
            moments.append(now - 100)
    return moments


@pytest.mark.parametrize("speed", [0.05, 1, 20, 400])
def test_a_run_that_can_keeps_its_pace_within_a_percent(speed):
    seconds = max(10, 40 / speed)
    assert len(drive(speed, 1e-5, seconds)) == pytest.approx(speed * 8 * seconds, rel=0.01, abs=1)


def test_a_run_that_cannot_goes_flat_out():
    assert len(drive(1000, 1e-3, 10)) == pytest.approx(10_000, rel=0.02)


def test_after_a_stall_only_a_quarter_second_is_made_up_for():
    moments = drive(20, 1e-5, 10, stalls={160: 3.0})
    assert len(moments) == pytest.approx(160 * (10 - 3 + MOST_DEBT), rel=0.02)


def test_without_a_pace_portions_grow_to_the_time_a_command_may_wait():
    moments = drive(None, 1e-4, 2)
    assert len(moments) == pytest.approx(20_000, rel=0.02)
    pacer = Pacer()
    step, now = 0, 0.0
    for _ in range(40):
        pacer.back(step, now)
        updates = pacer.allowance(At(step, None), now)
        step, now = step + updates, now + 1e-4 * updates
    assert updates == pytest.approx(250, rel=0.02)


def steer(cost_of_update, cost_of_measuring, seconds=20, start=8):
    steering, at, now, said = Steering(20), At(0, None, cadence=start), 0.0, []
    while now < seconds:
        at.step += at.cadence
        now += at.cadence * cost_of_update + cost_of_measuring
        steering.measured()
        advised = steering.advise(at, now)
        if advised:
            said.append((now, at.cadence, advised))
            at.cadence = advised
    return at.cadence, said


@pytest.mark.parametrize("cost", [1e-6, 1e-5, 1e-4, 1e-3])
def test_steering_comes_to_rest_near_its_target(cost):
    cadence, said = steer(cost, 1e-3)
    assert 1 / Steering.BAND <= 20 * (cadence * cost + 1e-3) <= Steering.BAND
    assert len(said) <= 4
    assert said[-1][0] < 6
    assert all((new / old).hex().startswith(("0x1.0000000000000p", "0x1p")) for _, old, new in said)


def test_dear_measurements_are_never_closer_than_a_sixteenth_of_an_epoch():
    steering = Steering(20)
    at = At(0, None, steps_per_epoch=160, cadence=10)
    assert steering.advise(at, 0) is None
    assert steering.advise(at, 10) is None
    assert steering.advise(at, 20) is None
    assert steering.advise(At(0, None, steps_per_epoch=160, cadence=40), 30) == 10


def test_one_window_a_little_outside_the_band_changes_nothing():
    steering, at = Steering(20), At(0, None)
    steering.advise(at, 0)
    for now, count in ((1, 40), (2, 20), (3, 40)):
        for _ in range(count):
            steering.measured()
        assert steering.advise(at, now) is None
    for _ in range(40):
        steering.measured()
    assert steering.advise(at, 4) == 16


def spared(update_s, probe_s, seconds, speed=20.0):
    """Train at a pace with updates of one cost and a probe, each epoch, of another; gives the factors in time."""
    pacer, sparing, at, now, told = Pacer(), Sparing(), At(0, speed), 100.0, []
    while now < 100 + seconds:
        factor = sparing.advise(at, now)
        at.sparing = factor or at.sparing
        told.append((now - 100, at.sparing, at.step))
        now += max(pacer.delay(at, now), 0)
        pacer.allowance(at, now)
        now += update_s
        at.step += 1
        if at.step % (8 * at.sparing) == 0:
            now += probe_s
        pacer.back(at.step, now)
    return told


def test_probes_give_way_to_the_pace_and_no_further_than_needed():
    told = spared(update_s=0.001, probe_s=0.12, seconds=60)  # an epoch has 50 ms, 8 of them for updates
    late = [factor for now, factor, _ in told if now > 30]
    assert max(late) < Sparing.MOST
    (began, _, first), (ended, _, last) = next(each for each in told if each[0] > 30), told[-1]
    assert (last - first) / 8 / (ended - began) == pytest.approx(20, rel=0.05)


def test_probes_come_back_when_there_is_room_again():
    sparing, at, now = Sparing(), At(0, 20.0, sparing=8), 100.0
    for _ in range(40_000):
        now += 1 / 160
        at.step += 1
        at.sparing = sparing.advise(at, now) or at.sparing
    assert at.sparing == 1


def test_a_run_that_holds_its_pace_is_left_alone():
    assert {factor for _, factor, _ in spared(update_s=0.0005, probe_s=0.01, seconds=20)} == {1}


def test_measuring_never_takes_most_of_the_time():
    """One measurement of half a second among updates of 10 ms: they move apart until training has its share."""
    steering, at, now, cadence = Steering(20), At(0, None, steps_per_epoch=1000, cadence=63), 0.0, 63
    for _ in range(60):
        at.cadence = cadence
        now += 0.5 + 0.01 * cadence
        steering.measured()
        cadence = steering.advise(at, now, 0.5 / (0.5 + 0.01 * cadence)) or cadence
    assert 0.5 / (0.5 + 0.01 * cadence) <= 1.6 * Steering.MOST_SHARE
