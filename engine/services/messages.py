"""Messages and signals between cases: published, buffered, matched, delivered.

Publishing and subscribing meet on a lock of (name, key), so neither misses the other. A message goes to each process
once: to its oldest wait, or else to its start; what it started does not receive it again. A process that starts by it
has at most one living case for each key, and starts the next one when that has ended. What is matched is a durable row
and a follow-up command.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from engine.domain import events as ev
from engine.domain.commands import (
    BroadcastSignal,
    Command,
    DeliverMessage,
    DeliverSignal,
    PublishMessage,
    StartByEvent,
)
from engine.services.context import Context, Outcome
from engine.services.wire import arrivals, exchange
from engine.store import cases, partners
from engine.store import messages as rows
from engine.store.cases import CaseRow
from engine.store.schema import decode_json, encode_json


def lock_names(context: Context, case_id: str, events: Sequence[ev.Event]) -> None:
    """Take the locks of every (name, key) this step publishes or awaits, in one order for everybody.

    A case that ends makes room for the next one of the message that started it.
    """
    names: set[tuple[str, str, str]] = set()
    for event in events:
        if isinstance(event, (ev.MessageAwaited, ev.MessageThrown)):
            names.add(("message", event.name, event.key))
        elif isinstance(event, (ev.SignalAwaited, ev.SignalThrown)):
            names.add(("signal", event.name, ""))
        elif isinstance(event, ev.CaseEnded):
            names.update(("message", name, key) for name, key in cases.started_by(context.connection, case_id))
    for parts in sorted(names):
        context.database.lock_name(context.connection, *parts)


def publish(context: Context, command: PublishMessage) -> Outcome:
    """Keep a message and match it with what waits for it. Answers ``{"message", "matched", "duplicate"}``."""
    context.database.lock_name(context.connection, "message", command.name, command.key)
    takers = rows.takers(context.connection, command.name, command.key, command.message_id)
    return publish_to(context, command, takers)


def publish_to(context: Context, command: PublishMessage, takers: rows.Takers) -> Outcome:
    """``publish`` for who has locked the name of the message and knows who takes it."""
    earlier, waits, starts = takers
    if earlier is not None:
        return {"message": earlier, "matched": 0, "duplicate": True}
    message = _keep(context, command, context.now + command.time_to_live)
    taken = _match_waits(context, message, waits)
    matched = len(taken) + _match_starts(context, message.id, command, starts, taken)
    return {"message": message.id, "matched": matched, "duplicate": False}


def give(context: Context, wait: Any, command: PublishMessage) -> None:
    """A message for one wait alone, chosen by a person; nobody else is asked whether they would have it."""
    message = _keep(context, command, context.now)
    _bind(context, message.id, "message", wait.process, wait.case_id, wait.wait)


def _keep(context: Context, command: PublishMessage, expires_at: datetime) -> Any:
    """The row, as it will be read."""
    row = {"id": context.new_id(), "name": command.name, "key": command.key, "message_id": command.message_id,
           "variables": dict(command.variables), "legal_on": command.legal_on or context.legal_day,
           "published_at": context.now, "expires_at": expires_at, "publisher": context.actor.id}
    rows.insert(context.connection, row)
    return SimpleNamespace(**row | {"variables": decode_json(encode_json(row["variables"]))})


def _match_waits(context: Context, message: Any, waits: Sequence[Any]) -> set[str]:
    """The processes that have taken the message."""
    taken: set[str] = set()
    for wait in waits:
        if wait.process not in taken:
            taken.add(wait.process)
            told = _bind(context, message.id, "message", wait.process, wait.case_id, wait.wait)
            context.matched[told] = wait, message
    return taken


def _match_starts(context: Context, row_id: str, command: PublishMessage, starts: Sequence[Any],
                  taken: Collection[str]) -> int:
    count = 0
    for start in starts:
        if start.process_id in taken or command.key and _lives(context, start.process_id, command.name, command.key):
            continue
        legal_on = command.legal_on or context.legal_day
        _bind_start(context, row_id, "message", start, command.variables, command.key, legal_on)
        count += 1
    return count


def _bind_start(context: Context, row_id: str, kind: str, start: Any, variables: Mapping[str, Any], key: str = "",
                legal_on: date | None = None) -> None:
    receiver = rows.start_receiver(kind, start.process_id, start.element)
    rows.match(context.connection, row_id, "start", receiver, "", 0, context.now)
    context.follow_ups.append(StartByEvent(start.definition_key, start.element, variables, row_id, key, legal_on))


def start_key(name: str) -> str:
    """Under which name a case keeps the key of the message that started it."""
    return cases.STARTED + name


def _lives(context: Context, process_id: str, name: str, key: str) -> bool:
    """First who is about to be started, then who is: a start that commits between the two is seen by the second."""
    return (rows.starting(context.connection, process_id, name, key)
            or cases.is_started(context.connection, process_id, name, key))


def start_next(context: Context, case_id: str, process_id: str) -> None:
    """A case that a message started has ended: a message that waited for that starts the next one."""
    for name, key in cases.started_by(context.connection, case_id):
        receiver = rows.start_receiver("message", process_id, "")
        row_id = rows.buffered(context.connection, name, key, receiver, context.now)
        message = rows.get(context.connection, row_id) if row_id is not None else None
        start = next((one for one in rows.starts(context.connection, "message", name)
                      if one.process_id == process_id), None)
        if message is not None and start is not None and not _lives(context, process_id, name, key):
            _bind_start(context, message.id, "message", start, message.variables, key, message.legal_on)


def settle_inbound(context: Context, row_id: str, case_id: str) -> None:
    """A message of a partner has found its case: what was kept of it says so."""
    message = rows.get(context.connection, row_id)
    if message is not None:
        settle(context, message, case_id)


def settle(context: Context, message: Any, case_id: str) -> None:
    if (sender := _sender(message)) is not None:
        arrivals.settle(context, *sender, context.locked[case_id])


def _bind(context: Context, row_id: str, kind: str, process: str, case_id: str, wait: int) -> Command:
    """The follow-up that tells the wait."""
    rows.match(context.connection, row_id, kind, process, case_id, wait, context.now)
    make = DeliverMessage if kind == "message" else DeliverSignal
    follow_up: Command = make(row_id, case_id, wait)
    context.follow_ups.append(follow_up)
    return follow_up


def meet_waiting(context: Context, case: CaseRow, events: Sequence[ev.Event]) -> None:
    """Match what this step began to await with messages that were there before."""
    closed = {event.wait for event in events if isinstance(event, ev.WaitClosed)}
    for event in events:
        if isinstance(event, ev.MessageAwaited) and event.wait not in closed:
            _meet(context, case, event)


def _meet(context: Context, case: CaseRow, event: ev.MessageAwaited) -> None:
    """The oldest message that may be taken. One from a partner that nobody has asked, where others were, came before
    anybody could know that: now it is known."""
    while (row_id := rows.buffered(context.connection, event.name, event.key, event.process, context.now)) is not None:
        message: Any = rows.get(context.connection, row_id)
        unasked = _from_unasked(context, message, case.id)
        if unasked is None:
            _bind(context, row_id, "message", event.process, case.id, event.wait)
            return
        rows.passed_by(context.connection, row_id, event.process, case.id, event.wait, context.now)
        if arrivals.refuse(context, *unasked, case):
            rows.expire(context.connection, message.name, message.key, message.message_id, context.now)


def _from_unasked(context: Context, message: Any, case_id: str) -> tuple[str, str] | None:
    """The sender of a message where the case has asked others alone for it."""
    sender = _sender(message)
    if sender is None:
        return None
    sent = partners.sent(context.connection, case_id)
    return sender if exchange.other_partner_asked(sent, sender[0], message.name) else None


def _sender(message: Any) -> tuple[str, str] | None:
    """(partner, its id of the message) of what came over the wire; None for messages of the house."""
    partner, _, message_id = (message.message_id or "").partition(":")
    return (partner, message_id) if message_id and partner == message.publisher else None


def rematch(context: Context, row_id: str, process: str) -> None:
    """The wait was gone when its message came: give the message to the next one that waits, or back to the buffer."""
    message = rows.get(context.connection, row_id)
    rows.unmatch(context.connection, row_id, process)
    if message is None or message.expires_at <= context.now:
        return
    context.database.lock_name(context.connection, "message", message.name, message.key)
    for wait in rows.open_subscriptions(context.connection, "message", message.name, message.key):
        if wait.process == process and _from_unasked(context, message, wait.case_id) is None:
            _bind(context, row_id, "message", process, wait.case_id, wait.wait)
            return


def broadcast(context: Context, command: BroadcastSignal) -> Outcome:
    """Bring a signal to every case that waits for it now, and to processes that start by it; signals are not kept."""
    connection, now = context.connection, context.now
    context.database.lock_name(connection, "signal", command.name, "")
    row_id = context.new_id()
    rows.insert(connection, {
        "id": row_id, "name": command.name, "key": "", "message_id": f"signal:{row_id}",
        "variables": dict(command.variables), "legal_on": context.legal_day, "published_at": now, "expires_at": now,
        "publisher": context.actor.id})
    count = 0
    for wait in rows.open_subscriptions(connection, "signal", command.name):
        if wait.case_id != command.origin:
            _bind(context, row_id, "signal", f"{wait.case_id}~{wait.wait}", wait.case_id, wait.wait)
            count += 1
    for start in rows.starts(connection, "signal", command.name):
        _bind_start(context, row_id, "signal", start, command.variables)
        count += 1
    return {"signal": row_id, "receivers": count}
