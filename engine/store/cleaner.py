"""Finding and deleting what is no longer needed, a bounded number of rows at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import (
    command_log,
    correlation,
    document,
    draft,
    file,
    inbound_file,
    message,
    staging,
    start_draft,
    user_session,
    user_task,
)


def stale_files(connection: sa.Connection, before: datetime, limit: int) -> list[str]:
    """Files staged before an instant that are in no case, by hash, which is the order they are locked in."""
    in_case = sa.select(document.c.id).where(document.c.sha256 == file.c.sha256).exists()
    statement = sa.select(file.c.sha256).where(file.c.staged_at < before, ~in_case,
                                              ~_of_message(file.c.sha256)).order_by(file.c.sha256).limit(limit)
    return list(connection.execute(statement).scalars())


def _of_message(sha256: Any) -> sa.ColumnElement[bool]:
    """It came with a message that may still find its case."""
    return sa.exists().where(inbound_file.c.sha256 == sha256, inbound_file.c.state == "fetched")


def is_referred(connection: sa.Connection, sha256: str) -> bool:
    in_case = sa.select(document.c.id).where(document.c.sha256 == sha256).limit(1)
    return bool(connection.execute(sa.select(sa.or_(sa.exists(in_case), _of_message(sha256)))).scalar_one())


def delete_file(connection: sa.Connection, sha256: str) -> None:
    connection.execute(staging.delete().where(staging.c.sha256 == sha256))
    connection.execute(file.delete().where(file.c.sha256 == sha256))


def delete_messages(connection: sa.Connection, now: datetime, limit: int) -> int:
    """Expired messages and signals that nobody is about to receive, with what is known of who has received them."""
    owed = sa.select(correlation.c.process).where(correlation.c.message_id == message.c.id,
                                                  correlation.c.pending.is_(True)).exists()
    ids = list(connection.execute(sa.select(message.c.id).where(message.c.expires_at <= now, ~owed)
                                  .order_by(message.c.id).limit(limit)).scalars())
    if ids:
        connection.execute(correlation.delete().where(correlation.c.message_id.in_(ids)))
        connection.execute(message.delete().where(message.c.id.in_(ids)))
    return len(ids)


def delete_commands(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Outcomes kept for commands repeated under the same idempotency key."""
    table = command_log
    keys = list(connection.execute(sa.select(table.c.actor, table.c.idempotency_key).where(table.c.at < before)
                                   .order_by(table.c.actor, table.c.idempotency_key).limit(limit)))
    for actor, key in keys:
        connection.execute(table.delete().where(table.c.actor == actor, table.c.idempotency_key == key))
    return len(keys)


def delete_drafts(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Drafts of user tasks that ended before an instant: who was overtaken finds until then what they had typed."""
    keys = list(connection.execute(
        sa.select(draft.c.case_id, draft.c.wait).distinct()
        .join(user_task, sa.and_(user_task.c.case_id == draft.c.case_id, user_task.c.wait == draft.c.wait))
        .where(user_task.c.state != "open", user_task.c.ended_at < before)
        .order_by(draft.c.case_id, draft.c.wait).limit(limit)))
    for case_id, wait in keys:
        connection.execute(draft.delete().where(draft.c.case_id == case_id, draft.c.wait == wait))
    return len(keys)


def delete_start_drafts(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Start forms that nobody has touched since."""
    table = start_draft
    keys = list(connection.execute(sa.select(table.c.user, table.c.process_id).where(table.c.saved_at < before)
                                   .order_by(table.c.user, table.c.process_id).limit(limit)))
    for user, process_id in keys:
        connection.execute(table.delete().where(table.c.user == user, table.c.process_id == process_id,
                                                table.c.saved_at < before))
    return len(keys)


def delete_sessions(connection: sa.Connection, before: datetime, limit: int) -> int:
    """Sessions of browsers that nobody has used since."""
    ids = list(connection.execute(sa.select(user_session.c.id).where(user_session.c.seen_at < before)
                                  .order_by(user_session.c.id).limit(limit)).scalars())
    if ids:
        connection.execute(user_session.delete().where(user_session.c.id.in_(ids)))
    return len(ids)
