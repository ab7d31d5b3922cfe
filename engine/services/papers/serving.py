"""Service (送达): address and consent, dispatch, receipt; the legal day by the rule of each way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.clock import local_date
from engine.domain import delivery
from engine.domain.actors import actor_of
from engine.domain.commands import split_key
from engine.domain.paper_commands import Acknowledge, ConfirmAddress, Dispatch, RecordReceipt
from engine.domain.papers import MODES, Mode
from engine.domain.permissions import PARTIES, may
from engine.errors import Conflict, InvalidInput, NotFound, Phrase, Rejection
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.inputs import one_of, required
from engine.services.legal_time import deadlines, notices
from engine.services.papers.rooms import SERVE, case_for, file_document, own_file
from engine.services.people import access, seats
from engine.store import cases as case_rows
from engine.store import deadlines as deadline_rows
from engine.store import papers as rows
from engine.store import recusals, sights, users
from engine.store.cases import CaseRow

RIGHT = SERVE
ENDS = ("received", "refused", "returned")


class ConsentNeeded(Rejection):
    """Expected the consent of {recipient} to electronic service ({article}), but there is none on file."""

    code = "consent_needed"


class NotServable(Rejection):
    """Expected an issued paper or material of the file, but '{title}' is internal."""

    code = "not_servable"


def confirm_address(context: Context, command: ConfirmAddress) -> Outcome:
    """送达地址确认书: whoever confirms anew is served there from now on. A party confirms its own, under every name
    that the file has for its account; an e-mail address that it leaves out stays."""
    by_party = not may(context.actor, RIGHT) and context.actor.has(*PARTIES)
    case = _own_case(context, command.case_id) if by_party else case_for(context, command.case_id, RIGHT)
    known = {row.recipient: row for row in rows.addresses(context.connection, case.id)}
    names = _own_names(context, case, known) if by_party else [required(command.recipient, "recipient", 200)]
    user = context.actor.id if by_party else command.user
    if not any((command.electronic, command.postal.strip(), command.email.strip())):
        raise InvalidInput(expected="a postal address or consent to electronic service", found="neither",
                           where="address")
    if user and users.get(context.connection, user) is None:
        raise NotFound(noun="user", key=user)
    for name in names:
        kept = known[name].email if by_party and name in known else ""
        rows.confirm_address(context.database, context.connection, {
            "case_id": case.id, "recipient": name, "user": user or None, "electronic": command.electronic,
            "postal": command.postal.strip()[:500], "email": command.email.strip()[:254] or kept,
            "phone": command.phone.strip()[:40], "confirmed_on": context.today, "confirmed_by": context.actor.id})
        trail.note(context, case, "service:address", {"recipient": name, "electronic": command.electronic})
    return {"case_id": case.id, "recipient": names[0]}


def dispatch(context: Context, command: Dispatch) -> Outcome:
    """Answers ``{"delivery", "state", "legal_on"}``; the legal day is there when the way of service presumes it."""
    case = case_for(context, command.case_id, RIGHT)
    recipient, mode = required(command.recipient, "recipient", 200), MODES[one_of(command.mode, MODES, "mode")]
    document, deadline = _servable(context, case, command.document), command.deadline.strip()
    if deadline and _deadline(context, case, deadline) is None:
        raise NotFound(noun="deadline", key=deadline)
    address = rows.address(context.connection, case.id, recipient)
    if mode.consent and not (address is not None and address.electronic):
        raise ConsentNeeded(recipient=recipient, article=mode.article)
    on = _past(context, command.on or context.today, "on")
    _require_issued(document, on)
    if mode.consent:
        _require_arrival(context, case, address, command.mode, on)
    receipt = delivery.receive(mode.rule, on) if mode.at_dispatch else None
    key, user = context.new_id(), address.user if address is not None else None
    row = {
        "case_id": case.id, "id": key, "document": document.id, "recipient": recipient, "user": user,
        "mode": command.mode, "address": _to(address, mode), "tracking": command.tracking.strip()[:64],
        "deadline": deadline, "dispatched_on": on, "state": "dispatched", "received_on": None,
        "legal_on": receipt.received_on if receipt is not None else None, "steps": _told(receipt), "note": None,
        "proof": None, "sent_by": context.actor.id, "changed_at": context.now}
    rows.add_delivery(context.connection, row)
    if mode.consent and user is not None:
        _show(context, case, document.id, user, on)
    trail.note(context, case, "service:dispatched", {
        "title": document.title, "recipient": recipient, "mode": command.mode, "on": on.isoformat(),
        "legal_on": _day(row["legal_on"])})
    if deadline and receipt is not None:
        _move_deadline(context, case, deadline, receipt.received_on, key)
    return {"case_id": case.id, "delivery": key, "state": "dispatched", "legal_on": _day(row["legal_on"])}


def record_receipt(context: Context, command: RecordReceipt) -> Outcome:
    """送达回证. What was received has its legal day, which the deadline that hangs on it follows; what was refused or
    returned has none, and is to be served in another way."""
    case = case_for(context, command.case_id, RIGHT)
    found = rows.delivery(context.connection, case.id, command.delivery)
    if found is None:
        raise NotFound(noun="delivery", key=command.delivery)
    if found.state != "dispatched":
        raise Conflict(action="record", noun="delivery", key=found.id, state=found.state)
    state, on = one_of(command.state, ENDS, "state"), _past(context, command.on, "on")
    if on < found.dispatched_on:
        raise InvalidInput(expected="a day not before the dispatch", found=on.isoformat(), where="on")
    legal_on, steps = _legal_day(found, state, on)
    proof = _proof(context, case, found, command)
    rows.update_delivery(context.connection, case.id, found.id, state=state, received_on=on, legal_on=legal_on,
                         steps=steps, note=command.note.strip()[:500] or None, proof=proof, changed_at=context.now)
    if state == "received" and found.user is not None:
        _show(context, case, found.document, found.user, legal_on or on)
    trail.note(context, case, f"service:{state}", {
        "recipient": found.recipient, "mode": found.mode, "on": on.isoformat(), "legal_on": _day(legal_on),
        "note": command.note.strip()[:500]})
    if found.deadline and legal_on is not None:
        _move_deadline(context, case, found.deadline, legal_on, found.id)
    elif found.deadline and found.legal_on is not None:
        _unmove_deadline(context, case, found)
    return {"case_id": case.id, "delivery": found.id, "state": state, "legal_on": _day(legal_on)}


def acknowledge(context: Context, command: Acknowledge) -> Outcome:
    """签收: on record; the legal day was the day of arrival already (民事诉讼法90)."""
    case = _own_case(context, command.case_id)
    found = rows.delivery(context.connection, case.id, command.delivery)
    if found is None or found.user != context.actor.id or not MODES[found.mode].consent:
        raise NotFound(noun="delivery", key=command.delivery)
    if found.state != "dispatched":
        raise Conflict(action="acknowledge", noun="delivery", key=found.id, state=found.state)
    rows.update_delivery(context.connection, case.id, found.id, state="received", received_on=context.today,
                         changed_at=context.now)
    trail.note(context, case, "service:received", {
        "recipient": found.recipient, "mode": found.mode, "on": context.today.isoformat(),
        "legal_on": _day(found.legal_on), "note": ""})
    return {"case_id": case.id, "delivery": found.id, "state": "received", "legal_on": _day(found.legal_on)}


# --- parts ------------------------------------------------------------------------------------------------------------
def _own_case(context: Context, key: str) -> CaseRow:
    case_id = case_rows.id_of(context.connection, key) or key
    access.require_visible(context, case_id, "case", key)
    return steps.lock_case(context, case_id, active=False)


def _own_names(context: Context, case: CaseRow, known: Mapping[str, Any]) -> list[str]:
    """The names under which the file has the actor's account; else those of its seat, or its own, unless that is
    somebody else's there."""
    mine = [name for name, row in known.items() if row.user == context.actor.id]
    if mine:
        return mine
    seated = [seat.called for seat in seats.seats(context.connection, case) if seat.user == context.actor.id]
    names = list(dict.fromkeys(filter(None, seated))) or [required(context.actor.name, "recipient", 200)]
    for name in names:
        if name in known and known[name].user is not None:
            raise Conflict(action="confirm", noun="service address", key=name, state="another account's")
    return names


def _require_arrival(context: Context, case: CaseRow, address: Any, mode: str, on: date) -> None:
    """What is sent electronically arrives where the recipient finds it: in an account that sees the case as its own, on
    the very day, or at an e-mail address. Raises ``InvalidInput``."""
    if mode == "electronic" and address.email:
        return
    account = users.get(context.connection, address.user) if address.user else None
    if account is None or not account.enabled or not case_rows.sees(
            context.connection, case.id, sights.own(actor_of(account))):
        raise InvalidInput(expected="a recipient with an account that sees the case as its own", found="none",
                           where="recipient")
    if on != context.today:
        raise InvalidInput(expected=Phrase("the day of today, {today}", today=context.today), found=on.isoformat(),
                           where="on")


def _servable(context: Context, case: CaseRow, key: str) -> Any:
    document = rows.document(context.connection, case.id, key)
    if document is None:
        raise NotFound(noun="document", key=key)
    if document.internal or document.category == "draft":
        raise NotServable(title=document.title)
    return document


def _require_issued(document: Any, on: date) -> None:
    """What the house has made itself leaves it on the day it was issued at the earliest."""
    issued_on = local_date(document.added_at)
    if document.category == "document" and on < issued_on:
        raise InvalidInput(expected=Phrase("a day from {today} on", today=issued_on), found=on.isoformat(), where="on")


def _past(context: Context, on: date, where: str) -> date:
    if on > context.today:
        raise InvalidInput(expected=Phrase("a day up to {today}", today=context.today), found=on.isoformat(),
                           where=where)
    return on


def _to(address: Any, mode: Mode) -> str:
    if address is None:
        return ""
    return str(address.email or address.user or "") if mode.consent else str(address.postal)


def _legal_day(found: Any, state: str, on: date) -> tuple[date | None, list[Any]]:
    """The rule reckons from the dispatch where it presumes a day, which a proven one replaces; else from the act."""
    mode = MODES[found.mode]
    if state != "received":
        return None, found.steps
    if not mode.at_dispatch:
        receipt = delivery.receive(mode.rule, on)
    elif delivery.rule_for(mode.rule, found.dispatched_on).presumed:
        receipt = delivery.receive(mode.rule, found.dispatched_on, on)
    else:
        receipt = delivery.receive(mode.rule, found.dispatched_on)
    return receipt.received_on, _told(receipt)


def _told(receipt: delivery.Receipt | None) -> list[Any]:
    return [] if receipt is None else [
        {"zh": step.spoken("zh", article=True), "en": step.spoken("en", article=True), "article": step.article}
        for step in receipt.steps]


def _proof(context: Context, case: CaseRow, found: Any, command: RecordReceipt) -> str | None:
    if command.file is None:
        return None
    own_file(context, command.file)
    return file_document(context, case, category="attachment", title=f"送达回证（{found.recipient}）",
                         name=command.file.name, sha256=command.file.sha256)


def _show(context: Context, case: CaseRow, document: str, user: str, on: date) -> None:
    """From now on the recipient sees the paper."""
    recusals.serve(context.connection, case.id, document, user, on, context.actor.id)
    notices.tell(context, user, "document.served", {"case_no": case.case_no or case.id}, case.id)


def _deadline(context: Context, case: CaseRow, key: str) -> Any | None:
    """The deadline of this very case; None for any other key."""
    parts = split_key(key)
    return deadlines.find(context, *parts) if parts is not None and parts[0] == case.id else None


def _move_deadline(context: Context, case: CaseRow, key: str, on: date, evidence: str) -> None:
    """The day on which the paper is received is the day the period starts from, also while an announcement still runs
    towards it. What no receipt can move any more stays as it is, and the history tells so: received is received."""
    row = _deadline(context, case, key)
    if row is None or not _follows(row, on):
        trail.note(context, case, "service:deadline_kept", {"deadline": key, "on": on.isoformat()}, row)
    elif deadlines.terms_of(row).proven_on != on:
        why = "service_proven" if on <= context.today else "service_announced"
        _start_from(context, case, row, on, why, evidence)


def _unmove_deadline(context: Context, case: CaseRow, void: Any) -> None:
    """What was to be received by law was not: the period starts from the last service that stands, else from the day
    that its rule presumes."""
    row = _deadline(context, case, void.deadline)
    if row is None or deadlines.terms_of(row).proven_on != void.legal_on:
        return
    standing = rows.last_service(context.connection, case.id, void.deadline)
    if not _follows(row, standing.legal_on if standing is not None else deadlines.terms_of(row).from_on):
        trail.note(context, case, "service:deadline_kept", {
            "deadline": void.deadline, "on": void.legal_on.isoformat()}, row)
    else:
        _start_from(context, case, row, standing.legal_on if standing is not None else None, "service_void", void.id)


def _start_from(context: Context, case: CaseRow, row: Any, on: date | None, why: str, evidence: str) -> None:
    deadlines.apply(context, case, row, replace(deadlines.terms_of(row), proven_on=on), why, {
        "proven_on": _day(on), "evidence": evidence})


def _follows(row: Any, on: date) -> bool:
    """Whether a deadline is open, and counts from a day of receipt that is presumed and may be another."""
    terms = deadlines.terms_of(row)
    presumed = delivery.rule_for(terms.delivery, terms.from_on).presumed
    return row.state in deadline_rows.OPEN and presumed and terms.from_on <= on


def _day(on: date | None) -> str | None:
    return on.isoformat() if on is not None else None
