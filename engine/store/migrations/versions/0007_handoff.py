"""What the wire needs to be governed: what each partner may see, what came on paper, who decides a conflict."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0007"
down_revision = "0006"

MESSAGE_ID, STATE = sa.String(128), sa.String(16)


def upgrade() -> None:
    for change in (_partners, _outbox, _inbound, _files, _manual):
        change()


def _partners() -> None:
    for name in ("may_see", "contact"):
        op.add_column("partner", column(name, sa.Text(), nullable=True))
    op.add_column("partner_key", column("expires_at", INSTANT, nullable=True))


def _outbox() -> None:
    """What was delivered before this and is older than nobody remembers is not asked after again."""
    for name, kind in (("accepted_at", INSTANT), ("decided_at", INSTANT), ("business", STATE), ("reason", sa.Text()),
                       ("answered_by", MESSAGE_ID)):
        op.add_column("outbox", column(name, kind, nullable=True))
    op.add_column("outbox", sa.Column("channel", STATE, nullable=False, server_default="webhook"))
    op.add_column("outbox", sa.Column("replays", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_outbox_partner_decided_at", "outbox", ["partner", "decided_at"])
    op.execute("UPDATE outbox SET decided_at = delivered_at WHERE state = 'delivered'")


def _inbound() -> None:
    op.add_column("inbound", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, kind in (("applied_at", INSTANT), ("reason", sa.String(32)), ("expected", sa.Text()),
                       ("decision", STATE), ("decided_by", NAME), ("decided_at", INSTANT), ("note", sa.Text())):
        op.add_column("inbound", column(name, kind, nullable=True))
    op.create_index("ix_inbound_status", "inbound", ["status", "received_at"])
    op.execute("UPDATE inbound SET applied_at = received_at WHERE status = 'accepted'")


def _files() -> None:
    op.create_table(
        "inbound_file", column("partner", CODE), column("message_id", MESSAGE_ID),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False), column("name", NAME),
        column("media", NAME), column("size", sa.BigInteger()), column("sha256", CODE), column("source", sa.Text()),
        column("state", STATE), column("attempts", sa.Integer()), column("next_at", INSTANT),
        column("detail", sa.Text(), nullable=True), column("fetched_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("partner", "message_id", "position", name="pk_inbound_file"))
    op.create_index("ix_inbound_file_state_next_at", "inbound_file", ["state", "next_at"])
    op.create_index("ix_inbound_file_sha256", "inbound_file", ["sha256"])


def _manual() -> None:
    op.create_table(
        "manual_message", column("id", ID), column("partner", CODE), column("type", CODE),
        column("correlation", sa.Text()), column("payload", sa.Text()), column("received_on", sa.Date()),
        column("note", sa.Text()), column("state", STATE), column("entered_by", NAME), column("entered_at", INSTANT),
        column("decided_by", NAME, nullable=True), column("decided_at", INSTANT, nullable=True),
        column("reason", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("id", name="pk_manual_message"))
    op.create_index("ix_manual_message_state", "manual_message", ["state", "entered_at"])
