"""Requests about hearing rooms and hearings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class KeepRoom:
    """A room as it is from now on. ``remote``: it has the equipment for hearings by video."""

    id: str
    name: str
    seats: int
    remote: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Attendee:
    """``part``: one of ``engine.domain.hearings.PARTS``; ``user``: the account of who has one, whose name is taken when
    none is given."""

    name: str
    part: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class PlanHearing:
    """``room``: None for one that is only by video or elsewhere; ``public``: announced to everybody; ``panel``: how
    many are to sit, None where the case does not say."""

    case_id: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    room: str | None = None
    public: bool = True
    people: tuple[Attendee, ...] = ()
    panel: int | None = None


@dataclass(frozen=True, slots=True)
class MoveHearing:
    case_id: str
    hearing: str
    starts_at: datetime
    ends_at: datetime
    room: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class AddAttendee:
    case_id: str
    hearing: str
    attendee: Attendee


@dataclass(frozen=True, slots=True)
class RemoveAttendee:
    case_id: str
    hearing: str
    number: int


@dataclass(frozen=True, slots=True)
class GiveNotice:
    """The hearing was made known on a day. ``waiver``: the evidence that all parties waive a late notice."""

    case_id: str
    hearing: str
    on: date
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class TestLink:
    """连线测试 of a hearing by video."""

    __test__ = False

    case_id: str
    hearing: str
    passed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class TryLink:
    """连线自测 of somebody who is called, at the own equipment."""

    case_id: str
    hearing: str
    passed: bool


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody is there, and whether the identity was checked."""

    case_id: str
    hearing: str
    number: int
    present: bool
    identified: bool = False


@dataclass(frozen=True, slots=True)
class CloseHearing:
    """``state``: held, adjourned or cancelled; ``note``: the record, or the reason; when it really began and ended:
    as planned and just now, unless told."""

    case_id: str
    hearing: str
    state: str
    note: str
    began_at: datetime | None = None
    ended_at: datetime | None = None
