"""Requests of the caseworker's desk: what one does with tasks besides completing them, notes to colleagues, filters one
keeps, and cases that are put together, taken apart or given to another unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class DelegateUserTask:
    """Hand one's own task to a colleague who may do it (WS-HumanTask 1.1 §4.10.2 ``delegate``)."""

    task: str
    to: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetFollowUp:
    """``on``: the day on which to come back to a task; None: no day."""

    task: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class SetPriority:
    """0 to 100; 50 is usual."""

    task: str
    priority: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A note in a case that those of the house see; ``@id`` or ``@name`` in it tells that person. ``task``: the key of
    the task it is about."""

    case_id: str
    text: str
    task: str | None = None


@dataclass(frozen=True, slots=True)
class SaveFilter:
    """``filters``: what the inbox is asked for, by name. A filter of the same name is replaced. ``role``: one of one's
    own, whose others are shown the filter too."""

    name: str
    filters: Mapping[str, str]
    role: str | None = None


@dataclass(frozen=True, slots=True)
class DropFilter:
    filter: str


@dataclass(frozen=True, slots=True)
class SaveStartDraft:
    """What somebody has typed into the start form of a process so far."""

    process_id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DropStartDraft:
    process_id: str


@dataclass(frozen=True, slots=True)
class MergeCases:
    """``case_id`` ends and goes on in ``into``, which gets its papers."""

    case_id: str
    into: str
    reason: str


@dataclass(frozen=True, slots=True)
class SplitCase:
    """Part of a case becomes one of its own, with the same variables under another title.

    ``documents``: ids of the papers and evidence that it gets too; ``parties``: names of those who go along; None: all.
    ``tasks``: keys of open tasks that go over with who has them; without any it begins anew.
    """

    case_id: str
    title: str
    reason: str
    documents: tuple[str, ...] | None = None
    parties: tuple[str, ...] | None = None
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferCase:
    """Another unit has the case from now on; None: the house itself. Its tasks go back to their groups."""

    case_id: str
    unit: str | None
    owner: str | None
    reason: str
