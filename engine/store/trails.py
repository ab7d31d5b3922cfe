"""The audit trail as an auditor reads it: entries of all chains, newest first, narrowed by who, what, when and which;
and who may change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import audit, audit_anchor, audit_timestamp, case


def entries(connection: sa.Connection, filters: Mapping[str, str], since: datetime | None, until: datetime | None,
            limit: int, offset: int) -> Sequence[sa.Row[Any]]:
    """``filters``: ``actor``, ``action`` (whole words), ``chain`` (a case number or id, ``system``, ``access``)."""
    statement = sa.select(audit, case.c.case_no).outerjoin(case, case.c.id == audit.c.chain)
    for name in ("actor", "action"):
        if filters.get(name):
            statement = statement.where(audit.c[name] == filters[name])
    if filters.get("chain"):
        wanted = filters["chain"]
        statement = statement.where(sa.or_(audit.c.chain == wanted, case.c.case_no == wanted))
    if since is not None:
        statement = statement.where(audit.c.at >= since)
    if until is not None:
        statement = statement.where(audit.c.at < until)
    order = (audit.c.at.desc(), audit.c.chain, audit.c.seq.desc())
    return connection.execute(statement.order_by(*order).limit(limit).offset(offset)).all()


def own_entries(connection: sa.Connection, chains: Sequence[str], actor: str, actions: Sequence[str],
                seq: int | None = None) -> Sequence[sa.Row[Any]]:
    """What somebody did in some chains, the last first; one of them, by its place."""
    statement = sa.select(audit).where(audit.c.chain.in_(chains), audit.c.actor == actor, audit.c.action.in_(actions))
    if seq is not None:
        statement = statement.where(audit.c.seq == seq)
    return connection.execute(statement.order_by(audit.c.chain, audit.c.seq.desc())).all()


def status(connection: sa.Connection) -> tuple[sa.Row[Any] | None, sa.Row[Any] | None, sa.Row[Any] | None]:
    """(newest anchor, newest countersignature, entry of the last check)."""
    anchor = connection.execute(sa.select(audit_anchor).order_by(audit_anchor.c.seq.desc()).limit(1)).one_or_none()
    newest = sa.select(audit_timestamp).order_by(audit_timestamp.c.anchor.desc()).limit(1)
    stamp = connection.execute(newest).one_or_none()
    check = connection.execute(sa.select(audit).where(audit.c.chain == "system", audit.c.action == "VerifyTrail")
                               .order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    return anchor, stamp, check


_EVIDENCE = ("audit", "audit_anchor", "audit_anchor_head", "audit_timestamp", "erasure")
_HISTORY_CONTENT = "data, salt"


def grants(role: str) -> list[str]:
    """Statements for the owner of a PostgreSQL database that let a service's role work, and not change evidence."""
    name = '"' + role.replace('"', '""') + '"'
    guarded = ", ".join((*_EVIDENCE, "history"))
    return [f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {guarded} FROM {name}",
            f"GRANT UPDATE ({_HISTORY_CONTENT}) ON history TO {name}",
            f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {name}"]


def may_change_evidence(connection: sa.Connection) -> list[str]:
    """What the role of a PostgreSQL connection could do to evidence, table by table; nothing is as it should be."""
    found = []
    for table in (*_EVIDENCE, "history"):
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            asked = sa.select(sa.func.has_table_privilege(sa.func.current_user(), table, right))
            if connection.execute(asked).scalar_one():
                found.append(f"{right} {table}")
    return found
