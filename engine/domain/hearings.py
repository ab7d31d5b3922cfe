"""Hearings (开庭): what is planned in which room, by when it must be told, and what stands against it.

    planned ── held ──▶ held
       ├── adjourn ──▶ adjourned        (a new hearing is planned)
       └── cancel ───▶ cancelled
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

MODES = ("offline", "online", "mixed", "circuit")
"""审查指南 IV-4-2: in the room, by video, both; circuit hearings (巡回审理) away from the panel's seat."""
REMOTE = ("online", "mixed")
"""Modes that need a link."""
SIDES = ("requester", "respondent")
PARTS = (*SIDES, "panel", "clerk", "witness", "observer")
MOST_A_SIDE = 4
"""Who may attend for one side (审查指南 IV-4-5)."""
PANELS = (1, 3, 5)
"""Who sits: one alone in a simple case, three, or five (审查指南 IV-1-3)."""
LONGEST = timedelta(hours=10)
ENDS = ("held", "adjourned", "cancelled")


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """``key``: the backward period in the rule table; ``binding``: no hearing without it, unless the parties waive."""

    key: str
    binding: bool


NOTICE: Mapping[str, NoticeRule] = {
    "invalidation": NoticeRule("dl.inv.publish", False),
    "reexamination": NoticeRule("dl.inv.publish", False),
    "adjudication": NoticeRule("dl.adj.hearing_notice", True),
}
"""Procedure → by when the hearing must be made known."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A hearing as others see it: when, where, who is needed there, and of which case it is."""

    hearing: str
    starts_at: datetime
    ends_at: datetime
    room: str | None
    people: frozenset[str]
    case: str | None = None

    def meets(self, other: Slot) -> bool:
        """They share a moment; one that begins as the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Clash:
    """``what``: room, person or case; ``name``: which; by the hearing that has it, and when."""

    what: str
    name: str
    hearing: str
    starts_at: datetime
    ends_at: datetime


def clashes(wanted: Slot, others: Iterable[Slot]) -> tuple[Clash, ...]:
    """Rooms and people that a hearing needs and another has at the same time; its parties, who have no account, cannot
    be in two hearings of their case either."""
    found = []
    for other in others:
        if other.hearing == wanted.hearing or not wanted.meets(other):
            continue
        if wanted.room is not None and wanted.room == other.room:
            found.append(Clash("room", wanted.room, other.hearing, other.starts_at, other.ends_at))
        if wanted.case is not None and wanted.case == other.case:
            found.append(Clash("case", wanted.case, other.hearing, other.starts_at, other.ends_at))
        found += [Clash("person", name, other.hearing, other.starts_at, other.ends_at)
                  for name in sorted(wanted.people & other.people)]
    return tuple(found)
