"""What becomes of messages on their way out: each attempt is written down, a dead letter is sent again by two persons,
and what goes on paper is handed over by one.

    pending ──▶ delivered
       └──────▶ dead ── replay (two persons) ──▶ pending
       └── handed over on paper ──▶ delivered, channel manual
"""

from __future__ import annotations

from typing import Any

from engine.domain.commands import RecordDelivery
from engine.domain.wire_commands import HandOver, ReplayDeadLetter
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases, steps, trail
from engine.services.context import Context, Outcome
from engine.services.people import access
from engine.services.wire import catalogue, tasks
from engine.store import partners as rows
from engine.store.cases import CaseRow


def record_delivery(context: Context, command: RecordDelivery) -> Outcome:
    """Write down what became of one attempt: delivered, to be tried again, or a dead letter.

    ``circuit`` None leaves the partner's breaker as it is.
    """
    case, entry = _lock(context, command.entry)
    if entry.state != "pending":
        return {"state": entry.state}
    state = _state_after(command)
    rows.update_outbox(context.connection, command.entry, state=state, answer=command.detail[:1000],
                       next_at=command.next_at or entry.next_at, receipt=command.receipt,
                       **(_delivered(context, entry) if state == "delivered" else {}))
    changes: dict[str, Any] = {"circuit": command.circuit} if command.circuit is not None else {}
    if command.outcome == "gone":
        changes = {**changes, "enabled": False}
    if changes:
        rows.update_partner(context.connection, entry.partner, **changes)
    if state != "pending":
        _note(context, case, f"message:{state}", entry)
    if state == "dead":
        tasks.tell(context, "wire.dead", entry, case)
    return {"state": state}


def _lock(context: Context, key: str) -> tuple[CaseRow | None, Any]:
    """The case, locked first, and the entry; a receipt for what has no case has none either."""
    case_id = rows.case_of(context.connection, key)
    if case_id is None:
        raise NotFound(noun="outbox entry", key=key)
    case = steps.lock_case(context, case_id, active=False) if case_id else None
    return case, rows.lock_outbox(context.connection, key)


def _state_after(command: RecordDelivery) -> str:
    if command.outcome == "delivered":
        return "delivered"
    return "pending" if command.outcome == "retry" and command.next_at is not None else "dead"


def _delivered(context: Context, entry: Any) -> dict[str, Any]:
    done = catalogue.goal(entry.type) == "received"
    return {"delivered_at": context.now, **({"decided_at": context.now} if done else {})}


def _note(context: Context, case: CaseRow | None, kind: str, entry: Any, **more: Any) -> None:
    said = {"type": entry.type, "partner": entry.partner, "id": entry.id, **more}
    if case is not None:
        trail.note(context, case, kind, said)
    else:
        trail.record_system(context, {"outbox": kind, **said})


def replay(context: Context, command: ReplayDeadLetter) -> Outcome:
    """A dead letter goes out again at once, under its id, and is tried as often as a new one."""
    cases.require(context, "handoff.replay")
    case, entry = _own(context, command.entry)
    if entry.state != "dead":
        raise Conflict(action="replay", noun="message", key=entry.id, state=entry.state)
    rows.update_outbox(context.connection, entry.id, state="pending", attempts=0, next_at=context.now,
                       replays=entry.replays + 1)
    _note(context, case, "message:replayed", entry, reason=command.reason[:500])
    return {"entry": entry.id, "state": "pending"}


def hand_over(context: Context, command: HandOver) -> Outcome:
    """What could not be sent, or is never sent to this partner, has been handed over by a person."""
    cases.require(context, "handoff.enter")
    case, entry = _own(context, command.entry)
    if entry.state not in ("pending", "dead"):
        raise Conflict(action="hand over", noun="message", key=entry.id, state=entry.state)
    if command.on > context.today or not command.note.strip():
        raise InvalidInput(expected="a day not after today, and how it was handed over", found=str(command.on),
                           where="handover")
    rows.update_outbox(context.connection, entry.id, state="delivered", channel="manual", answer=command.note[:1000],
                       receipt={"by": context.actor.id, "on": command.on.isoformat()}, **_delivered(context, entry))
    _note(context, case, "message:handedOver", entry, on=command.on.isoformat())
    return {"entry": entry.id, "state": "delivered"}


def _own(context: Context, key: str) -> tuple[CaseRow | None, Any]:
    """An entry whose case the actor may see; another's is not there."""
    case_id = rows.case_of(context.connection, key)
    if case_id is None:
        raise NotFound(noun="message", key=key)
    if case_id:
        access.require_inside(context, case_id, "message", key)
    return _lock(context, key)
