"""Sample cases for a demonstration: scenarios whose days are counted from today, played into a house that stays.

A sample begins ``ago`` days before today and is moved on with its own clock; what is due after its last step is left to
the workers of the house. Texts ``@-3``, ``@+12`` and ``@-3 09:30`` are days and times counted from today (a weekend
gives way to the next working day), ``@no`` is the number of the sample's case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import yaml

from engine.clock import LOCAL_ZONE, VirtualClock
from engine.domain.actors import SYSTEM, Actor
from engine.store import queries
from engine.workbench.sandbox import House, Sandbox, Waiting
from engine.workbench.scenario import Player
from engine.workbench.scenario_files import Loader

SATURDAY = 5
BETWEEN = timedelta(minutes=17)
"""Between two steps of a sample; nobody does everything in one minute."""
_DAY = re.compile(r"@([+-]\d+)(?: (\d\d:\d\d))?")


@dataclass(frozen=True, slots=True)
class Sample:
    """``about``: where the case stands, for whoever reads the file or watches it being loaded."""

    name: str
    about: str
    ago: int
    case: Mapping[str, Any]


def read_samples(content: bytes) -> list[Sample]:
    """The samples of a file, the oldest first, so that numbers are given in the order of days."""
    cases = yaml.load(content, Loader=Loader)  # noqa: S506 - a SafeLoader that leaves dates alone
    found = [Sample(case["name"], case["about"], case["ago"], case) for case in cases]
    return sorted(found, key=lambda sample: -sample.ago)


def play(sample: Sample, house_at: Callable[[VirtualClock], House], now: datetime) -> str:
    """Play one sample with a clock of its own, to which ``house_at`` opens the house. Answers the id of its case."""
    today = now.astimezone(LOCAL_ZONE).date()
    begun = datetime.combine(_working_day(today, -sample.ago, -1), time(9, 30), LOCAL_ZONE)
    clock = VirtualClock(min(begun, now))
    player = Teller(_Apart(house_at(clock), clock), _said(sample.case, today))
    player.start()
    for action in player.steps:
        clock.move_to(max(clock.now(), min(clock.now() + BETWEEN, now)))
        player.step(action)
    return player.case_id


class _Apart(Sandbox):
    """A sandbox that looks at what began in it alone."""

    def __init__(self, house: House, clock: VirtualClock) -> None:
        super().__init__(house, clock)
        self.confirms = False
        self._before = {item.case_id for item in super().waiting()}

    def waiting(self) -> list[Waiting]:
        return [item for item in super().waiting() if item.case_id not in self._before]


class Teller(Player):
    """Plays with the accounts of a demonstration, one for each role and named like it."""

    @property
    def case_id(self) -> str:
        return self._id

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        return list(self._case.get("steps") or ())

    def start(self) -> None:
        super().start()
        if "start_by" in self._case:
            self._id = self.sandbox.waiting()[0].case_id

    def step(self, action: Mapping[str, Any]) -> None:
        number = self.sandbox.case(self._id)["case_no"] or ""
        super().step(_replaced(action, lambda text: text.replace("@no", number)))

    def _worker(self, waiting: Waiting, name: str | None) -> Actor:
        with self.sandbox.house.database.reading() as connection:
            task = queries.task(connection, SYSTEM, waiting.case_id, waiting.wait)
            groups = queries.groups_of(connection, waiting.case_id, waiting.wait)
        assignee = task.assignee if task is not None else None
        somebody = assignee or name or next(iter(groups), None)
        return self._actor(somebody, set(groups)) if somebody is not None else SYSTEM


def _said(case: Mapping[str, Any], today: date) -> Any:
    return _replaced(case, lambda text: _DAY.sub(lambda found: _when(found, today), text))


def _when(found: re.Match[str], today: date) -> str:
    days = int(found[1])
    day = _working_day(today, days, 1 if days >= 0 else -1)
    return day.isoformat() if found[2] is None else f"{day.isoformat()}T{found[2]}:00+08:00"


def _working_day(today: date, days: int, towards: int) -> date:
    day = today + timedelta(days=days)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=towards)
    return day


def _replaced(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _replaced(item, change) for key, item in value.items()}
    return [_replaced(item, change) for item in value] if isinstance(value, list) else value
