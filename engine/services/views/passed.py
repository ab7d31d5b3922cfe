"""Periods that have ended while a party could still have acted: what it is no longer offered, and what remains open to
it. Acts after expiry are an officer's to accept (``services.legal_time.expiry``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.services.context import Parts
from engine.services.views.models import DeadlineRow
from engine.store import deadlines as rows
from engine.store.database import Connection


@dataclass(frozen=True, slots=True)
class PassedView:
    """``restore``: the period in which the right behind it may be restored, with its article; "" where the law knows
    none."""

    deadline: DeadlineRow
    restore: str


def passed_of(connection: Connection, case_id: str) -> Mapping[int, Any]:
    """Expired deadlines on which an officer has yet to decide, by the element instance that they limited."""
    return {row.instance: row for row in rows.unsettled(connection, case_id) if "late" not in row.terms}


def without(waiting: Sequence[Any], passed: Mapping[int, Any]) -> tuple[list[Any], list[Any]]:
    """(those still open, those whose period has ended); of anything with an ``instance``."""
    over = [row for row in waiting if row.instance in passed]
    return [row for row in waiting if row.instance not in passed], over


def restoration(connection: Connection, parts: Parts, row: Any, language: str) -> str:
    """What the rule that the deadline froze says of restoring the right, in words."""
    key = parts.almanac.version(connection, row.rule_version).restore
    found = parts.almanac.rules(connection).versions.get(key or "")
    if not found:
        return ""
    name, articles = found[-1].name.text(language), found[-1].articles
    return f"{name}（{articles}）" if language == "zh" else f"{name} ({articles})"
