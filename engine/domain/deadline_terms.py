"""What happens to a deadline after it was armed: pauses, extension, interruption, proven service, a day set by hand.

``Terms`` is everything that a computation needs besides rules and calendar. It is stored with the deadline, so that
computing again from the frozen rule versions gives the same day, or the day under a new calendar, with every step told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.domain.calendar import BusinessCalendar
from engine.domain.deadline_rules import RuleTable
from engine.domain.deadlines import DeadlineComputation, Extension, compute_deadline
from engine.domain.period_texts import Step
from engine.domain.periods import Interruption, Length, Pause, Period, parse_length
from engine.domain.refusals import ExtensionTwice, PauseBackwards, TooLate

_DAYS = frozenset({"on", "ended_on", "from_on", "to_on", "due_on"})


@dataclass(frozen=True)
class Moved:
    """A day that replaced the computed one: set by hand, or by an announcement for many deadlines at once."""

    due_on: date
    reason: str
    evidence: str = ""
    code: str = "override"


@dataclass(frozen=True)
class Terms:
    """``rules``: digests of the frozen versions by key; ``variables``: what the rules took from the case."""

    key: str
    from_on: date
    delivery: str = "none"
    rules: Mapping[str, str] | None = None
    variables: Mapping[str, Any] | None = None
    proven_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    extension: Extension | None = None
    moved: Moved | None = None

    @classmethod
    def of(cls, computation: DeadlineComputation) -> "Terms":
        return cls(computation.key, computation.from_on, computation.delivery, dict(computation.rules),
                   dict(computation.variables))

    def as_record(self) -> dict[str, Any]:
        """Plain JSON values; what is absent is left out."""
        record: dict[str, Any] = {
            "key": self.key, "from_on": self.from_on.isoformat(), "delivery": self.delivery,
            "rules": dict(self.rules or {}), "variables": _plain(dict(self.variables or {})),
            "proven_on": self.proven_on and self.proven_on.isoformat(),
            "pauses": [_plain(vars(one)) for one in self.pauses],
            "interruptions": [_plain(vars(one)) for one in self.interruptions],
            "extension": self.extension and _extension_record(self.extension),
            "moved": self.moved and _plain(vars(self.moved))}
        return {name: value for name, value in record.items() if value not in (None, [], {})}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Terms":
        extension, moved, proven = record.get("extension"), record.get("moved"), record.get("proven_on")
        return cls(
            key=record["key"], from_on=date.fromisoformat(record["from_on"]), delivery=record["delivery"],
            rules=record.get("rules"), variables=record.get("variables"),
            proven_on=date.fromisoformat(proven) if proven else None,
            pauses=tuple(Pause(**_days(one)) for one in record.get("pauses", ())),
            interruptions=tuple(Interruption(**_days(one)) for one in record.get("interruptions", ())),
            extension=_extension(extension) if extension else None, moved=Moved(**_days(moved)) if moved else None)

    # -- what may be done to it ---------------------------------------------------------------------------------------
    def paused(self, from_on: date, to_on: date, reason: str, evidence: str, article: str) -> "Terms":
        """With a named pause. Raises ``PauseBackwards`` for one that ends before it starts."""
        if to_on < from_on:
            raise PauseBackwards(where=self.key, article=article, from_on=from_on.isoformat(), found=to_on.isoformat())
        return replace(self, pauses=(*self.pauses, Pause(from_on, to_on, reason, evidence)))

    def extended(self, extension: Extension, article: str) -> "Terms":
        """With a granted extension; one a deadline."""
        if self.extension is not None:
            raise ExtensionTwice(where=self.key, article=article)
        return replace(self, extension=extension)

    def interrupted(self, act: Interruption, due_on: date, article: str) -> "Terms":
        """Running anew from an act. Raises ``TooLate`` for an act after expiry (民法典195)."""
        if act.on > due_on:
            raise TooLate(where=self.key, article=article, due_on=due_on.isoformat(), found=act.on.isoformat())
        return replace(self, interruptions=(*self.interruptions, act))


def compute_terms(terms: Terms, table: RuleTable, calendar: BusinessCalendar) -> DeadlineComputation:
    """The deadline under these terms; ``table`` answers with the versions that the deadline froze."""
    found = compute_deadline(
        table, calendar, terms.key, terms.from_on, terms.variables or {}, terms.delivery, terms.pauses, terms.extension,
        proven_on=terms.proven_on, interruptions=terms.interruptions)
    found = replace(found, rules=dict(terms.rules or found.rules), variables=dict(terms.variables or {}))
    return replace(found, period=_moved(found.period, terms.moved)) if terms.moved else found


def _moved(period: Period, moved: Moved) -> Period:
    """A day set by persons stands, whatever the calendar says."""
    step = Step.of(moved.code, due=moved.due_on, computed=period.due_on, reason=moved.reason,
                   evidence=moved.evidence or None)
    return replace(period, due_on=moved.due_on, provisional=False, steps=(*period.steps, step))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value
            for name, value in values.items() if value is not None}


def _days(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: date.fromisoformat(value) if name in _DAYS else value for name, value in record.items()}


def _extension_record(extension: Extension) -> dict[str, Any]:
    return _plain({"count": extension.length.count, "unit": extension.length.unit.value,
                   "requested_on": extension.requested_on, "reason": extension.reason})


def _extension(record: Mapping[str, Any]) -> Extension:
    asked = record.get("requested_on")
    length: Length = parse_length(record["count"], record["unit"])
    return Extension(length, date.fromisoformat(asked) if asked else None, record.get("reason", ""))
