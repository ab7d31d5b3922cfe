"""A verified message is kept and brought to the case it is about; what cannot be brought home waits for it, or for a
person.

    accepted    its case is known: taken at once, or when the case comes to wait for it
    unmatched   nobody has this number (yet): matched when the case appears, or by a person
    conflict    it does not fit the state of its case, or fits several: a person decides (``matching``)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from engine.definition.model import Definition
from engine.domain.actors import Actor, ActorKind
from engine.domain.commands import AcceptInbound, PublishMessage
from engine.services import messages, steps, trail
from engine.services.context import Context, Outcome
from engine.services.proof import proofs
from engine.services.wire import arrivals, catalogue, exchange, files, tasks
from engine.store import cases as case_rows
from engine.store import messages as message_rows
from engine.store import partners as rows
from engine.store.database import Connection
from engine.store.deadlines import UNSETTLED
from engine.store.prepared import ask
from webhooks import strict_json

UNMATCHED_FOR = timedelta(hours=72)
LIVING = ("active", "suspended")


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a message. ``reason``: why a person has to look at it; ``applied``: nothing more happens to it;
    ``sent``: what was sent for the case, where that is known."""

    status: str
    case_id: str | None = None
    reason: str | None = None
    applied: bool = False
    sent: Sequence[Any] | None = None


def accept(context: Context, command: AcceptInbound) -> Outcome:
    """Keep a verified message and bring it to the case it is about.

    Answers ``{"status": accepted | unmatched | conflict, "case_no", "first": None | the receipt given before}``.
    """
    context.database.lock_name(context.connection, "inbound", command.partner, command.key)
    arriving = rows.arriving(context.connection, command.partner, command.message_id, command.key, command.type)
    if arriving.taken:
        return {"first": find_first_receipt(context.connection, command.partner, command.message_id)}
    row = _row(context, command, _is_late(command, arriving.newest))
    files.expect(context, command)
    if command.type == exchange.RECEIPT:
        found = _receipt(context, command)
    else:
        found = _correlate(context, command, row, arriving.cases)
    case_no = _keep(context, row, found, arriving.partner)
    proofs.keep(context, command, found.status, case_no, arriving.keys)
    if found.case_id is None:  # what has a case is in the chain of its case, and waits for no other
        trail.record_system(context, {"inbound": command.type, "partner": command.partner, "id": command.message_id,
                                      "sha256": command.body_hash, "status": found.status,
                                      **({"reason": found.reason} if found.reason else {})})
    steps.deliver_at_once(context)
    return {"status": found.status, "case_no": case_no, "first": None}


def _row(context: Context, command: AcceptInbound, late: bool) -> dict[str, Any]:
    legal_on = command.legal_on or exchange.legal_day(command.envelope.get("payload", {}), context.today)
    return {
        "partner": command.partner, "message_id": command.message_id, "body_hash": command.body_hash,
        "type": command.type, "key": command.key, "status": "accepted", "case_id": None,
        "event_seq": command.event_seq, "channel": command.channel, "envelope": dict(command.envelope),
        "received_at": command.received_at or context.now, "legal_on": legal_on, "late": late}


def find_first_receipt(connection: Connection, partner: str, message_id: str) -> dict[str, Any] | None:
    """What was answered when this id came first: the receipt as it was signed, whatever has become of it since."""
    signed = rows.receipt_of(connection, partner, message_id)
    if signed is not None:
        said: dict[str, Any] = strict_json.loads(signed.encode())
        return {"case_no": None, **said}
    row = rows.find_inbound(connection, partner, message_id)
    if row is None:
        return None
    case = case_rows.number_of(connection, row.case_id) if row.case_id else None
    return {"status": row.status, "sha256": row.body_hash, "received_at": row.received_at.isoformat(), "case_no": case}


def _is_late(command: AcceptInbound, newest: int | None) -> bool:
    """An event older than one already applied, or than one of its type that waits to be, is recorded and shown, not
    applied (RELIABILITY must 12). A receipt moves no case, so it is never too late."""
    return (command.type != exchange.RECEIPT and command.event_seq is not None and newest is not None
            and newest > command.event_seq)


def _receipt(context: Context, command: AcceptInbound) -> Found:
    """A business receipt speaks of a message of ours to this partner; of another's it speaks to nobody."""
    entry = exchange.entry_of_receipt(context, command)
    if entry is None:
        return Found("unmatched")
    case = steps.lock_case(context, entry.case_id, active=False) if entry.case_id else None
    exchange.take_receipt(context, command, case)
    return Found("accepted", entry.case_id or None, applied=True)


def _correlate(context: Context, command: AcceptInbound, row: dict[str, Any],
               known: Sequence[tuple[str, str]]) -> Found:
    """The cases known by the key are locked, in the order of their ids, before the message's name."""
    living = [case_id for case_id, state in known if state in LIVING]
    published = PublishMessage(
        command.type, command.key, variables(command.envelope, row["legal_on"]),
        f"{command.partner}:{command.message_id}", UNMATCHED_FOR, row["legal_on"])
    takers, sent = _meet(context, published, living)
    _, waits, starts = takers
    about = _about(living, waits)
    if row["late"]:
        return Found("accepted", about or (known[0][0] if known else None))
    sent = sent if about is None or len(living) == 1 else rows.sent(context.connection, about)
    reason = _conflict(context, command, living, about, waits, bool(starts), sent) if known else None
    if reason is not None:
        return Found("conflict", about or (living or [known[0][0]])[0], reason)
    others = _asked_of_others(context, command, waits, about)
    if others is not None:
        return Found("conflict", others, arrivals.OTHER_PARTNER)
    as_partner = replace(context, actor=Actor(command.partner, command.partner, kind=ActorKind.PARTNER))
    answer = messages.publish_to(as_partner, published, takers)
    return Found("accepted" if about or answer["matched"] else "unmatched", about, sent=sent)


def _meet(context: Context, message: PublishMessage, living: Sequence[str]) -> tuple[message_rows.Takers, list[Any]]:
    """Lock the cases, then the name; who takes the message, and what was sent for the case if it is one. In one go."""
    unlocked = [case_id for case_id in living if case_id not in context.locked]
    locks = [(case_rows.LOCK, {"case_id": case_id}) for case_id in unlocked]
    named = context.database.name_lock("message", message.name, message.key)
    wanted = message_rows.of_takers(message.name, message.key, message.message_id)
    about = {"of_case": living[0] if living else ""}
    *answers, late, sent = ask(context.connection, *locks, *named, *wanted, (UNSETTLED, about), (rows.SENT, about))
    for row in (found for answer in answers[:len(locks)] for found in answer):
        context.locked[row.id] = case_rows.CaseRow(*row)
    context.late[about["of_case"]] = late
    return message_rows.read_takers(answers[-len(wanted):]), sent


def variables(envelope: Any, legal_on: Any) -> dict[str, Any]:
    """What a message brings into its case: the fields that its schema names. Others stay in the envelope, lest a
    partner sets what the procedure knows by the same name."""
    payload = envelope.get("payload", {})
    named = catalogue.fields(envelope.get("type", ""))
    known = payload if named is None else {name: value for name, value in payload.items() if name in named}
    return {**known, "legal_receipt_on": legal_on.isoformat()}


def _about(living: Sequence[str], waits: Sequence[Any]) -> str | None:
    """Which living case a message is about: the only one, or the one that waits for it."""
    if len(living) == 1:
        return living[0]
    return next((wait.case_id for wait in waits if wait.case_id in living), None)


def _conflict(context: Context, command: AcceptInbound, living: Sequence[str], about: str | None,
              waits: Sequence[Any], starts: bool, sent: Sequence[Any]) -> str | None:
    """Why a message that names known cases cannot be brought home by itself; None when it can."""
    if about is None:
        return None if starts else "several_cases" if living else "case_over"
    waiters = [wait.process for wait in waits if wait.case_id in living]
    if len(waiters) > len(set(waiters)):
        return "several_cases"
    if exchange.other_partner_asked(sent, command.partner, command.type):
        return arrivals.OTHER_PARTNER
    if not waiters and not starts and not _hears(context, about, command.type):
        return "not_expected"
    return None


def _asked_of_others(context: Context, command: AcceptInbound, waits: Sequence[Any], about: str | None) -> str | None:
    """The first case that waits for the message under a key of its step, not of the case, and has asked other partners
    alone; what the message is ``about`` has been looked at already."""
    for case_id in dict.fromkeys(wait.case_id for wait in waits if wait.case_id != about):
        if exchange.other_partner_asked(rows.sent(context.connection, case_id), command.partner, command.type):
            return str(case_id)
    return None


def _hears(context: Context, case_id: str, name: str) -> bool:
    """Whether the procedure of a case knows the message at all, at whatever step."""
    row = steps.lock_case(context, case_id, active=False)
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    return any(value.feel or value.text == name for value in _names(definition))


def _names(definition: Definition) -> Any:
    for process in definition.processes.values():
        for element in process.elements.values():
            yield from (event.name for event in element.events if event.name is not None)


def _keep(context: Context, row: dict[str, Any], found: Found, partner: Any) -> str | None:
    """Keep it, with what became of it. Answers the number of its case."""
    case = steps.lock_case(context, found.case_id, active=False) if found.case_id else None
    changes: dict[str, Any] = {"status": found.status, "case_id": found.case_id}
    if found.applied:
        changes["applied_at"] = context.now
    if found.status == "conflict":
        changes |= {"reason": found.reason, "expected": arrivals.expected(context, case) if case is not None else None}
    rows.add_inbound(context.connection, row | changes)
    kept = SimpleNamespace(**{"applied_at": None} | row | changes)
    context.kept[row["partner"], row["message_id"]] = kept
    if found.status == "conflict" or row["late"]:
        tasks.tell(context, "wire.conflict", kept, case)
    if case is None:
        return None
    if found.status == "accepted" and not found.applied:
        arrivals.arrive(context, kept, case, row["late"], found.sent, partner)
    else:
        arrivals.note(context, kept, case, row["late"])
    return case.case_no
