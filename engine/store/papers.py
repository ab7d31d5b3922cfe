"""Rows of papers in the making, evidence, addresses for service and deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.domain.permissions import may
from engine.store import schema as s
from engine.store import sights
from engine.store.database import Database

Rows = Sequence[sa.Row[Any]]


_writer, _approver = s.user.alias(), s.user.alias()
_PAPERS = (sa.select(s.paper, s.document.c.sha256, _writer.c.name.label("written_by_name"),
                     _approver.c.name.label("approved_by_name"))
           .outerjoin(s.document, sa.and_(s.document.c.case_id == s.paper.c.case_id,
                                          s.document.c.id == s.paper.c.document))
           .outerjoin(_writer, _writer.c.id == s.paper.c.written_by)
           .outerjoin(_approver, _approver.c.id == s.paper.c.approved_by))
"""Papers with the hash of their newest version and the names of who wrote and approved it."""


# --- papers -----------------------------------------------------------------------------------------------------------
def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(s.paper.insert(), row)


def update(connection: sa.Connection, case_id: str, paper: str, **changes: Any) -> None:
    connection.execute(s.paper.update().where(s.paper.c.case_id == case_id, s.paper.c.id == paper).values(**changes))


def get(connection: sa.Connection, case_id: str, paper: str) -> sa.Row[Any] | None:
    return connection.execute(_PAPERS.where(s.paper.c.case_id == case_id, s.paper.c.id == paper)).one_or_none()


def of_case(connection: sa.Connection, case_id: str) -> Rows:
    return connection.execute(_PAPERS.where(s.paper.c.case_id == case_id)
                              .order_by(s.paper.c.changed_at.desc(), s.paper.c.id)).all()


def versions(connection: sa.Connection, case_id: str, paper: str) -> Rows:
    """The documents a paper has been, the newest first, with who added each."""
    statement = (sa.select(s.document, s.user.c.name.label("by_name"))
                 .outerjoin(s.user, s.user.c.id == s.document.c.added_by)
                 .where(s.document.c.case_id == case_id, s.document.c.paper == paper)
                 .order_by(s.document.c.added_at.desc(), s.document.c.version.desc()))
    return connection.execute(statement).all()


def document(connection: sa.Connection, case_id: str, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(s.document).where(
        s.document.c.case_id == case_id, s.document.c.id == key)).one_or_none()


def issued(connection: sa.Connection, case_id: str, title: str) -> sa.Row[Any] | None:
    """The newest paper of a title that people have drawn up and issued in a case."""
    rows = connection.execute(sa.select(s.document).where(
        s.document.c.case_id == case_id, s.document.c.category == "document", s.document.c.paper.is_not(None))
        .order_by(s.document.c.added_at.desc(), s.document.c.id.desc()))
    return next((row for row in rows if row.title == title), None)


# --- evidence ---------------------------------------------------------------------------------------------------------
def add_evidence(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(s.evidence.insert(), rows)


def mark_seen(connection: sa.Connection, case_id: str, document_id: str, by: str, at: Any) -> bool:
    """False when there is no such evidence, or it has been marked before."""
    table = s.evidence
    done = connection.execute(table.update().where(
        table.c.case_id == case_id, table.c.document == document_id, table.c.seen_by.is_(None))
        .values(seen_by=by, seen_at=at))
    return done.rowcount == 1


def unstamped(connection: sa.Connection, limit: int) -> Rows:
    """(case_id, document, sha256) of evidence that no timestamp authority has signed yet."""
    table = s.evidence
    columns: list[sa.Column[Any]] = [table.c.case_id, table.c.document, s.document.c.sha256]
    statement = (sa.select(*columns)
                 .join(s.document, sa.and_(s.document.c.case_id == table.c.case_id,
                                           s.document.c.id == table.c.document))
                 .where(table.c.token.is_(None)).order_by(table.c.case_id, table.c.document).limit(limit))
    return connection.execute(statement).all()


def keep_stamp(connection: sa.Connection, case_id: str, document_id: str, authority: str, token: bytes) -> bool:
    """False when there is one already, or no such evidence any more."""
    table = s.evidence
    done = connection.execute(table.update().where(
        table.c.case_id == case_id, table.c.document == document_id, table.c.token.is_(None))
        .values(authority=authority, token=token))
    return done.rowcount == 1


def stamps(connection: sa.Connection, case_id: str) -> Mapping[str, bytes]:
    """{document: token} of the evidence of a case that has one."""
    table = s.evidence
    statement = sa.select(table.c.document, table.c.token).where(table.c.case_id == case_id, table.c.token.is_not(None))
    return {row.document: row.token for row in connection.execute(statement)}


def evidence_of(connection: sa.Connection, actor: Actor, case_id: str) -> Rows:
    """Evidence that the actor may see, the oldest first."""
    compared = s.user.alias()
    statement = (sa.select(s.document, s.evidence.c.source, s.evidence.c.seen_by, s.evidence.c.seen_at,
                           s.evidence.c.authority, s.evidence.c.token, s.user.c.name.label("by_name"),
                           compared.c.name.label("seen_name"))
                 .join(s.evidence, sa.and_(s.evidence.c.case_id == s.document.c.case_id,
                                           s.evidence.c.document == s.document.c.id))
                 .join(s.case, s.case.c.id == s.document.c.case_id)
                 .outerjoin(s.user, s.user.c.id == s.document.c.added_by)
                 .outerjoin(compared, compared.c.id == s.evidence.c.seen_by)
                 .where(s.document.c.case_id == case_id, sights.document_seen(actor))
                 .order_by(s.document.c.added_at, s.document.c.id))
    return connection.execute(statement).all()


# --- service ----------------------------------------------------------------------------------------------------------
def confirm_address(database: Database, connection: sa.Connection, row: Mapping[str, Any]) -> None:
    database.upsert(connection, s.service_address, row,
                    [name for name in row if name not in ("case_id", "recipient")])


def address(connection: sa.Connection, case_id: str, recipient: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(s.service_address).where(
        s.service_address.c.case_id == case_id, s.service_address.c.recipient == recipient)).one_or_none()


def addresses(connection: sa.Connection, case_id: str) -> Rows:
    return connection.execute(sa.select(s.service_address).where(s.service_address.c.case_id == case_id)
                              .order_by(s.service_address.c.confirmed_on)).all()


def of_user(connection: sa.Connection, actor: Actor) -> tuple[Rows, Rows]:
    """(deliveries, addresses) of somebody in their own cases, the newest first."""
    sent = (sa.select(s.delivery, s.document.c.title, s.document.c.number, s.document.c.sha256, s.case.c.case_no,
                      s.case.c.title.label("case_title"))
            .join(s.case, s.case.c.id == s.delivery.c.case_id)
            .join(s.document, sa.and_(s.document.c.case_id == s.delivery.c.case_id,
                                      s.document.c.id == s.delivery.c.document))
            .where(s.delivery.c.user == actor.id, s.delivery.c.mode.in_(("portal", "electronic")), sights.own(actor))
            .order_by(s.delivery.c.dispatched_on.desc(), s.delivery.c.id.desc()).limit(100))
    where = (sa.select(s.service_address).join(s.case, s.case.c.id == s.service_address.c.case_id)
             .where(s.service_address.c.user == actor.id, sights.own(actor)))
    return connection.execute(sent).all(), connection.execute(where).all()


def add_delivery(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(s.delivery.insert(), row)


def update_delivery(connection: sa.Connection, case_id: str, key: str, **changes: Any) -> None:
    connection.execute(s.delivery.update().where(
        s.delivery.c.case_id == case_id, s.delivery.c.id == key).values(**changes))


def last_service(connection: sa.Connection, case_id: str, deadline: str) -> sa.Row[Any] | None:
    """The newest delivery that a deadline hangs on and whose legal day stands."""
    return connection.execute(sa.select(s.delivery).where(
        s.delivery.c.case_id == case_id, s.delivery.c.deadline == deadline, s.delivery.c.legal_on.is_not(None))
        .order_by(s.delivery.c.changed_at.desc(), s.delivery.c.id.desc()).limit(1)).one_or_none()


def delivery(connection: sa.Connection, case_id: str, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(s.delivery).where(
        s.delivery.c.case_id == case_id, s.delivery.c.id == key)).one_or_none()


def deliveries(connection: sa.Connection, actor: Actor, case_id: str | None = None, state: str | None = None,
               limit: int = 200) -> Rows:
    """What was sent in the cases that the actor sees, as their rooms ask: whole, or as who serves; the newest first."""
    seen = sights.inside if may(actor, "document.serve") else sights.whole
    statement = (sa.select(s.delivery, s.document.c.title, s.document.c.number, s.document.c.sha256, s.case.c.case_no,
                           s.case.c.title.label("case_title"))
                 .join(s.case, s.case.c.id == s.delivery.c.case_id)
                 .join(s.document, sa.and_(s.document.c.case_id == s.delivery.c.case_id,
                                           s.document.c.id == s.delivery.c.document))
                 .where(seen(actor)))
    if case_id is not None:
        statement = statement.where(s.delivery.c.case_id == case_id)
    if state is not None:
        statement = statement.where(s.delivery.c.state == state)
    order = s.delivery.c.dispatched_on if state is not None else s.delivery.c.dispatched_on.desc()
    return connection.execute(statement.order_by(order, s.delivery.c.id).limit(limit)).all()
