"""What every migration builds with: plain columns, and tables whose rows may only be added.

Nothing here may change what a migration has already built somewhere: a new need is a new function.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
ID, CODE, NAME = sa.String(36), sa.String(64), sa.String(255)


def column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def make_append_only(*tables: str) -> None:
    """Triggers that refuse to change or delete a row, on PostgreSQL also to empty the table."""
    for table in tables:
        (_guard_postgresql if on_postgresql() else _guard_sqlite)(table)


def _guard_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                   f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _guard_postgresql(table: str) -> None:
    op.execute(f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
               f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$")
    op.execute(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
               f"FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
               f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()")
