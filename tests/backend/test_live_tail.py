from backend.binary import PackedEntry
from backend.live import tail as module
from backend.live.tail import Tail, within_size


def entry(step, size=10):
    return PackedEntry(f"{step}-1", b"", bytes(size))


def test_a_tail_gives_what_follows_a_cursor():
    tail = Tail("5-1")
    for step in (6, 7, 8):
        tail.add(entry(step))
    tail.add(entry(7))
    assert tail.covers("5-1")
    assert not tail.covers("5-0")
    assert [one.id for one in tail.after("5-9", 10, 1000)] == ["6-1", "7-1", "8-1"]
    assert [one.id for one in tail.after("6-1", 1, 1000)] == ["7-1"]
    assert tail.after("8-1", 10, 1000) == []
    assert tail.end == "8-1"


def test_a_tail_is_cut_by_number_and_by_size(monkeypatch):
    monkeypatch.setattr(module, "MAX_ENTRIES", 100)
    monkeypatch.setattr(module, "MAX_BYTES", 5000)
    tail = Tail("0-0")
    for step in range(1, 1001):
        tail.add(entry(step))
    kept = tail.after(f"{tail.start[0]}-{tail.start[1]}", 1000, 10**9)
    assert 70 <= len(kept) <= 100
    assert kept[-1].id == "1000-1"
    assert not tail.covers("1-1")
    for step in range(1001, 1011):
        tail.add(entry(step, 2000))
    kept = tail.after(f"{tail.start[0]}-{tail.start[1]}", 1000, 10**9)
    assert sum(len(one.body) for one in kept) <= 5000
    assert kept[-1].id == "1010-1"


def test_a_batch_is_cut_by_size_but_never_empty():
    entries = [entry(step, 100) for step in range(5)]
    assert within_size(entries, 250) == entries[:2]
    assert within_size(entries, 1) == entries[:1]
    assert within_size([], 1) == []
