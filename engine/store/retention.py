"""What is kept, what is held, and what goes: the one place that takes content out of a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.store import schema as s


def due_for_publication(connection: sa.Connection, today: date, limit: int) -> list[str]:
    """Cases of unpublished applications whose application is published by now."""
    statement = sa.select(s.case.c.id).where(s.case.c.level == "L3", s.case.c.publication_on <= today)
    return list(connection.execute(statement.order_by(s.case.c.id).limit(limit)).scalars())


def due_for_purge(connection: sa.Connection, process: str, before: datetime, limit: int) -> list[str]:
    """Ended cases of a process that nobody holds and that still have their content."""
    statement = sa.select(s.case.c.id).where(
        s.case.c.process_id == process, s.case.c.state.in_(("completed", "cancelled")), s.case.c.ended_at < before,
        s.case.c.purged_at.is_(None), ~_held(s.case.c.id))
    return list(connection.execute(statement.order_by(s.case.c.id).limit(limit)).scalars())


def _held(case_id: Any) -> sa.ColumnElement[bool]:
    return sa.exists().where(s.legal_hold.c.case_id == case_id, s.legal_hold.c.lifted_at.is_(None))


def is_held(connection: sa.Connection, case_id: str) -> bool:
    return bool(connection.execute(sa.select(_held(case_id))).scalar_one())


def hold(connection: sa.Connection, case_id: str, at: datetime, by: str, reason: str) -> None:
    connection.execute(s.legal_hold.insert(), {"case_id": case_id, "placed_at": at, "placed_by": by, "reason": reason})


def lift(connection: sa.Connection, case_id: str, at: datetime, by: str) -> int:
    """Lift all holds on a case. Returns how many there were."""
    table = s.legal_hold
    return connection.execute(table.update().values(lifted_at=at, lifted_by=by).where(
        table.c.case_id == case_id, table.c.lifted_at.is_(None))).rowcount


def erase(connection: sa.Connection, case_id: str, at: datetime, digests: Mapping[int, str]) -> None:
    """Log the erasure of history rows, then take their content."""
    if not digests:
        return
    connection.execute(s.erasure.insert(), [{"case_id": case_id, "seq": seq, "at": at, "digest": digest}
                                            for seq, digest in digests.items()])
    connection.execute(s.history.update().values(data=None, salt=None).where(
        s.history.c.case_id == case_id, s.history.c.seq.in_(sorted(digests))))


def drop_content(connection: sa.Connection, case_id: str) -> None:
    """Everything of a case that may hold content and is not append-only. Files go when no case names them any more."""
    for table in (s.case_key, s.case_word, s.search_number, s.case_party, s.participant, s.disclosure,
                  s.document_service, s.delivery, s.service_address, s.hearing,
                  s.hearing_attendee, s.evidence, s.paper, s.document, s.draft, s.job,
                  s.subscription):
        connection.execute(table.delete().where(table.c.case_id == case_id))
    connection.execute(s.incident.update().values(message="").where(s.incident.c.case_id == case_id))
    connection.execute(s.outbox.update().values(body="{}", answer=None).where(s.outbox.c.case_id == case_id))
    of_case = sa.exists().where(s.inbound.c.case_id == case_id, s.inbound.c.partner == s.inbound_evidence.c.partner,
                                s.inbound.c.message_id == s.inbound_evidence.c.message_id)
    connection.execute(s.inbound_evidence.delete().where(of_case))
    letters = sa.select(s.inbound.c.message_id).where(s.inbound.c.case_id == case_id)
    connection.execute(s.manual_message.update().values(correlation={}, payload={}, note="", reason=None).where(
        s.manual_message.c.id.in_(letters)))
    connection.execute(s.inbound_file.delete().where(sa.exists().where(
        s.inbound.c.case_id == case_id, s.inbound.c.partner == s.inbound_file.c.partner,
        s.inbound.c.message_id == s.inbound_file.c.message_id)))
    connection.execute(s.inbound.update().values(envelope={}, expected=None, note=None).where(
        s.inbound.c.case_id == case_id))


def texts_of(connection: sa.Connection, case_id: str, wanted: Collection[int] | None) -> Sequence[int]:
    """Numbers of the history rows of a case that still have content."""
    statement = sa.select(s.history.c.seq).where(s.history.c.case_id == case_id, s.history.c.salt != "")
    if wanted is not None:
        statement = statement.where(s.history.c.seq.in_(sorted(wanted)))
    return connection.execute(statement).scalars().all()
