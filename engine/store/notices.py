"""Rows of notices and of the addresses that people gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import schema as s
from engine.store.cases import TITLE_OUTSIDE

CONTACT = s.contact
case, notice, user = s.case, s.notice, s.user
_kept_away = s.recusal.alias()
_OPEN = ~sa.exists().where(_kept_away.c.case_id == notice.c.case_id, _kept_away.c.user == notice.c.to,
                           _kept_away.c.state == "recused").correlate(notice)
"""On a notice: its reader is not recused in the case it is about; what was told before is not shown either."""


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(notice.insert(), row)


def contact(connection: sa.Connection, to: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(CONTACT).where(CONTACT.c.user == to)).one_or_none()


def contact_of_feed(connection: sa.Connection, digest: str) -> str | None:
    """Whose calendar feed this is."""
    return connection.execute(sa.select(CONTACT.c.user).where(CONTACT.c.feed == digest)).scalar_one_or_none()


def mark_read(connection: sa.Connection, to: str, ids: Collection[str], at: datetime) -> int:
    statement = notice.update().where(notice.c.to == to, notice.c.read_at.is_(None)).values(read_at=at)
    if ids:
        statement = statement.where(notice.c.id.in_(list(ids)))
    return int(connection.execute(statement).rowcount)


def unread(connection: sa.Connection, to: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(notice).where(
        notice.c.to == to, notice.c.read_at.is_(None), _OPEN)).scalar_one())


def listed(connection: sa.Connection, to: str, limit: int, offset: int = 0) -> list[sa.Row[Any]]:
    """One's notices with the number of their case, newest first."""
    return list(connection.execute(
        sa.select(notice, case.c.case_no, case.c.title).outerjoin(case, case.c.id == notice.c.case_id)
        .where(notice.c.to == to, _OPEN).order_by(notice.c.created_at.desc(), notice.c.id.desc())
        .limit(limit).offset(offset)))


def count(connection: sa.Connection, to: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(notice).where(
        notice.c.to == to, _OPEN)).scalar_one())


def told_of(connection: sa.Connection, code: str, at: datetime) -> list[str]:
    """Who was sent notices of a kind at an instant."""
    return list(connection.execute(sa.select(notice.c.to).where(
        notice.c.code == code, notice.c.created_at == at).order_by(notice.c.to)).scalars())


def due_mail(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Notices to be sent by e-mail, with the address, the oldest first. What is not published has no title there."""
    return list(connection.execute(
        sa.select(notice, CONTACT.c.email, user.c.name, case.c.case_no, TITLE_OUTSIDE)
        .join(CONTACT, CONTACT.c.user == notice.c.to).outerjoin(user, user.c.id == notice.c.to)
        .outerjoin(case, case.c.id == notice.c.case_id)
        .where(notice.c.mail == "pending", notice.c.mail_at <= now, CONTACT.c.email.is_not(None), _OPEN)
        .order_by(notice.c.mail_at, notice.c.id).limit(limit)))


def record_mail(connection: sa.Connection, key: str, state: str, next_at: datetime | None) -> None:
    connection.execute(notice.update().where(notice.c.id == key, notice.c.mail == "pending").values(
        mail=state, mail_at=next_at, mail_attempts=notice.c.mail_attempts + 1))
