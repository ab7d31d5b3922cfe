"""The life of deadlines, escalation rungs and notices."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for change in (_life, _tables, _ladders, _notices):
        change()


def _life() -> None:
    """Deadlines armed before this have no terms; they keep the rule that the table names."""
    for name, kind, default in (("instance", sa.BigInteger(), "0"), ("process", NAME, ""),
                                ("internal", sa.Boolean(), sa.false()), ("terms", sa.Text(), "{}")):
        op.add_column("deadline", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("deadline", column("paused_on", sa.Date(), nullable=True))
    for name in ("instance", "process"):
        op.execute(f"UPDATE deadline SET {name} = COALESCE((SELECT timer.{name} FROM timer WHERE timer.case_id = "
                   f"deadline.case_id AND timer.wait = deadline.wait), {name})")


def _tables() -> None:
    op.create_table(
        "rule_version",
        column("digest", CODE), column("key", CODE), column("content", sa.Text()), column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("digest", name="pk_rule_version"))
    op.create_table(
        "rule_change",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False), column("key", CODE),
        column("versions", sa.Text()), column("reason", sa.Text()), column("by", NAME),
        column("at", INSTANT), sa.PrimaryKeyConstraint("seq", name="pk_rule_change"))
    op.create_table(
        "calendar_year",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False), column("year", sa.Integer()),
        column("content", sa.Text()), column("source", NAME), column("digest", CODE), column("by", NAME),
        column("at", INSTANT), sa.PrimaryKeyConstraint("seq", name="pk_calendar_year"))
    op.create_table(
        "bulk_move",
        column("id", ID), column("kind", sa.String(16)), column("state", sa.String(16)), column("terms", sa.Text()),
        column("after", sa.Text()), column("moved", sa.Integer()), column("by", NAME),
        column("at", INSTANT), column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_move"))
    op.create_index("ix_bulk_move_state", "bulk_move", ["state"])


def _ladders() -> None:
    op.create_table(
        "escalation_rung",
        column("case_id", ID), column("wait", sa.BigInteger()), column("rung", sa.Integer()),
        column("due_on", sa.Date()), column("at", INSTANT), column("to", NAME), column("state", sa.String(16)),
        column("fired_at", INSTANT, nullable=True), column("told", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", "rung", "due_on", name="pk_escalation_rung"))
    op.create_index("ix_escalation_rung_state_at", "escalation_rung", ["state", "at"])
    op.create_table(
        "suspension",
        column("case_id", ID), column("seq", sa.BigInteger()), column("from_on", sa.Date()),
        column("until_on", sa.Date(), nullable=True), column("ended_on", sa.Date(), nullable=True),
        column("basis", sa.Text()), column("evidence", sa.Text()), column("reason", sa.Text()), column("by", NAME),
        column("told_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("case_id", "seq", name="pk_suspension"))
    op.create_index("ix_suspension_ended_on_until_on", "suspension", ["ended_on", "until_on"])


def _notices() -> None:
    op.create_table(
        "notice",
        column("id", ID), column("to", NAME), column("code", CODE), column("params", sa.Text()),
        column("case_id", ID, nullable=True), column("about", CODE, nullable=True), column("created_at", INSTANT),
        column("read_at", INSTANT, nullable=True), column("mail", sa.String(16)),
        column("mail_attempts", sa.Integer()), column("mail_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notice"))
    op.create_index("ix_notice_to_read_at", "notice", ["to", "read_at"])
    op.create_index("ix_notice_mail_mail_at", "notice", ["mail", "mail_at"])
    op.create_table(
        "contact",
        column("user", NAME), column("email", NAME, nullable=True), column("feed", CODE, nullable=True),
        sa.PrimaryKeyConstraint("user", name="pk_contact"))
    op.create_index("ix_contact_feed", "contact", ["feed"])
