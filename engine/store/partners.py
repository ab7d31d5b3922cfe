"""Rows of the wire: partners and their keys, the outbox, and what came in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.cases import WITH_KEY
from engine.store.database import Database
from engine.store.prepared import Prepared, Question, ask
from engine.store.schema import case, inbound, inbound_evidence, outbox, partner, partner_key, user_task

_CANDIDATES = 20


def insert(connection: sa.Connection, row: Mapping[str, Any], keys: list[dict[str, Any]]) -> None:
    connection.execute(partner.insert(), row)
    if keys:
        connection.execute(partner_key.insert(), keys)


def get(connection: sa.Connection, code: str) -> Any | None:
    return next(iter(_GET(connection, of_code=code)), None)


def with_keys(connection: sa.Connection, code: str) -> tuple[Any | None, list[Any]]:
    """A partner, and its keys that are not revoked, newest first; asked together."""
    found, known = ask(connection, (_GET, {"of_code": code}), (_KEYS, {"of_code": code}))
    return next(iter(found), None), known


_GET = Question(sa.select(partner).where(partner.c.code == sa.bindparam("of_code")))
_KEYS = Question(sa.select(partner_key).where(
    partner_key.c.partner == sa.bindparam("of_code"), partner_key.c.revoked_at.is_(None)).order_by(
        partner_key.c.added_at.desc()))


def everyone(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(partner).order_by(partner.c.code)))


def seeing(connection: sa.Connection, kind: str) -> list[sa.Row[Any]]:
    """The enabled partners that name a type among what they may see; those of everything have not asked for it."""
    rows = connection.execute(sa.select(partner).where(partner.c.enabled.is_(True)).order_by(partner.c.code))
    return [row for row in rows if kind in (row.may_see or ())]


def of_kind(connection: sa.Connection, kind: str, name: str | None = None) -> sa.Row[Any] | None:
    """The enabled partner of a kind that was added first. With a name: the one that has it, or the only one of its
    kind; where there are several, a letter to one court goes to no other."""
    rows = connection.execute(sa.select(partner).where(partner.c.kind == kind, partner.c.enabled.is_(True))
                              .order_by(partner.c.added_at, partner.c.code)).all()
    if name is None or len(rows) < 2:
        return rows[0] if rows else None
    return next((row for row in rows if row.name == name), None)


def keys(connection: sa.Connection, code: str) -> list[Any]:
    """Keys not revoked, newest first."""
    return _KEYS(connection, of_code=code)


def key(connection: sa.Connection, code: str, key_id: str) -> sa.Row[Any] | None:
    """One key, revoked or not."""
    return connection.execute(sa.select(partner_key).where(
        partner_key.c.partner == code, partner_key.c.id == key_id)).one_or_none()


def every_key(connection: sa.Connection, code: str) -> list[sa.Row[Any]]:
    """All keys there ever were, newest first, without their secrets."""
    shown = [column for column in partner_key.c if column.name != "secret"]
    return list(connection.execute(sa.select(*shown).where(partner_key.c.partner == code)
                                   .order_by(partner_key.c.added_at.desc(), partner_key.c.id.desc())))


def add_key(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(partner_key.insert(), row)


def update_key(connection: sa.Connection, code: str, key_id: str, **changes: Any) -> None:
    connection.execute(partner_key.update().where(
        partner_key.c.partner == code, partner_key.c.id == key_id).values(**changes))


def add_outbox(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(outbox.insert(), row)


def next_position(connection: sa.Connection, case_id: str, code: str) -> int:
    """Where the next entry stands in the queue of a case to a partner; the case is locked meanwhile."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(outbox.c.position), 0) + 1).where(
        outbox.c.case_id == case_id, outbox.c.partner == code)).scalar_one())


def due_outbox(connection: sa.Connection, now: datetime, limit: int,
               resting: Collection[str] = ()) -> list[sa.Row[Any]]:
    """Entries due to be sent: for each (partner, case) only the first that is not settled, so that order holds.

    ``resting`` are the partners that are to be left alone for now.
    """
    earlier = outbox.alias()
    blocked = sa.select(earlier.c.id).where(
        earlier.c.case_id == outbox.c.case_id, earlier.c.partner == outbox.c.partner,
        earlier.c.state == "pending", earlier.c.position < outbox.c.position)
    statement = (sa.select(outbox).where(outbox.c.state == "pending", outbox.c.next_at <= now, ~blocked.exists(),
                                         outbox.c.partner.not_in(sorted(resting)))
                 .order_by(outbox.c.next_at, outbox.c.id).limit(limit))
    return list(connection.execute(statement))


def claim_outbox(database: Database, connection: sa.Connection, now: datetime, until: datetime,
                 resting: Collection[str]) -> sa.Row[Any] | None:
    """Take one due entry for sending until ``until``; a sender that dies loses it again at that time.

    Several are looked at, because other senders may hold the first ones.
    """
    ids = [row.id for row in due_outbox(connection, now, _CANDIDATES, resting)]
    free = sa.select(outbox).where(outbox.c.id.in_(ids), outbox.c.state == "pending", outbox.c.next_at <= now)
    row = connection.execute(database.skip_locked(free.order_by(outbox.c.next_at, outbox.c.id).limit(1))).one_or_none()
    if row is not None:
        update_outbox(connection, row.id, next_at=until, attempts=row.attempts + 1)
    return row


def case_of(connection: sa.Connection, entry: str) -> str | None:
    """The case that an outbox entry belongs to."""
    found: str | None = connection.execute(sa.select(outbox.c.case_id).where(outbox.c.id == entry)).scalar_one_or_none()
    return found


def lock_outbox(connection: sa.Connection, entry: str) -> sa.Row[Any]:
    return connection.execute(sa.select(outbox).where(outbox.c.id == entry).with_for_update()).one()


def update_outbox(connection: sa.Connection, entry: str, **changes: Any) -> None:
    connection.execute(outbox.update().where(outbox.c.id == entry).values(**changes))


def sent(connection: sa.Connection, case_id: str) -> list[Any]:
    """What was sent for a case, oldest first: id, partner, type, accepted_at, decided_at."""
    return SENT(connection, of_case=case_id)


SENT = Question(sa.select(
    outbox.c.id, outbox.c.partner, outbox.c.type, outbox.c.accepted_at, outbox.c.decided_at).where(
        outbox.c.case_id == sa.bindparam("of_case")).order_by(outbox.c.position, outbox.c.id))


def open_task_names(connection: sa.Connection, case_id: str) -> list[str]:
    """What people are doing in a case."""
    return list(connection.execute(sa.select(user_task.c.name).where(
        user_task.c.case_id == case_id, user_task.c.state == "open").order_by(user_task.c.wait)).scalars())


def outbox_of(connection: sa.Connection, entry: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(outbox).where(outbox.c.id == entry)).one_or_none()


def find_inbound(connection: sa.Connection, code: str, message_id: str) -> Any | None:
    return next(iter(_INBOUND(connection, of_partner=code, of_message=message_id)), None)


def standing(connection: sa.Connection, code: str, message_id: str) -> Any | None:
    """How it stands with a message: status, case_id, applied_at."""
    return next(iter(_STANDING(connection, of_partner=code, of_message=message_id)), None)


@dataclass(frozen=True, slots=True)
class Arriving:
    """What is known when a message comes: whether its id is taken, the newest event that it may come behind, the cases
    of its key, and its partner with the keys that are not revoked."""

    taken: bool
    newest: int | None
    cases: Sequence[tuple[str, str]]
    partner: Any | None
    keys: Sequence[Any]


def arriving(connection: sa.Connection, code: str, message_id: str, key: str, kind: str) -> Arriving:
    """Asked together."""
    taken, newest, known, sender, its_keys = ask(
        connection, (_STANDING, {"of_partner": code, "of_message": message_id}),
        (_NEWEST, {"of_partner": code, "of_key": key, "of_type": kind}), (WITH_KEY, {"of_value": key}),
        (_GET, {"of_code": code}), (_KEYS, {"of_code": code}))
    return Arriving(bool(taken), newest[0].newest, [(row.id, row.state) for row in known] if key else [],
                    next(iter(sender), None), its_keys)


def add_inbound(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Who adds the same id at the same time collides, and finds it taken when it tries again."""
    _ADD_INBOUND.run(connection, [row])


def add_evidence(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    _ADD_EVIDENCE.run(connection, [row])


_ONE = (inbound.c.partner == sa.bindparam("of_partner"), inbound.c.message_id == sa.bindparam("of_message"))
_INBOUND = Question(sa.select(inbound).where(*_ONE))
_STANDING = Question(sa.select(inbound.c.status, inbound.c.case_id, inbound.c.applied_at).where(*_ONE))
_WAITS = sa.and_(inbound.c.type == sa.bindparam("of_type"), inbound.c.late.is_(False), sa.or_(
    inbound.c.status == sa.literal_column("'accepted'"), inbound.c.status == sa.literal_column("'unmatched'")))
# one of another type that waits may wait for this very one, and one that a person has turned away overtakes nobody
_NEWEST = Question(sa.select(sa.func.max(inbound.c.event_seq).label("newest")).where(
    inbound.c.partner == sa.bindparam("of_partner"), inbound.c.key == sa.bindparam("of_key"),
    sa.or_(inbound.c.applied_at.is_not(None), _WAITS)))
_ADD_INBOUND, _ADD_EVIDENCE = Prepared(inbound.insert()), Prepared(inbound_evidence.insert())
_UPDATE_INBOUND = Prepared(inbound.update().where(*_ONE))


def receipt_of(connection: sa.Connection, code: str, message_id: str) -> str | None:
    """The receipt that a message was answered with when it came, as it was signed."""
    found: str | None = connection.execute(sa.select(inbound_evidence.c.receipt).where(
        inbound_evidence.c.partner == code, inbound_evidence.c.message_id == message_id)).scalar_one_or_none()
    return found


def lock_inbound(connection: sa.Connection, code: str, message_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(inbound).where(
        inbound.c.partner == code, inbound.c.message_id == message_id).with_for_update()).one_or_none()


def unsettled_inbound(connection: sa.Connection, before: datetime, limit: int) -> list[sa.Row[Any]]:
    """(partner, message_id) of what no case has taken: it came before an instant, or its case is over."""
    over = sa.exists().where(case.c.id == inbound.c.case_id, case.c.state.not_in(("active", "suspended")))
    parked = sa.and_(inbound.c.status == "unmatched", inbound.c.reason.is_(None), inbound.c.received_at < before)
    untaken = sa.and_(inbound.c.status == "accepted", inbound.c.applied_at.is_(None), inbound.c.late.is_(False),
                      sa.or_(inbound.c.received_at < before, over))
    statement = sa.select(inbound.c.partner, inbound.c.message_id).where(sa.or_(parked, untaken))
    return list(connection.execute(statement.order_by(inbound.c.received_at, inbound.c.message_id).limit(limit)))


def evidence(connection: sa.Connection, case_id: str) -> dict[tuple[str, str], sa.Row[Any]]:
    """What proves the messages of a case, by partner and message id."""
    statement = sa.select(inbound_evidence).join(inbound, sa.and_(
        inbound.c.partner == inbound_evidence.c.partner, inbound.c.message_id == inbound_evidence.c.message_id))
    rows = connection.execute(statement.where(inbound.c.case_id == case_id))
    return {(row.partner, row.message_id): row for row in rows}


def update_partner(connection: sa.Connection, code: str, **changes: Any) -> None:
    connection.execute(partner.update().where(partner.c.code == code).values(**changes))


def update_inbound(connection: sa.Connection, code: str, message_id: str, **changes: Any) -> None:
    _UPDATE_INBOUND.run(connection, [{"of_partner": code, "of_message": message_id, **changes}])
