"""Rows that the desk moves: papers of cases that are put together, tasks that go back to their groups."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa

from engine.domain.permissions import PARTIES
from engine.store import schema as s

_document, _evidence, _task, _candidate = s.document, s.evidence, s.user_task, s.candidate


def case_id(connection: sa.Connection, key: str) -> str | None:
    """The id of the case with this id or number."""
    return connection.execute(sa.select(s.case.c.id).where(
        sa.or_(s.case.c.id == key, s.case.c.case_no == key))).scalar_one_or_none()


def copy_documents(connection: sa.Connection, source: str, target: str, new_id: Callable[[], str],
                   only: Collection[str] | None = None) -> list[str]:
    """The papers of one case are in the other too, unless it has them, and what is known of them as evidence; their
    content lies in the house once. Drafts stay with the paper that they are versions of. ``only``: ids, else all.
    Returns their titles."""
    there = set(connection.execute(sa.select(_document.c.sha256).where(_document.c.case_id == target)).scalars())
    rows = [dict(row) for row in connection.execute(
        sa.select(_document).where(_document.c.case_id == source, _document.c.category != "draft")
        .order_by(_document.c.added_at, _document.c.id)).mappings() if row["sha256"] not in there
        and (only is None or row["id"] in only)]
    ids = {row["id"]: new_id() for row in rows}
    if rows:
        connection.execute(_document.insert(), [{**row, "case_id": target, "id": ids[row["id"]]} for row in rows])
    proof = [{**row, "case_id": target, "document": ids[row["document"]]} for row in connection.execute(
        sa.select(_evidence).where(_evidence.c.case_id == source)).mappings() if row["document"] in ids]
    if proof:
        connection.execute(_evidence.insert(), proof)
    return [str(row["title"] or row["name"]) for row in rows]


def open_tasks(connection: sa.Connection, of_case: str) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(_task).where(
        _task.c.case_id == of_case, _task.c.state == "open").order_by(_task.c.wait)))


def held_for_groups(connection: sa.Connection, of_case: str) -> list[sa.Row[Any]]:
    """Open tasks that somebody has and that others could have; a party's is offered to nobody else."""
    group = sa.exists().where(_candidate.c.case_id == _task.c.case_id, _candidate.c.wait == _task.c.wait,
                              _candidate.c.kind == "group", _candidate.c.name.not_in(sorted(PARTIES))).correlate(_task)
    return list(connection.execute(sa.select(_task).where(
        _task.c.case_id == of_case, _task.c.state == "open", _task.c.assignee.is_not(None), group)))
