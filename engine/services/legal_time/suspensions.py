"""Suspending a whole case (中止): who, on which basis and evidence, from when, until when; which periods stop."""

from __future__ import annotations

from engine.domain.commands import SuspendCase
from engine.errors import InvalidInput, Phrase
from engine.services.context import Context
from engine.services.legal_time import deadline_life
from engine.store import deadlines as rows
from engine.store.cases import CaseRow


def begin(context: Context, case: CaseRow, command: SuspendCase) -> list[str]:
    """Record the suspension and stop what stops. Answers the keys of the deadlines that stopped."""
    from_on = command.from_on or context.today
    if from_on > context.today:
        raise InvalidInput(expected=Phrase("a first day up to {today}", today=context.today.isoformat()),
                           found=from_on.isoformat(),
                           where="from_on")
    if command.until_on is not None and command.until_on < max(from_on, context.today):
        expected = Phrase("a last day on or after {day}", day=max(from_on, context.today).isoformat())
        raise InvalidInput(expected=expected, found=command.until_on.isoformat(), where="until_on")
    rows.add_suspension(context.connection, {
        "case_id": case.id, "seq": case.history_seq + 1, "from_on": from_on, "until_on": command.until_on,
        "ended_on": None, "basis": command.basis, "evidence": command.evidence, "reason": command.reason,
        "by": context.actor.id, "told_at": None})
    return deadline_life.pause_all(context, case, from_on, command.reason, command.evidence)


def end(context: Context, case: CaseRow) -> list[str]:
    """The case goes on today. Answers the keys of the deadlines that run again."""
    found = rows.suspension(context.connection, case.id)
    if found is not None:
        rows.update_suspension(context.connection, case.id, found.seq, ended_on=context.today)
    return [str(one["deadline"]) for one in deadline_life.resume_all(context, case, context.today)]
