"""Parties and their agents with accounts of their own: invited, joined, taken out again."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import replace
from typing import Any

from engine.domain.actors import ActorKind
from engine.domain.participant_commands import InviteParticipant, JoinCase, OpenAccount, RemoveParticipant
from engine.domain.participants import AUTHORITIES, OPEN_FOR, SIDES
from engine.domain.permissions import PARTIES, may
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Rejection
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.inputs import one_of, required
from engine.services.legal_time import notices
from engine.services.papers.rooms import file_document, own_file
from engine.services.people import access, recusals, seats
from engine.store import cases, users
from engine.store import participants as rows
from engine.store import recusals as parties
from engine.store.cases import CaseRow

RIGHT = "party.invite"


class InvitationVoid(Rejection):
    """Expected an invitation that is open, but it has been taken up, has lapsed or was taken back."""

    code = "invitation_void"


class OtherSide(Rejection):
    """Expected an account of nobody else in this case, but '{user}' stands on another side."""

    code = "other_side"


class NameTaken(Rejection):
    """Expected a sign-in name that nobody has, but '{name}' is somebody's."""

    code = "name_taken"


_ACCOUNT = re.compile(r"[a-z][a-z0-9.-]{3,31}")
"""What a party may call its own account."""


def new_code() -> str:
    """A secret that is shown once; 16 letters that nobody mistakes for others."""
    letters = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(16))
    return "-".join(letters[start:start + 4] for start in range(0, 16, 4))


def digest_of(code: str) -> str:
    """Of a secret as somebody has typed it."""
    return hashlib.sha256("".join(code.upper().split()).replace("-", "").encode()).hexdigest()


def invite(context: Context, command: InviteParticipant) -> Outcome:
    """Answers ``{"participant", "state"}``: active when an account was named, else invited."""
    row = _case(context, command.case_id)
    capacity, name = one_of(command.capacity, SIDES, "capacity"), required(command.name, "party", 200)
    if (capacity, name) not in parties.parties_of(context.connection, row.id):
        raise InvalidInput(expected="a party that the case names in this capacity", found=name, where="party")
    if not command.user and not command.code:
        raise InvalidInput(expected="an account, or the secret of an invitation", found="neither", where="user")
    if command.user:
        _require_account(context, command.user)
        _require_one_side(context, row, capacity, command.user)
    authority, proof = _power(context, row, command)
    key = context.new_id()
    rows.insert(context.connection, {
        "case_id": row.id, "id": key, "capacity": capacity, "name": name, "agent": command.agent.strip()[:200],
        "authority": authority, "proof": proof, "user": command.user or None,
        "state": "active" if command.user else "invited", "code": None if command.user else command.code,
        "expires_at": None if command.user else context.now + OPEN_FOR, "invited_by": context.actor.id,
        "invited_at": context.now, "joined_at": context.now if command.user else None, "reason": ""})
    found = _row(context, row, key)
    if command.user:
        _seat(context, row, found)
    else:
        trail.note(context, row, "participant:invited", _about(found))
    if found.agent:
        recusals.look_again(context, row)
    return {"case_id": row.id, "participant": key, "state": found.state}


def join(context: Context, command: JoinCase) -> Outcome:
    """Of two who show the same secret exactly one gets in."""
    actor = context.actor
    if actor.kind is not ActorKind.PERSON or PARTIES.isdisjoint(actor.roles):
        raise InvalidInput(expected="an account of a party or an agent", found=actor.id, where="user")
    found = rows.by_code(context.connection, command.code)
    if found is None:
        raise InvitationVoid
    row = steps.lock_case(context, found.case_id, active=False)
    found = rows.by_code(context.connection, command.code)
    if found is None or found.expires_at <= context.now:
        raise InvitationVoid
    _require_one_side(context, row, found.capacity, actor.id)
    rows.update(context.connection, row.id, found.id, state="active", user=actor.id, joined_at=context.now, code=None)
    joined = _row(context, row, found.id)
    _seat(context, row, joined)
    notices.tell(context, joined.invited_by, "participant.came", {
        "case_no": row.case_no or row.id, "who": joined.agent or joined.name}, row.id)
    return {"case_id": row.id, "participant": found.id, "state": "active"}


def open_account(context: Context, command: OpenAccount) -> Outcome:
    """Whoever shows the secret of an invitation gets an account of a party or an agent, and takes the seat with it."""
    found = rows.by_code(context.connection, command.code)
    if found is None or found.expires_at <= context.now:
        raise InvitationVoid
    if not _ACCOUNT.fullmatch(command.id):
        raise InvalidInput(expected="a sign-in name of 4 to 32 letters, digits, dots or hyphens", found=command.id[:40],
                           where="name")
    name = required(command.name, "display_name", 64)
    if users.get(context.connection, command.id) is not None:
        raise NameTaken(name=command.id)
    roles = ["agent" if found.agent else "party"]
    users.insert(context.connection, {
        "id": command.id, "name": name, "password_hash": command.password_hash, "roles": roles, "enabled": True,
        "added_at": context.now, "failed_sign_ins": 0, "locked_until": None, "kind": "person", "unit": None,
        "added_by": found.invited_by, "must_change": False, "password_at": context.now})
    trail.record_system(context, {"user": command.id, "roles": roles, "kind": "person", "invitation": found.id})
    own = replace(context.actor, id=command.id, name=name, roles=frozenset(roles))
    return join(replace(context, actor=own), JoinCase(command.code))


def remove(context: Context, command: RemoveParticipant) -> Outcome:
    """The account does not see the case any more; what it had to do goes back to whom else it was offered to."""
    row = _case(context, command.case_id)
    reason, found = required(command.reason, "reason"), _row(context, row, command.participant)
    if found.state == "removed":
        raise Conflict(action="remove", noun="participant", key=found.id, state=found.state)
    rows.update(context.connection, row.id, found.id, state="removed", code=None, removed_by=context.actor.id,
                removed_at=context.now, reason=reason)
    if found.user is not None:
        rows.no_longer_offer(context.connection, row.id, found.user)
        recusals.take_back(context, row, found.user)
        notices.tell(context, found.user, "participant.removed", {"case_no": row.case_no or row.id, "reason": reason})
    trail.note(context, row, "participant:removed", {**_about(found), "reason": reason})
    return {"case_id": row.id, "participant": found.id, "state": "removed"}


# --- parts ------------------------------------------------------------------------------------------------------------
def _case(context: Context, key: str) -> CaseRow:
    if not may(context.actor, RIGHT):
        raise NotAllowed(actor=context.actor.id, right=RIGHT)
    case_id = cases.id_of(context.connection, key) or key
    access.require_inside(context, case_id, "case", key)
    row = steps.lock_case(context, case_id, active=False)
    if row.state not in ("active", "suspended"):
        raise Conflict(action="change the participants of", noun="case", key=row.case_no or row.id, state=row.state)
    return row


def _row(context: Context, row: CaseRow, key: str) -> Any:
    found = rows.get(context.connection, row.id, key)
    if found is None:
        raise NotFound(noun="participant", key=key)
    return found


def _seat(context: Context, row: CaseRow, one: Any) -> None:
    """The account sees what is addressed to its capacity from now on, and is offered what is open for it."""
    for paper in rows.addressed(context.connection, row.id):
        if one.capacity in paper.addressees.split(","):
            parties.serve(context.connection, row.id, paper.id, one.user, context.today, context.actor.id)
    seats.offer_open(context, row)
    trail.note(context, row, "participant:joined", _about(one))
    notices.tell(context, one.user, "participant.joined", {"case_no": row.case_no or row.id}, row.id)


def _require_account(context: Context, user: str) -> None:
    found = users.get(context.connection, user)
    if found is None or not found.enabled or PARTIES.isdisjoint(found.roles):
        raise InvalidInput(expected="an account of a party or an agent", found=user, where="user")


def _require_one_side(context: Context, row: CaseRow, capacity: str, user: str) -> None:
    """One account, one seat, and so never two sides."""
    for known in seats.seats(context.connection, row):
        if known.user == user:
            if SIDES[known.capacity] != SIDES[capacity]:
                raise OtherSide(user=user)
            raise Conflict(action="seat", noun="user", key=user, state="active")


def _power(context: Context, row: CaseRow, command: InviteParticipant) -> tuple[str, str | None]:
    """(authority, document) of an agent's power of attorney (授权委托书); nothing of a party that acts itself."""
    agent = command.agent.strip()
    if not agent:
        return "", None
    authority = one_of(command.authority, AUTHORITIES, "authority")
    if command.proof is None:
        raise InvalidInput(expected="a power of attorney", found="nothing", where="proof")
    own_file(context, command.proof)
    title = f"授权委托书（{agent}）"
    return authority, file_document(context, row, category="attachment", title=title, name=command.proof.name,
                                    sha256=command.proof.sha256)


def _about(one: Any) -> dict[str, str]:
    told = {"capacity": one.capacity, "party": one.name, "who": one.agent or one.name, "user": one.user or ""}
    return {key: value for key, value in told.items() if value}
