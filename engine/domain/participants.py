"""Who takes part in a case with an account of their own: parties, and who acts for them under a power of attorney.

    invited ── join (one-time code) ──▶ active ── remove, with a reason ──▶ removed
       └── remove · time passes ──▶ removed, or of no more use

An account that is named at the invitation takes its seat at once. Whoever began a case has the seat of the applicant
without a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

SIDES: Mapping[str, str] = {"applicant": "first", "requester": "first", "respondent": "second", "patentee": "second",
                            "third_party": "third"}
"""Capacity that somebody may have a seat in → side; an account stands on one side of a case."""
AUTHORITIES = ("general", "special")
"""一般授权, 特别授权: only the latter lets an agent concede, settle and sign (民事诉讼法62)."""
SPECIAL = "special"
OPEN_FOR = timedelta(days=15)
"""How long an invitation may be taken up."""


@dataclass(frozen=True, slots=True)
class Seat:
    """``name``: of the party; ``agent`` and ``authority``: of who acts for it, empty for the party itself."""

    user: str
    capacity: str
    name: str
    authority: str = ""
    agent: str = ""

    @property
    def called(self) -> str:
        """The name of who sits there."""
        return self.agent or self.name

    def matches(self, wanted: str) -> bool:
        """Whether a diagram means this seat: by its capacity, or by the party's name."""
        return wanted in (self.capacity, self.name)

    @property
    def may_settle(self) -> bool:
        return self.authority in ("", SPECIAL)
