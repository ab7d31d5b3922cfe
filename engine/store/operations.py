"""Figures for those who run the service: queues, ages, counts. No case content."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Busy
from engine.store import schema as s
from engine.store import waits
from engine.store.database import Database


def answers(database: Database) -> bool:
    """Whether the database answers and has the schema."""
    try:
        with database.reading() as connection:
            connection.execute(sa.select(s.case.c.id).limit(1))
    except (Busy, SQLAlchemyError):
        return False
    return True


def figures(connection: sa.Connection, now: datetime) -> dict[str, tuple[str, float]]:
    """Metric name → (what it is, value)."""

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> float:
        return float(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

    earliest = waits.next_timer_at(connection)
    return {
        "cases_active": ("Cases that are active", count(s.case, s.case.c.state == "active")),
        "user_tasks_open": ("User tasks that are open", count(s.user_task, s.user_task.c.state == "open")),
        "jobs_open": ("Jobs that wait for a worker", count(s.job)),
        "incidents_open": ("Incidents not resolved", count(s.incident, s.incident.c.resolved_at.is_(None))),
        "timers_overdue_seconds": ("Age of the oldest due timer that has not fired",
                                   max((now - earliest).total_seconds(), 0.0) if earliest is not None else 0.0),
        "timers_held": ("Timers that failed again and again and wait for a person", count(s.timer, s.timer.c.held)),
        "correlations_pending": ("Matches of messages and signals whose receiver has not been told yet",
                                 count(s.correlation, s.correlation.c.pending)),
        "outbox_pending": ("Outbox entries to be sent", count(s.outbox, s.outbox.c.state == "pending")),
        "outbox_dead": ("Outbox entries given up", count(s.outbox, s.outbox.c.state == "dead")),
        "inbound_unmatched": ("Messages that found no case", count(s.inbound, s.inbound.c.status == "unmatched")),
    }
