"""The last entries of one stream, kept in memory so that viewers at the front need no Redis."""

from __future__ import annotations

from bisect import bisect_right

from backend.binary import PackedEntry
from workers.keys import id_pair

MAX_ENTRIES = 4096
MAX_BYTES = 4 * 2**20


class Tail:
    """All entries of a stream after ``start``, oldest first, cut when there are too many.

    Args:
        start: Id of the newest entry that is not kept here.
    """

    def __init__(self, start: str) -> None:
        self.start = id_pair(start)
        self.end = start
        self._entries: list[PackedEntry] = []
        self._ids: list[tuple[int, int]] = []
        self._bytes = 0

    def add(self, entry: PackedEntry) -> None:
        """Append the next entry; one that is not newer than the last is ignored."""
        pair = id_pair(entry.id)
        if pair <= id_pair(self.end):
            return
        self._entries.append(entry)
        self._ids.append(pair)
        self._bytes += len(entry.head) + len(entry.body)
        self.end = entry.id
        if len(self._entries) > MAX_ENTRIES or self._bytes > MAX_BYTES:
            self._cut()

    def covers(self, cursor: str) -> bool:
        """Whether everything after a cursor is kept here."""
        return id_pair(cursor) >= self.start

    def after(self, cursor: str, most: int, most_bytes: int) -> list[PackedEntry]:
        """Give the entries after a cursor, oldest first; at least one if there is any."""
        first = bisect_right(self._ids, id_pair(cursor))
        return within_size(self._entries[first : first + most], most_bytes)

    def _cut(self) -> None:
        gone = max(1, len(self._entries) // 4)
        while gone < len(self._entries) - 1 and self._bytes_of(gone) > MAX_BYTES:
            gone += 1
        self.start = self._ids[gone - 1]
        self._bytes = self._bytes_of(gone)
        del self._entries[:gone], self._ids[:gone]

    def _bytes_of(self, first: int) -> int:
        return sum(len(entry.head) + len(entry.body) for entry in self._entries[first:])


def within_size(entries: list[PackedEntry], most_bytes: int) -> list[PackedEntry]:
    """Keep the first entries whose sizes add up to a limit; at least one."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.head) + len(entry.body)
        if size > most_bytes and count:
            return entries[:count]
    return entries
