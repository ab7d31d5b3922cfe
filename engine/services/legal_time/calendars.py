"""Years of the calendar, loaded over open deadlines; and bulk shifts under an announcement.

Both are bulk moves: recorded at once, with what they will do, and carried out in batches by ``ContinueMove``, each a
transaction of its own, so that a crash or a restart only makes the next batch begin where the last one ended. Only what
is running moves; what is paused is computed anew when it resumes; what is over never moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from engine.domain.calendar import BusinessCalendar
from engine.domain.calendar_files import read_year
from engine.domain.deadline_commands import ContinueMove, LoadCalendar, ShiftDeadlines
from engine.domain.deadline_rules import RuleTable
from engine.domain.deadline_terms import Moved, Terms, compute_terms
from engine.domain.deadlines import DeadlineComputation
from engine.errors import InvalidInput, NotFound
from engine.services import cases, trail
from engine.services.context import Context, Outcome, Parts
from engine.services.legal_time import deadlines, escalations
from engine.store import almanac as tables
from engine.store import moves as rows
from engine.store.database import Connection
from engine.store.schema import decode_json

MARGIN = timedelta(days=45)
"""How far beyond its days a deadline may have looked: rolling over a long holiday, a second reading of its end."""
BATCH = 1_000
MOST_KNOWN = 50_000
SHOWN = 200
"""How many moved deadlines a preview names; it counts all."""


@dataclass(slots=True)
class Worked:
    """A computation, and what of it is written the same for every deadline of the same terms: columns, ladder."""

    found: DeadlineComputation
    columns: dict[str, Any] | None = None
    ladder: tuple[date, list[dict[str, Any]]] | None = None

    def columns_of(self, row: Any) -> dict[str, Any]:
        if self.columns is None:
            self.columns = deadlines.computed(self.found, _terms(row))
        return self.columns

    def ladder_of(self, context: Context) -> list[dict[str, Any]]:
        """What lies ahead today, of no deadline yet."""
        if self.ladder is None or self.ladder[0] != context.today:
            self.ladder = context.today, escalations.planned(context, 0, self.found)
        return self.ladder[1]


@dataclass(slots=True)
class Computer:
    """Deadlines under one calendar, each distinct set of terms computed once for all batches of a move."""

    parts: Parts
    connection: Connection
    rules: RuleTable
    calendar: BusinessCalendar
    known: dict[str, Worked] = field(init=False)
    frozen: dict[tuple[tuple[str, str], ...], RuleTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = self.parts.almanac.computed(self.calendar)

    def of(self, row: Any) -> Worked:
        """``row.terms`` is JSON text: the same text gives the same deadline."""
        text = str(row.terms)
        found = self.known.get(text)
        if found is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            found = self.known[text] = Worked(self.computed(_terms(row)))
        return found

    def computed(self, terms: Terms) -> DeadlineComputation:
        digests = tuple(sorted((terms.rules or {}).items()))
        if digests not in self.frozen:
            self.frozen[digests] = self.parts.almanac.frozen(self.connection, self.rules, dict(digests))
        return compute_terms(terms, self.frozen[digests], self.calendar)


def _terms(row: Any) -> Terms:
    plain = {"key": row.key, "from_on": row.event_on.isoformat(), "delivery": "none",
             "rules": {row.key: row.rule_version}}
    return Terms.from_record({**plain, **decode_json(str(row.terms))})


def _differs(row: Any, found: DeadlineComputation) -> bool:
    return (row.due_on, row.nominal_on, row.provisional) != (found.due_on, found.period.nominal_on, found.provisional)


def preview(connection: Connection, parts: Parts, calendar: BusinessCalendar) -> dict[str, Any]:
    """What a calendar would do to the running deadlines, before and after; nothing is written.

    ``{"span", "touched", "moved", "firm", "deadlines": [{"deadline", "case_no", "key", "before", "after"}]}``:
    ``moved`` counts other days, ``firm`` provisional ones that become firm, ``deadlines`` names the first moved.
    """
    rules, held = parts.almanac.tables(connection)
    span = held.changed_span(calendar)
    answer: dict[str, Any] = {"span": [day.isoformat() for day in span] if span else None, "touched": 0, "moved": 0,
                              "firm": 0, "deadlines": []}
    if span is None:
        return answer
    computer = Computer(parts, connection, rules, calendar)
    for row in rows.touched(connection, span[0] - MARGIN, span[1] + MARGIN):
        found = computer.of(row).found
        answer["touched"] += 1
        answer["firm"] += row.provisional and not found.provisional
        if row.due_on != found.due_on:
            answer["moved"] += 1
            if len(answer["deadlines"]) < SHOWN:
                answer["deadlines"].append(shown(row, found.due_on))
    return answer


def shown(row: Any, after: date) -> dict[str, Any]:
    return {"deadline": f"{row.case_id}~{row.wait}", "case_no": row.case_no, "key": row.key,
            "before": row.due_on.isoformat(), "after": after.isoformat()}


def load(context: Context, command: LoadCalendar) -> Outcome:
    """A year's table, from now on; two persons (``engine.domain.approvals``). Answers the preview and the ``move``."""
    cases.require(context, "calendar.load")
    year = read_year(command.content, command.source)
    calendar = context.tables[1].merged(year)
    answer = preview(context.connection, context.parts, calendar)
    if answer["span"] is None:
        raise InvalidInput(expected="a year that differs from the one loaded", found="the same", where=command.source)
    tables.add_year(context.connection, {
        "year": min(year.years), "content": command.content, "source": command.source[:255], "digest": year.version,
        "by": context.actor.id, "at": context.now})
    move = _begin(context, "calendar", {"span": answer["span"], "source": command.source,
                                        "calendar_version": calendar.version})
    trail.record_system(context, {"calendar": min(year.years), "source": command.source, "digest": year.version,
                                  "moved": answer["moved"]})
    return {**answer, "year": min(year.years), "move": move}


def shift(context: Context, command: ShiftDeadlines) -> Outcome:
    """Move what is due in a span to one later day (审查指南 V-7-4.2). Answers ``{"moved", "deadlines", "move"}``."""
    cases.require(context, "deadline.shift")
    if not command.first_on <= command.last_on < command.due_on or not command.announcement.strip():
        raise InvalidInput(expected="a span, a later day, and the announcement", where="shift",
                           found=f"{command.first_on}…{command.last_on} → {command.due_on}, {command.announcement!r}")
    terms = {"first_on": command.first_on.isoformat(), "last_on": command.last_on.isoformat(),
             "due_on": command.due_on.isoformat(), "announcement": command.announcement, "evidence": command.evidence,
             "keys": list(command.keys)}
    found = list(rows.due_between(context.connection, command.first_on, command.last_on, command.keys))
    move = _begin(context, "shift", terms)
    trail.record_system(context, {"shift": move, **terms, "moved": len(found)})
    return {"moved": len(found), "deadlines": [shown(row, command.due_on) for row in found[:SHOWN]], "move": move}


def _begin(context: Context, kind: str, terms: Mapping[str, Any]) -> str:
    key = context.new_id()
    rows.insert(context.connection, {
        "id": key, "kind": kind, "state": "applying", "terms": dict(terms), "after": ["", 0], "moved": 0,
        "by": context.actor.id, "at": context.now, "ended_at": None})
    return key


def go_on(context: Context, command: ContinueMove) -> Outcome:
    """The next batch. Answers ``{"moved", "done"}``."""
    move = rows.lock(context.connection, command.move)
    if move is None:
        raise NotFound(noun="bulk move", key=command.move)
    if move.state != "applying":
        return {"moved": 0, "done": True}
    chosen, after = _next(context, move)
    count = _apply(context, move, chosen)
    done = after is None
    if done:
        trail.record_system(context, {"move": move.id, "kind": move.kind, "computed": move.moved + count})
    rows.update(context.connection, move.id, after=after or move.after, moved=move.moved + count,
                state="done" if done else "applying", ended_at=context.now if done else None)
    return {"moved": count, "done": done}


Change = tuple[Any, Worked]


def _next(context: Context, move: Any) -> tuple[list[Change], list[Any] | None]:
    """The next deadlines to be moved, and where to go on; None when there are no more."""
    changes, seen, after = [], 0, None
    select = _of_calendar if move.kind == "calendar" else _of_shift
    for row, change in select(context, move):
        seen, after = seen + 1, [row.case_id, row.wait]
        if change is not None:
            changes.append(change)
        if len(changes) == BATCH:
            return changes, after
    return changes, None


Found = Iterator[tuple[Any, Change | None]]


def _of_calendar(context: Context, move: Any) -> Found:
    first, last = (date.fromisoformat(day) for day in move.terms["span"])
    computer = Computer(context.parts, context.connection, *context.tables)
    for row in rows.touched(context.connection, first - MARGIN, last + MARGIN, tuple(move.after)):
        worked = computer.of(row)
        yield row, (row, worked) if _differs(row, worked.found) else None


def _of_shift(context: Context, move: Any) -> Found:
    terms = move.terms
    first, last, due_on = (date.fromisoformat(terms[name]) for name in ("first_on", "last_on", "due_on"))
    computer = Computer(context.parts, context.connection, *context.tables)
    moved = Moved(due_on, terms["announcement"], terms["evidence"], "announced")
    for row in rows.due_between(context.connection, first, last, tuple(terms["keys"]), tuple(move.after)):
        new = replace(_terms(row), moved=moved)
        found = computer.computed(new)
        yield row, (row, Worked(found, deadlines.computed(found, new)))


def _apply(context: Context, move: Any, changes: Sequence[Change]) -> int:
    """One batch: cases locked in the order of their ids, then the rows of all, statement by statement. What has changed
    since it was chosen was computed by the calendar that holds now, and is left alone. A day that stays is written into
    the history of its case when it was provisional and is firm now."""
    ids = sorted({row.case_id for row, _ in changes})
    context.locked.update(rows.lock_cases(context.connection, ids))
    running, ladders = rows.still(context.connection, ids), rows.ladders(context.connection, ids)
    written, notes = rows.Batch(), []
    for row, worked in changes:
        found = worked.found
        if running.get((row.case_id, row.wait)) != row.terms:
            continue
        written.deadlines.append({"case_id": row.case_id, "wait": row.wait, **worked.columns_of(row)})
        ahead = [{**rung, "wait": row.wait} for rung in worked.ladder_of(context)]
        if row.due_on != found.due_on:
            written.moved[row.case_id, row.wait] = row.due_at
            ahead += escalations.moved(context, context.locked[row.case_id], row.wait, found)
            notes.append(_note(context, move.kind, move, row, found))
        elif row.provisional and not found.provisional:
            notes.append(_note(context, "firm", move, row, found))
        written.plan(row.case_id, row.wait, ahead, ladders)
    rows.write(context.connection, written)
    trail.note_all(context, notes)
    return len(written.deadlines)


def _note(context: Context, kind: str, move: Any, row: Any, found: DeadlineComputation) -> trail.Note:
    return context.locked[row.case_id], f"deadline:{kind}", {
        "key": row.key, "name": found.rule.name._asdict(), "move": move.id, "before": row.due_on.isoformat(),
        "due_on": found.due_on.isoformat(), "steps": [step.as_record() for step in found.period.steps]}, row
