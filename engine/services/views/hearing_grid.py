"""A day of rooms as the lines of a table: half an hour a line, a cell as high as what fills it is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, Protocol, TypeVar

from engine.clock import LOCAL_ZONE

OPENS, CLOSES, MINUTES = 17, 36, 30
"""08:30 and 18:00 in half hours: what is shown of a day without anything before or after."""
LAST = 24 * 60 // MINUTES


class Timed(Protocol):
    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


T = TypeVar("T", bound=Timed)


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """``lines``: how high it is; no entry: free."""

    lines: int
    entries: Sequence[T]


def lines_of(on: date, rooms: Sequence[Sequence[T]]) -> list[tuple[time, list[Cell[T]]]]:
    """The time of each line and the cells that begin in it, one a room at most."""
    blocks = [_blocks(on, entries) for entries in rooms]
    first = min([OPENS, *(begin for room in blocks for begin, _, _ in room)])
    last = max([CLOSES, *(end for room in blocks for _, end, _ in room)])
    return [(_time(line), [cell for room in blocks if (cell := _cell(room, line)) is not None])
            for line in range(first, last)]


def _blocks(on: date, entries: Sequence[T]) -> list[tuple[int, int, list[T]]]:
    """(first line, line after, entries); what shares a line stands in one block."""
    blocks: list[tuple[int, int, list[T]]] = []
    for entry in sorted(entries, key=lambda item: item.starts_at):
        begin, end = _line(on, entry.starts_at), _line(on, entry.ends_at, up=True)
        if blocks and begin < blocks[-1][1]:
            before, until, inside = blocks.pop()
            blocks.append((before, max(until, end), [*inside, entry]))
        else:
            blocks.append((begin, end, [entry]))
    return blocks


def _cell(room: Sequence[tuple[int, int, list[T]]], line: int) -> Cell[T] | None:
    """None inside a block that has begun before."""
    for begin, end, entries in room:
        if begin <= line < end:
            return Cell(end - begin, entries) if begin == line else None
    return Cell(1, [])


def _line(on: date, at: datetime, up: bool = False) -> int:
    past = at - datetime.combine(on, time(), LOCAL_ZONE)
    found = -(-past // timedelta(minutes=MINUTES)) if up else past // timedelta(minutes=MINUTES)
    return min(max(int(found), 0), LAST)


def _time(line: int) -> time:
    return time(line * MINUTES // 60, line * MINUTES % 60)
