"""A new year's calendar loaded over many open deadlines: how long the preview takes, and how long applying it.

A house with one real case is filled with copies of it, each with a deadline of its own: many rules, start days spread
over the year before, timers and ladders planned ahead. Then the notice for 2027 is loaded in November 2026, as it is.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from benchmarks import models
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.calendar_files import read_year
from engine.domain.commands import Deploy, Resource, StartCase
from engine.domain.deadline_commands import ContinueMove, LoadCalendar
from engine.domain.deadline_terms import Terms
from engine.domain.deadlines import DeadlineComputation, compute_deadline
from engine.domain.wait_numbers import BY_HAND
from engine.house import Kapok, wire
from engine.services.context import Context
from engine.services.legal_time import calendars, deadlines, escalations
from engine.services.operations.registry import OPERATIONS
from engine.store import migrate
from engine.store import schema as s

NOW = datetime(2026, 11, 10, 1, tzinfo=UTC)
LONGEST = 500
KEYS = (
    "dl.inv.answer", "dl.inv.sue", "dl.cnipa.oa1", "dl.cnipa.oaN", "dl.cnipa.reexam", "dl.cnipa.register", "dl.notary",
    "dl.cnipa.suspend", "dl.adj.close", "dl.adj.defence", "dl.med.term", "dl.med.confirm_apply", "dl.appraise.term",
    "dl.court.confirm_decide", "dl.confirm.third_objection", "dl.pre.answer", "dl.pre.first_opinion", "dl.enforce")
VARIABLES = ({"kind": "invention", "source": "own", "track": "complex"},
             {"kind": "design", "source": "own", "track": "simple"})
YEAR = """year = 2027
country = "CN"
source = "a table for measuring: the days of 2027 are not published yet"
""" + "".join(f"""
[[holidays]]
name = {{ zh = "假{number}", en = "Holiday {number}" }}
first = {first}
last = {last}
makeup = [{makeup}]
""" for number, (first, last, makeup) in enumerate((
    ("2027-01-01", "2027-01-03", ""), ("2027-02-05", "2027-02-12", "2027-02-20"), ("2027-04-03", "2027-04-05", ""),
    ("2027-05-01", "2027-05-05", "2027-05-08"), ("2027-06-09", "2027-06-09", ""), ("2027-09-15", "2027-09-15", ""),
    ("2027-10-01", "2027-10-07", "2027-10-09"))))
Advance = Callable[[int], None]


def measure(url: str, folder: Path, count: int, advance: Advance) -> dict[str, Any]:
    """Seconds for ``count`` open deadlines."""
    kapok = wire(Settings(database_url=url, folder=folder), migrate.upgrade, OPERATIONS, clock=VirtualClock(NOW))
    try:
        _fill(kapok, count)
        advance(1)
        began = perf_counter()
        with kapok.database.reading() as connection:
            held = kapok.parts.almanac.calendar(connection)
            shown = calendars.preview(connection, kapok.parts, held.merged(read_year(YEAR, "cn-2027.toml")))
        preview = perf_counter() - began
        advance(1)
        move = kapok.run(LoadCalendar(YEAR, "cn-2027.toml"), SHELL)["move"]
        began = perf_counter()
        while not kapok.run(ContinueMove(move), SYSTEM)["done"]:
            pass
        apply = perf_counter() - began
        advance(1)
    finally:
        kapok.close()
    return {"deadlines": count, "touched": shown["touched"], "moved": shown["moved"], "firm": shown["firm"],
            "preview_s": round(preview, 2), "apply_s": round(apply, 2)}


def _fill(kapok: Kapok, count: int) -> None:
    kapok.run(Deploy((Resource("model.bpmn", models.loop()),)), SHELL)
    first = kapok.run(StartCase("loop", {}), SYSTEM)["case_id"]
    with kapok.database.reading() as connection:
        case = dict(connection.execute(sa.select(s.case).where(s.case.c.id == first)).mappings().one())
    computed = list(itertools.islice(itertools.cycle(_computations(kapok)), count))
    random.Random(7).shuffle(computed)
    for chunk in _batched(computed, 2_000):
        with kapok.database.writing() as connection:
            context = Context(connection, kapok.database, NOW, SYSTEM, kapok.parts, "fill")
            _insert(context, case, chunk)


def _batched(items: list[Any], size: int) -> Iterator[list[Any]]:
    for at in range(0, len(items), size):
        yield items[at:at + size]


def _computations(kapok: Kapok) -> list[DeadlineComputation]:
    """Every rule on every start day whose deadline is still open."""
    with kapok.database.reading() as connection:
        tables = kapok.parts.almanac.tables(connection)
    today = date(2026, 11, 10)
    found = (compute_deadline(*tables, key, today - timedelta(days=back), variables)
             for key, variables, back in itertools.product(KEYS, VARIABLES, range(LONGEST)))
    return [computation for computation in found if computation.due_on >= today]


def _insert(context: Context, case: dict[str, Any], chunk: Any) -> None:
    wait, rows, timers, rungs, cases = BY_HAND + 1, [], [], [], []
    for computation in chunk:
        case_id = context.new_id()
        place = {"case_id": case_id, "wait": wait}
        where = {"instance": 0, "element": "", "process": case["process_id"]}
        cases.append({**case, "id": case_id, "case_no": None})
        rows.append({**place, **where, "state": "running", "armed_at": NOW,
                     **deadlines.computed(computation, Terms.of(computation))})
        timers.append({**place, **where, "due_at": computation.due_at, "held": False})
        rungs += [{"case_id": case_id, **rung} for rung in escalations.planned(context, wait, computation)]
    for table, values in ((s.case, cases), (s.deadline, rows), (s.timer, timers), (s.escalation_rung, rungs)):
        context.connection.execute(table.insert(), values)
