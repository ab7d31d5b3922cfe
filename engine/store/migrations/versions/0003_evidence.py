"""Anchors of the audit chain, and what is kept beside the record."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column, make_append_only, on_postgresql

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger()
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
    make_append_only(*APPEND_ONLY)
    (_erasable_postgresql if on_postgresql() else _erasable_sqlite)()


def _anchors() -> None:
    op.create_table(
        "audit_anchor",
        sa.Column("seq", BIG, nullable=False, autoincrement=False), column("at", INSTANT),
        column("algorithm", sa.String(16)), column("root", CODE), column("heads", sa.Integer()),
        column("previous", CODE), column("hash", CODE), sa.PrimaryKeyConstraint("seq", name="pk_audit_anchor"))
    op.create_table(
        "audit_anchor_head",
        column("anchor", BIG), column("chain", ID), column("seq", BIG), column("hash", CODE),
        sa.PrimaryKeyConstraint("anchor", "chain", name="pk_audit_anchor_head"))
    op.create_index("ix_audit_anchor_head_chain_seq", "audit_anchor_head", ["chain", "seq"])
    op.create_table(
        "audit_timestamp",
        sa.Column("anchor", BIG, nullable=False, autoincrement=False), column("at", INSTANT),
        column("authority", NAME), column("token", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("anchor", name="pk_audit_timestamp"))


def _kept_beside() -> None:
    op.create_table(
        "erasure",
        column("case_id", ID), column("seq", BIG), column("at", INSTANT), column("digest", CODE),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_erasure"))
    op.create_table(
        "legal_hold",
        column("case_id", ID), column("placed_at", INSTANT), column("placed_by", NAME), column("reason", sa.Text()),
        column("lifted_at", INSTANT, nullable=True), column("lifted_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "placed_at", name="pk_legal_hold"))
    op.create_table(
        "data_key",
        column("id", ID), column("algorithm", sa.String(16)), column("master", CODE), column("wrapped", sa.Text()),
        column("made_at", INSTANT), sa.PrimaryKeyConstraint("id", name="pk_data_key"))


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
