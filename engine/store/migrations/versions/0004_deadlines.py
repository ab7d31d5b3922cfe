"""The life of deadlines, escalation rungs and notices."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)
ID, CODE, NAME = sa.String(36), sa.String(64), sa.String(255)


def upgrade() -> None:
    for change in (_life, _tables, _ladders, _notices):
        change()


def _column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _life() -> None:
    """Deadlines armed before this have no terms; they keep the rule that the table names."""
    for name, kind, default in (("instance", sa.BigInteger(), "0"), ("process", NAME, ""),
                                ("internal", sa.Boolean(), sa.false()), ("terms", sa.Text(), "{}")):
        op.add_column("deadline", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("deadline", _column("paused_on", sa.Date(), nullable=True))
    for name in ("instance", "process"):
        op.execute(f"UPDATE deadline SET {name} = COALESCE((SELECT timer.{name} FROM timer WHERE timer.case_id = "
                   f"deadline.case_id AND timer.wait = deadline.wait), {name})")


def _tables() -> None:
    op.create_table(
        "rule_version",
        _column("digest", CODE), _column("key", CODE), _column("content", sa.Text()), _column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("digest", name="pk_rule_version"))
    op.create_table(
        "rule_change",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False), _column("key", CODE),
        _column("versions", sa.Text()), _column("reason", sa.Text()), _column("by", NAME),
        _column("at", INSTANT), sa.PrimaryKeyConstraint("seq", name="pk_rule_change"))
    op.create_table(
        "calendar_year",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False), _column("year", sa.Integer()),
        _column("content", sa.Text()), _column("source", NAME), _column("digest", CODE), _column("by", NAME),
        _column("at", INSTANT), sa.PrimaryKeyConstraint("seq", name="pk_calendar_year"))
    op.create_table(
        "bulk_move",
        _column("id", ID), _column("kind", sa.String(16)), _column("state", sa.String(16)), _column("terms", sa.Text()),
        _column("after", sa.Text()), _column("moved", sa.Integer()), _column("by", NAME),
        _column("at", INSTANT), _column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_move"))
    op.create_index("ix_bulk_move_state", "bulk_move", ["state"])


def _ladders() -> None:
    op.create_table(
        "escalation_rung",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("rung", sa.Integer()),
        _column("due_on", sa.Date()), _column("at", INSTANT), _column("to", NAME), _column("state", sa.String(16)),
        _column("fired_at", INSTANT, nullable=True), _column("told", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", "rung", "due_on", name="pk_escalation_rung"))
    op.create_index("ix_escalation_rung_state_at", "escalation_rung", ["state", "at"])
    op.create_table(
        "suspension",
        _column("case_id", ID), _column("seq", sa.BigInteger()), _column("from_on", sa.Date()),
        _column("until_on", sa.Date(), nullable=True), _column("ended_on", sa.Date(), nullable=True),
        _column("basis", sa.Text()), _column("evidence", sa.Text()), _column("reason", sa.Text()), _column("by", NAME),
        _column("told_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("case_id", "seq", name="pk_suspension"))
    op.create_index("ix_suspension_ended_on_until_on", "suspension", ["ended_on", "until_on"])


def _notices() -> None:
    op.create_table(
        "notice",
        _column("id", ID), _column("to", NAME), _column("code", CODE), _column("params", sa.Text()),
        _column("case_id", ID, nullable=True), _column("about", CODE, nullable=True), _column("created_at", INSTANT),
        _column("read_at", INSTANT, nullable=True), _column("mail", sa.String(16)),
        _column("mail_attempts", sa.Integer()), _column("mail_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notice"))
    op.create_index("ix_notice_to_read_at", "notice", ["to", "read_at"])
    op.create_index("ix_notice_mail_mail_at", "notice", ["mail", "mail_at"])
    op.create_table(
        "contact",
        _column("user", NAME), _column("email", NAME, nullable=True), _column("feed", CODE, nullable=True),
        sa.PrimaryKeyConstraint("user", name="pk_contact"))
    op.create_index("ix_contact_feed", "contact", ["feed"])
