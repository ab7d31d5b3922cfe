"""What deadlines are computed from, as people read it: the rule table, the years of the calendar, and what a new table
or an announcement would move before anybody confirms it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.clock import Clock, local_date
from engine.domain.actors import Actor
from engine.domain.calendar import BusinessCalendar
from engine.domain.calendar_files import read_year
from engine.domain.deadline_rules import RuleVersion
from engine.domain.escalation import Rung
from engine.domain.period_texts import UNIT_TEXTS
from engine.domain.permissions import is_staff, may
from engine.domain.rule_reader import succeeded
from engine.errors import NotAllowed, NotFound
from engine.services.context import Parts
from engine.services.legal_time import calendars
from engine.store import almanac as tables
from engine.store import moves
from engine.store.database import Database


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a rule: ``length`` in words, ``marks`` of its articles (a read, b to be verified, c local)."""

    digest: str
    name: str
    length: str
    profile: str
    basis: tuple[tuple[str, str], ...]
    effective_from: date | None
    effective_to: date | None
    in_force: bool
    consequence: str
    extension: str
    suspension: str
    rungs: tuple[Rung, ...]
    internal: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """``now``: the version in force, or the newest; ``versions``: how many there are; ``changed``: not as shipped."""

    key: str
    now: VersionRow
    versions: int
    changed: bool


@dataclass(frozen=True, slots=True)
class RuleView:
    """``content``: all versions as JSON text, as a change is written; ``simple``: of one
    length, so that a new version needs little; ``changes``: who changed it when, and why."""

    key: str
    versions: tuple[VersionRow, ...]
    simple: bool
    content: str
    changes: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class YearRow:
    """``by``, ``at`` are of the last loading; a year that came with the product has none."""

    year: int
    rest: int
    makeup: int
    source: str
    by: str
    at: Any


class AlmanacPages:
    """Wired by ``house``; ``language`` as for ``Views``. For the house's own people."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, language: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._language = language

    # --- rules ------------------------------------------------------------------------------------------------------
    def rules(self, actor: Actor, text: str = "") -> tuple[RuleRow, ...]:
        """All keys that begin with, or are named by, ``text``."""
        _require_staff(actor)
        with self._database.reading() as connection:
            table = self._parts.almanac.rules(connection)
            changed = {row.key for row in tables.changes(connection)}
        found = (RuleRow(key, self._version(_now(versions, self._today)), len(versions), key in changed)
                 for key, versions in sorted(table.versions.items()) if versions)
        return tuple(row for row in found if text in row.key or text in row.now.name)

    def rule(self, actor: Actor, key: str) -> RuleView:
        _require_staff(actor)
        with self._database.reading() as connection:
            versions = self._parts.almanac.rules(connection).versions.get(key, ())
            changes = tuple(row for row in tables.changes(connection) if row.key == key)
        if not versions:
            raise NotFound(noun="rule", key=key)
        content = json.dumps([dict(one.content) for one in versions], ensure_ascii=False, indent=1, default=str)
        return RuleView(key, tuple(self._version(one) for one in reversed(versions)), not versions[-1].variants,
                        content, changes)

    def successor(self, actor: Actor, key: str, on: date, count: int, article: str,
                  mark: str) -> tuple[Mapping[str, Any], ...]:
        """The versions that a change would write: the newest, with another length from a day on."""
        _require(actor, "rule.change")
        with self._database.reading() as connection:
            versions = self._parts.almanac.rules(connection).versions.get(key, ())
        if not versions:
            raise NotFound(noun="rule", key=key)
        return tuple(succeeded(versions, on, count, article, mark))

    @property
    def _today(self) -> date:
        return local_date(self._clock.now())

    def _version(self, one: RuleVersion) -> VersionRow:
        language = self._language()
        lengths = dict.fromkeys([one.count, *(variant.count for variant in one.variants)])
        counts = "/".join(str(count) for count in lengths if count is not None) or "—"
        return VersionRow(
            one.version, one.name.text(language), f"{counts} {UNIT_TEXTS[one.unit.value].text(language)}",
            one.profile.value, tuple((basis.article, basis.mark) for basis in one.basis), one.effective_from,
            one.effective_to, one.in_force(self._today), one.on_expiry.text(language),
            one.extension.article if one.extension.allowed else "",
            one.suspension.reasons.text(language) if one.suspension is not None else "", self._rungs(one.ladder),
            one.internal)

    def _rungs(self, ladder: str) -> tuple[Rung, ...]:
        found = self._parts.almanac.known[0].ladders.get(ladder)
        return found.rungs if found is not None else ()

    # --- the calendar -----------------------------------------------------------------------------------------------
    def years(self, actor: Actor) -> tuple[YearRow, ...]:
        """The newest first."""
        _require_staff(actor)
        with self._database.reading() as connection:
            calendar = self._parts.almanac.calendar(connection)
            loaded = {row.year: row for row in tables.years(connection)}
        return tuple(_year(calendar, year, loaded.get(year)) for year in sorted(calendar.years, reverse=True))

    def preview(self, actor: Actor, content: str, source: str) -> Mapping[str, Any]:
        """What a year's table would do; nothing is written (``services.calendars.preview``)."""
        _require(actor, "calendar.load")
        with self._database.reading() as connection:
            held = self._parts.almanac.calendar(connection)
            return calendars.preview(connection, self._parts, held.merged(read_year(content, source)))

    def preview_shift(self, actor: Actor, first: date, last: date, due_on: date,
                      keys: tuple[str, ...]) -> Mapping[str, Any]:
        """What an announcement would move: ``{"moved", "deadlines"}``."""
        _require(actor, "deadline.shift")
        with self._database.reading() as connection:
            found = list(moves.due_between(connection, first, last, keys))
        return {"moved": len(found), "deadlines": [calendars.shown(row, due_on) for row in found[:calendars.SHOWN]]}



def _now(versions: tuple[RuleVersion, ...], today: date) -> RuleVersion:
    return next((one for one in versions if one.in_force(today)), versions[-1])


def _year(calendar: BusinessCalendar, year: int, row: Any) -> YearRow:
    first, last = date(year, 1, 1), date(year, 12, 31)
    rest = sum((span.last - span.first).days + 1 for span in calendar.holidays_between(first, last))
    return YearRow(year, rest, sum(on.year == year for on in calendar.makeup), row.source if row else "",
                   row.by if row else "", row.at if row else None)


def _require_staff(actor: Actor) -> None:
    if not is_staff(actor):
        raise NotAllowed(actor=actor.id, right="rule.see")


def _require(actor: Actor, right: str) -> None:
    if not may(actor, right):
        raise NotAllowed(actor=actor.id, right=right)
