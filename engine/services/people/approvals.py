"""Two persons: a request keeps a command until somebody else with the right allows it; then it is carried out in the
transaction of that decision. ``guard`` keeps anybody from running such a command alone.

    pending ── approve ──▶ approved        (never by who asked, nor by who added the account it is about)
       ├───── reject ───▶ rejected
       ├── withdraw ───▶ withdrawn         (by who asked)
       └── time passes ▶ expired           (the cleaner)

The operator at the server's shell and the engine itself act alone; the audit trail says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from engine.domain.actors import Actor, ActorKind, actor_of
from engine.domain.administration import DecideApproval, GrantAccess, RequestApproval, RevokeGrant, WithdrawApproval
from engine.domain.approvals import OPEN_FOR, TWO_PERSONS, Rule, kinds_decided_by
from engine.domain.commands import Command
from engine.domain.permissions import BREAKERS, RIGHTS, may
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Phrase, Rejection
from engine.services import trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import notices
from engine.services.people import access
from engine.store import absences, cases, escalations, organisation, partners, sights, users
from engine.store import approvals as rows
from engine.store.database import Connection
from engine.store.schema import encode_json

Handlers = Mapping[type, Callable[[Context, Any], Outcome]]

_COMMANDS = {command.__name__: command for command in TWO_PERSONS}
_CASE_OF: Mapping[str, Callable[[Connection, str], str | None]] = {
    "case": cases.id_of, "deadline": lambda connection, key: key.partition("~")[0], "message": partners.case_of}
"""Where the case of a thing is found, by what the thing is called."""
_SECRET = frozenset({"hash", "password_hash", "secret"})
GRANTED = ("export", "break_glass")
"""What can be opened to one person for a time."""
LONGEST_GRANT = timedelta(days=3)
LONGEST_LOOK = timedelta(hours=4)
"""How long the glass stays broken at most."""


class SecondPersonNeeded(Rejection):
    """Expected a request for approval, because '{kind}' needs a second person."""

    code = "second_person_needed"


class OwnRequest(Rejection):
    """Expected someone other than {by} to decide on request '{key}'."""

    code = "own_request"


def guard(context: Context, command: Command) -> None:
    """Let nobody run a command alone that two persons are needed for."""
    rule = TWO_PERSONS.get(type(command))
    alone = not context.parts.two_persons or context.actor.kind is ActorKind.SYSTEM
    if rule is None or alone or not rule.when(command, context.actor):
        return
    _require(context.actor, rule.asks)
    raise SecondPersonNeeded(kind=rule.kind)


def request(context: Context, asked: RequestApproval, handlers: Handlers) -> Outcome:
    """Keep a command for the second person, after trying it: what could not be done is refused now, not later."""
    rule = _rule(asked.command)
    _require(context.actor, rule.asks)
    within = _cases(context, rule, asked.command)
    preview = _tried(context, asked.command, handlers)
    key, expires_at = context.new_id(), context.now + OPEN_FOR
    summary = {**summary_of(asked.command), "preview": preview}
    rows.insert(context.connection, {
        "id": key, "kind": rule.kind, "command": type(asked.command).__name__, "payload": encode_json(asked.command),
        "summary": summary, "subject": rule.subject(asked.command), "reason": asked.reason,
        **dict(zip(("case_id", "other_case_id"), within, strict=False)), "requested_by": context.actor.id,
        "requested_at": context.now, "expires_at": expires_at, "state": "pending"})
    asked_for = {name: value for name, value in summary_of(asked.command).items() if name != "reason"}
    trail.record_system(context, {"approval": key, "kind": rule.kind, "asked": asked_for})
    for person in _deciders(context, rule, rule.subject(asked.command), within):
        notices.tell(context, person, "approval.asked", {"by": context.actor.name, "reason": asked.reason})
    return {"request": key, "kind": rule.kind, "state": "pending", "expires_at": expires_at.isoformat()}


def decide(context: Context, decision: DecideApproval, handlers: Handlers) -> Outcome:
    """Allow a request, which carries its command out, or reject it."""
    row = _pending(context, decision.approval)
    command = _command(row)
    rule = _rule(command)
    _require(context.actor, rule.decides)
    within = _cases(context, rule, command)
    _require_another(context, row)
    if not decision.approve:
        return _close(context, row, "rejected", decision.reason)
    _require_still_asked(context, row, rule, within)
    outcome = dict(handlers[type(command)](_as_both(context, command), command))
    return _close(context, row, "approved", decision.reason, outcome)


def withdraw(context: Context, command: WithdrawApproval) -> Outcome:
    row = _pending(context, command.approval)
    if row.requested_by != context.actor.id:
        raise NotAllowed(actor=context.actor.id, right="approval.withdraw")
    return _close(context, row, "withdrawn", "")


def expire(context: Context, limit: int) -> int:
    """Close what nobody has decided in time."""
    overdue = rows.overdue(context.connection, context.now, limit)
    for row in overdue:
        _close(context, row, "expired", "")
    return len(overdue)


def seen_by(actor: Actor) -> Any:
    """The condition on a request under which the actor sees it."""
    everything = actor.kind is ActorKind.SYSTEM or may(actor, "approval.see_all")
    return rows.seen_by(actor.id, kinds_decided_by(lambda right: may(actor, right)), everything, sights.inside(actor))


def may_decide(actor: Actor, row: Any) -> bool:
    """Whether the actor has the right, and is neither who asked nor whom it is about."""
    return actor.id not in (row.requested_by, row.subject) and may(actor, TWO_PERSONS[_COMMANDS[row.command]].decides)


def grant(context: Context, command: GrantAccess) -> Outcome:
    """Open something to one person for a time."""
    _require(context.actor, "access.grant")
    if command.kind not in GRANTED or not timedelta(0) < command.lasts <= LONGEST_GRANT:
        raise InvalidInput(expected=Phrase("export or break_glass for at most {most}", most=LONGEST_GRANT),
                           where="access",
                           found=f"{command.kind} for {command.lasts}")
    holder = users.get(context.connection, command.holder)
    if holder is None:
        raise NotFound(noun="user", key=command.holder)
    case = _case_to_open(context, command, holder) if command.kind == "break_glass" else None
    key, expires_at = context.new_id(), context.now + command.lasts
    rows.insert_grant(context.connection, {
        "id": key, "kind": command.kind, "holder": command.holder, "scope": command.scope, "reason": command.reason,
        "granted_by": context.actor.id, "granted_at": context.now, "expires_at": expires_at})
    trail.record_system(context, {"grant": key, "kind": command.kind, "holder": command.holder, "scope": command.scope,
                                  "until": expires_at.isoformat()})
    for auditor in escalations.with_roles(context.connection, ["auditor"]) if case is not None else ():
        notices.tell(context, auditor, "glass.broken", {
            "holder": command.holder, "case_no": command.scope, "until": expires_at.isoformat(timespec="minutes"),
            "reason": command.reason}, case)
    return {"grant": key, "expires_at": expires_at.isoformat()}


def revoke(context: Context, command: RevokeGrant) -> Outcome:
    """Close it now; the next request of its holder finds nothing open. A grant that is not the actor's to close is not
    there."""
    row = rows.lock_grant(context.connection, command.grant)
    if row is None or not (row.holder == context.actor.id or may(context.actor, "access.grant")):
        raise NotFound(noun="grant", key=command.grant)
    if row.revoked_at is not None or row.expires_at <= context.now:
        raise Conflict(action="revoke", noun="grant", key=command.grant, state="over")
    if not command.reason.strip():
        raise InvalidInput(expected="a reason", found="nothing", where="reason")
    rows.revoke_grant(context.connection, row.id, context.now, context.actor.id, command.reason.strip()[:500])
    trail.record_system(context, {"grant": row.id, "kind": row.kind, "holder": row.holder, "scope": row.scope,
                                  "revoked": True})
    if row.holder != context.actor.id:
        notices.tell(context, row.holder, "grant.revoked", {"scope": row.scope, "reason": command.reason.strip()[:500]})
    return {"grant": row.id, "revoked_at": context.now.isoformat()}


def _case_to_open(context: Context, command: GrantAccess, holder: Any) -> str:
    """The id of the one case that the glass is broken for: for an administrator, for a reason, for hours."""
    if BREAKERS.isdisjoint(holder.roles) or command.lasts > LONGEST_LOOK or not command.reason.strip():
        raise InvalidInput(expected=Phrase("an administrator, a reason and at most {most}", most=LONGEST_LOOK),
                           where="access",
                           found=f"{command.holder} for {command.lasts}")
    case = cases.id_of(context.connection, command.scope)
    if case is None:
        raise NotFound(noun="case", key=command.scope)
    return case


def granted(connection: Connection, actor: Actor, kind: str, scope: str, now: Any) -> bool:
    """Whether a bulk export (``export``) or a look inside (``break_glass``) is open to the actor now."""
    return any(row.scope == scope for row in rows.grants_of(connection, actor.id, kind, now))


def summary_of(command: Command) -> dict[str, Any]:
    """What the second person is shown of a command: no secrets, of contents their size and hash."""
    found: dict[str, Any] = _shown(asdict(command)) if is_dataclass(command) and not isinstance(command, type) else {}
    return found


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": len(value), "sha256": sha256(value).hexdigest()}
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items() if name not in _SECRET}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, str, Decimal)) else str(value)


def _rule(command: Command) -> Rule:
    rule = TWO_PERSONS.get(type(command))
    if rule is None:
        raise InvalidInput(expected="a command that needs two persons", found=type(command).__name__, where="command")
    return rule


def _require(actor: Actor, right: str) -> None:
    if not may(actor, right):
        raise NotAllowed(actor=actor.id, right=right)


def _cases(context: Context, rule: Rule, command: Command) -> list[str]:
    """The ids of the cases a command is about, each seen by the actor: neither right reaches into a case that one may
    not see. Raises ``NotFound`` as for what is not there, before anything is tried."""
    found = []
    for noun, key in rule.within(command):
        case = _CASE_OF[noun](context.connection, key)
        if case and not access.is_inside(context, case):
            raise NotFound(noun=noun, key=key)
        found += [case] if case else []
    return found


def _as_both(context: Context, command: Command) -> Context:
    """The context in which an allowed command runs: both rights are checked, so its handler asks for no third."""
    return replace(context, actor=replace(context.actor, kind=ActorKind.SYSTEM), action=type(command).__name__)


def _tried(context: Context, command: Command, handlers: Handlers) -> dict[str, Any]:
    """What a command would answer; nothing of it stays."""
    savepoint = context.connection.begin_nested()
    try:
        trial = replace(_as_both(context, command), follow_ups=[], locked={})
        return dict(handlers[type(command)](trial, command))
    finally:
        savepoint.rollback()


def _pending(context: Context, key: str) -> Any:
    if rows.find(context.connection, seen_by(context.actor), key) is None:
        raise NotFound(noun="approval", key=key)
    row: Any = rows.lock(context.connection, key)
    state = "expired" if row.state == "pending" and row.expires_at <= context.now else row.state
    if state != "pending":
        raise Conflict(action="decide", noun="approval", key=key, state=state)
    return row


def _require_another(context: Context, row: Any) -> None:
    """Who asked does not decide, nor who added the account (account creation ≠ permission grant, DOMAIN §5.1), nor
    that account itself."""
    subject = users.get(context.connection, row.subject) if row.subject else None
    involved = {row.requested_by, row.subject, subject.added_by if subject is not None else None}
    if context.actor.id in involved:
        raise OwnRequest(by=context.actor.id, key=row.id)


def _require_still_asked(context: Context, row: Any, rule: Rule, within: Sequence[str]) -> None:
    """Who has been disabled or has lost the right, or the sight of a case, since has asked for nothing."""
    asker = users.get(context.connection, row.requested_by)
    if asker is not None and not (asker.enabled and may(actor_of(asker), rule.asks) and _sees(context, asker, within)):
        raise Conflict(action="approve", noun="approval", key=row.id, state="asked by someone without the right now")


def _deciders(context: Context, rule: Rule, subject: str | None, within: Sequence[str]) -> list[str]:
    """Who may decide, apart from who asks and whom it is about."""
    holders = escalations.with_roles(context.connection, sorted(RIGHTS[rule.decides]))
    return [person for person in holders if person not in (context.actor.id, subject)
            and (not within or _sees(context, users.get(context.connection, person), within))]


def _sees(context: Context, person: Any, within: Sequence[str]) -> bool:
    """Whether an account, as it is now, sees all these cases."""
    units = organisation.below(context.connection, person.unit) if person.unit else ()
    absent = absences.absent_for(context.connection, person.id, context.today)
    inside = sights.inside(actor_of(person, stands_for=absent, units=units))
    return all(cases.sees(context.connection, case, inside) for case in within)


def _command(row: Any) -> Command:
    return msgspec.json.decode(row.payload, type=_COMMANDS[row.command], strict=True)


def _close(context: Context, row: Any, state: str, reason: str, outcome: Mapping[str, Any] | None = None) -> Outcome:
    by = None if state == "expired" else context.actor.id
    rows.update(context.connection, row.id, state=state, decided_by=by, decided_at=context.now, decision_reason=reason,
                outcome=outcome)
    trail.record_system(context, {"approval": row.id, "kind": row.kind, "state": state,
                                  "requested_by": row.requested_by})
    if state != "withdrawn":
        notices.tell(context, row.requested_by, f"approval.{state}", {"reason": reason})
    return {"request": row.id, "kind": row.kind, "state": state, "outcome": outcome}

