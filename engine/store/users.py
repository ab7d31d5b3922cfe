"""Rows of people: their accounts, tokens, second factors and who they are elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import api_token, org_unit, recovery_code, user, user_identity


def get(connection: sa.Connection, user_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(user).where(user.c.id == user_id)).one_or_none()


def lock(connection: sa.Connection, user_id: str) -> sa.Row[Any] | None:
    """The account, held to the end of the transaction."""
    return connection.execute(sa.select(user).where(user.c.id == user_id).with_for_update()).one_or_none()


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(user.insert(), row)


def update(connection: sa.Connection, user_id: str, **changes: Any) -> None:
    connection.execute(user.update().where(user.c.id == user_id).values(**changes))


def all_users(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(user).order_by(user.c.added_at, user.c.id)))


def search(connection: sa.Connection, text: str, limit: int, offset: int) -> tuple[list[sa.Row[Any]], int]:
    """Accounts whose sign-in name or name holds a text, by sign-in name; and how many there are."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    where = sa.or_(user.c.id.ilike(pattern, escape="\\"), user.c.name.ilike(pattern, escape="\\"))
    total = int(connection.execute(sa.select(sa.func.count()).select_from(user).where(where)).scalar_one())
    return list(connection.execute(sa.select(user).where(where).order_by(user.c.id).limit(limit).offset(offset))), total


def people(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Accounts of people who may sign in, by name: ``id``, ``name``, ``roles``, ``kind``, ``unit_name`` or None."""
    unit = user.outerjoin(org_unit, org_unit.c.id == user.c.unit)
    wanted = sa.select(user.c.id, user.c.name, user.c.roles, user.c.kind, org_unit.c.name.label("unit_name"))
    return list(connection.execute(wanted.select_from(unit).where(
        user.c.enabled, user.c.kind == "person").order_by(user.c.name, user.c.id)))


def named(connection: sa.Connection, text: str) -> sa.Row[Any] | None:
    """The account with this id, or the only one of this name."""
    found = connection.execute(sa.select(user).where(sa.or_(user.c.id == text, user.c.name == text)).limit(2)).all()
    return next((row for row in found if row.id == text), found[0] if len(found) == 1 else None)


def names(connection: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    rows = connection.execute(sa.select(user.c.id, user.c.name).where(user.c.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}


# --- tokens ---
def insert_token(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(api_token.insert(), row)


def token_with_hash(connection: sa.Connection, digest: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(api_token).where(api_token.c.hash == digest)).one_or_none()


def token(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(api_token).where(api_token.c.id == key)).one_or_none()


def tokens_of(connection: sa.Connection, user_id: str) -> list[sa.Row[Any]]:
    statement = sa.select(api_token).where(api_token.c.user == user_id)
    return list(connection.execute(statement.order_by(api_token.c.created_at.desc(), api_token.c.id)))


def revoke_token(connection: sa.Connection, key: str, now: datetime) -> None:
    connection.execute(api_token.update().where(api_token.c.id == key, api_token.c.revoked_at.is_(None))
                       .values(revoked_at=now))


# --- second factor ---
def replace_recovery_codes(connection: sa.Connection, user_id: str, hashes: Sequence[str]) -> None:
    """These are the codes from now on; none: there are no more."""
    connection.execute(recovery_code.delete().where(recovery_code.c.user == user_id))
    if hashes:
        connection.execute(recovery_code.insert(), [{"user": user_id, "hash": digest} for digest in hashes])


def use_recovery_code(connection: sa.Connection, user_id: str, digest: str, now: datetime) -> bool:
    """Use up a code; False when there is none such, or it was used before."""
    table = recovery_code
    found = connection.execute(table.update().where(
        table.c.user == user_id, table.c.hash == digest, table.c.used_at.is_(None)).values(used_at=now))
    return found.rowcount == 1


def recovery_codes_left(connection: sa.Connection, user_id: str) -> int:
    where = sa.and_(recovery_code.c.user == user_id, recovery_code.c.used_at.is_(None))
    return int(connection.execute(sa.select(sa.func.count()).select_from(recovery_code).where(where)).scalar_one())


# --- who they are elsewhere ---
def linked(connection: sa.Connection, issuer: str, subject: str) -> sa.Row[Any] | None:
    """The account of an identity provider's subject."""
    where = sa.and_(user_identity.c.issuer == issuer, user_identity.c.subject == subject)
    return connection.execute(sa.select(user).join(user_identity, user_identity.c.user == user.c.id)
                              .where(where)).one_or_none()


def identities_of(connection: sa.Connection, user_id: str) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(user_identity).where(user_identity.c.user == user_id)
                                   .order_by(user_identity.c.issuer)))


def link(connection: sa.Connection, user_id: str, issuer: str, subject: str, now: datetime) -> None:
    """Link an account with a subject, in place of the one it had at that provider."""
    table = user_identity
    connection.execute(table.delete().where(table.c.issuer == issuer, table.c.user == user_id))
    connection.execute(table.insert(), {"issuer": issuer, "subject": subject, "user": user_id, "linked_at": now})
