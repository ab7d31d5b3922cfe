"""Escalation ladders of deadlines: planned as rows ahead of time, so that anybody can see who will be told and when.

A rung fires once for a due day; ``rungs`` fires them. An escalation event of a diagram is a rung that is due at once.
"""

from __future__ import annotations

from typing import Any

from engine.clock import local_date
from engine.domain import escalation
from engine.domain.deadlines import DeadlineComputation
from engine.services.context import Context
from engine.store import deadlines as rows
from engine.store.cases import CaseRow

MOVED = 1_000_000
"""Rungs from here tell of a new day; below are those of the ladder."""
THROWN = "escalation:"
"""How the addressee of a rung begins that an escalation event of a diagram has thrown; its code follows."""


def planned(context: Context, wait: int, found: DeadlineComputation) -> list[dict[str, Any]]:
    """The rungs of a deadline as rows, without the case; those whose time is past are left out."""
    rules, calendar = context.tables
    ladder = rules.ladders.get(found.rule.ladder)
    if ladder is None:
        return []
    today = local_date(context.now)
    return [{"wait": wait, "rung": one.index, "due_on": found.due_on, "at": one.at, "to": one.to, "state": "planned",
             "fired_at": None, "told": None}
            for one in escalation.plan(ladder, found.period.start_on, found.due_on, calendar, rules.hours)
            if one.on >= today or one.on >= found.due_on]


def replan(context: Context, case: CaseRow, wait: int, found: DeadlineComputation, tell: bool = False) -> None:
    """The ladder follows its deadline. A rung that has fired for this day does not fire again."""
    fired = {(row.rung, row.due_on) for row in rows.rungs_of(context.connection, case.id, wait)
             if row.state != "planned"}
    ahead = planned(context, wait, found) + (moved(context, case, wait, found) if tell else [])
    rows.replan(context.connection, case.id, wait, [
        {"case_id": case.id, **row} for row in ahead if (row["rung"], row["due_on"]) not in fired])


def moved(context: Context, case: CaseRow, wait: int, found: DeadlineComputation) -> list[dict[str, Any]]:
    """Rungs due at once, or when work begins: whoever works on it, and the party whom its ladder reminds, are told of
    the new day."""
    rules, calendar = context.tables
    ladder, at = rules.ladders.get(found.rule.ladder), rules.hours.next_open(context.now, calendar)
    told = ["assignee"] if ladder is None else [
        to for to in ("assignee", "party") if to == "assignee" or to in {rung.to for rung in ladder.rungs}]
    return [{"wait": wait, "rung": MOVED + 2 * case.history_seq + place, "due_on": found.due_on, "at": at,
             "to": to, "state": "planned", "fired_at": None, "told": None} for place, to in enumerate(told)]


def thrown(context: Context, case: CaseRow, instance: int, code: str) -> dict[str, Any]:
    """The rung of an escalation event; the number of its history row keeps those of one element apart."""
    return {"wait": -instance, "rung": case.history_seq, "due_on": context.today, "at": context.now,
            "to": f"{THROWN}{code}", "state": "planned", "fired_at": None, "told": None}
