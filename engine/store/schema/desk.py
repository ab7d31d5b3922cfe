"""The caseworker's desk: who may take which open task by when, what cases are found by, and what one has kept for
oneself.

``worklist`` is never written by us: triggers of migration 0008 keep it from ``user_task``, ``candidate`` and
``deadline``, whoever writes those, so that the first page of an inbox is read from an index, however many are open.
A throw-away store (``Database.create_schema``) has no triggers and no list of tasks.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Index, String, Table

from engine.store.schema.columns import ID, NAME, Instant, Json, Sealed, metadata

NO_DATE = datetime(9999, 12, 31, tzinfo=UTC)
"""When a task is due that has no date: after all that have one, on both databases."""

worklist = Table(
    "worklist", metadata,
    Column("case_id", ID, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("kind", String(8), primary_key=True),  # user, group: may claim it or has it; all: once for each open task
    Column("name", NAME, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("deadline", BigInteger),  # the number of the case's deadline that is next
    Index("ix_worklist_kind_name_due_at", "kind", "name", "due_at", "case_id", "wait"),
)
search_number = Table(  # the numbers a case is known by, without what people write differently
    "search_number", metadata,
    Column("case_id", ID, primary_key=True),
    Column("number", String(64), primary_key=True),
    Index("ix_search_number_number", "number", "case_id"),
)
saved_filter = Table(
    "saved_filter", metadata,
    Column("id", ID, primary_key=True),
    Column("user", NAME, nullable=False),
    Column("name", String(64), nullable=False),
    Column("filters", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("role", String(64)),  # whoever has it is shown the filter too
    Index("ix_saved_filter_user", "user"),
    Index("ix_saved_filter_role", "role"),
)
start_draft = Table(  # a start form somebody has begun to fill in
    "start_draft", metadata,
    Column("user", NAME, primary_key=True),
    Column("process_id", NAME, primary_key=True),
    Column("form_values", Sealed("start_draft.form_values"), nullable=False),
    Column("saved_at", Instant, nullable=False),
    Index("ix_start_draft_saved_at", "saved_at"),
)
