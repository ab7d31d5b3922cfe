"""How long the file of a case is kept: the schedule of ``bpmn/retention.toml``, from the day the case ended."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Kept:
    """``years`` None: for ever."""

    years: int | None
    basis: str


@cache
def shipped() -> Mapping[str, Kept]:
    """Rule by process id. Raises ``InvalidInput`` for a rule that says neither years nor permanent."""
    found: dict[str, Kept] = {}
    for rule in tomllib.loads(resources.files("bpmn").joinpath("retention.toml").read_text("utf-8"))["rule"]:
        years = None if rule.get("permanent") else rule.get("years")
        if years is None and not rule.get("permanent"):
            raise InvalidInput(expected="years or permanent", found=str(rule), where="retention.toml")
        found |= {process: Kept(years, rule["basis"]) for process in rule["processes"]}
    return found


def ended_before(kept: Kept, today: date) -> date | None:
    """Cases that ended before this day are due to be destroyed; None: never."""
    if kept.years is None:
        return None
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return date(today.year - kept.years, today.month, day)
