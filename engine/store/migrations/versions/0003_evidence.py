"""Anchors of the audit chain, and what is kept beside the record."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
ID, CODE, NAME, BIG = sa.String(36), sa.String(64), sa.String(255), sa.BigInteger()
APPEND_ONLY = ("audit_anchor", "audit_anchor_head", "audit_timestamp", "erasure")
KEPT = ("case_id", "seq", "at", "kind", "element", "instance", "process", "type", "actor")
"""Columns of a history row that nothing may change; its content may go, once that is on record."""


def upgrade() -> None:
    op.add_column("history", sa.Column("salt", sa.String(32)))
    op.add_column("case_instance", sa.Column("publication_on", sa.Date()))
    op.add_column("case_instance", sa.Column("purged_at", INSTANT))
    op.create_index("ix_audit_at", "audit", ["at"])
    _anchors()
    _kept_beside()
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in APPEND_ONLY:
        (_guard_postgresql if postgresql else _guard_sqlite)(table)
    (_erasable_postgresql if postgresql else _erasable_sqlite)()


def _column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _anchors() -> None:
    op.create_table(
        "audit_anchor",
        sa.Column("seq", BIG, nullable=False, autoincrement=False), _column("at", INSTANT),
        _column("algorithm", sa.String(16)), _column("root", CODE), _column("heads", sa.Integer()),
        _column("previous", CODE), _column("hash", CODE), sa.PrimaryKeyConstraint("seq", name="pk_audit_anchor"))
    op.create_table(
        "audit_anchor_head",
        _column("anchor", BIG), _column("chain", ID), _column("seq", BIG), _column("hash", CODE),
        sa.PrimaryKeyConstraint("anchor", "chain", name="pk_audit_anchor_head"))
    op.create_index("ix_audit_anchor_head_chain_seq", "audit_anchor_head", ["chain", "seq"])
    op.create_table(
        "audit_timestamp",
        sa.Column("anchor", BIG, nullable=False, autoincrement=False), _column("at", INSTANT),
        _column("authority", NAME), _column("token", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("anchor", name="pk_audit_timestamp"))


def _kept_beside() -> None:
    op.create_table(
        "erasure",
        _column("case_id", ID), _column("seq", BIG), _column("at", INSTANT), _column("digest", CODE),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_erasure"))
    op.create_table(
        "legal_hold",
        _column("case_id", ID), _column("placed_at", INSTANT), _column("placed_by", NAME), _column("reason", sa.Text()),
        _column("lifted_at", INSTANT, nullable=True), _column("lifted_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "placed_at", name="pk_legal_hold"))
    op.create_table(
        "data_key",
        _column("id", ID), _column("algorithm", sa.String(16)), _column("master", CODE), _column("wrapped", sa.Text()),
        _column("made_at", INSTANT), sa.PrimaryKeyConstraint("id", name="pk_data_key"))


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


def _lawful(differs: str) -> str:
    """The one change a history row may see: its content goes, and the erasure that says so is there already."""
    kept = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in KEPT)
    logged = "EXISTS (SELECT 1 FROM erasure WHERE erasure.case_id = OLD.case_id AND erasure.seq = OLD.seq)"
    return f"NOT ({kept}) AND NEW.data IS NULL AND NEW.salt IS NULL AND {logged}"


def _erasable_sqlite() -> None:
    op.execute("DROP TRIGGER history_no_update")
    op.execute(f"CREATE TRIGGER history_no_update BEFORE UPDATE ON history WHEN NOT ({_lawful('IS NOT')}) "
               "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END")


def _erasable_postgresql() -> None:
    op.execute("CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
               f"$$ BEGIN IF TG_OP = 'UPDATE' THEN IF {_lawful('IS DISTINCT FROM')} THEN RETURN NEW; END IF; END IF; "
               "RAISE EXCEPTION 'history is append-only'; END $$")
