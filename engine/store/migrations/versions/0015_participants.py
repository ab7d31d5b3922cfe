"""Parties and their agents with accounts of their own; whom a paper is addressed to."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "participant", column("case_id", ID), column("id", ID), column("capacity", sa.String(32)),
        column("name", sa.Text()), column("agent", sa.Text()), column("authority", sa.String(16)),
        column("proof", ID, nullable=True), column("user", NAME, nullable=True), column("state", sa.String(16)),
        column("code", CODE, nullable=True), column("expires_at", INSTANT, nullable=True), column("invited_by", NAME),
        column("invited_at", INSTANT), column("joined_at", INSTANT, nullable=True),
        column("removed_by", NAME, nullable=True), column("removed_at", INSTANT, nullable=True),
        column("reason", sa.Text()), sa.PrimaryKeyConstraint("case_id", "id", name="pk_participant"))
    op.create_index("ix_participant_user_state", "participant", ["user", "state"])
    op.create_index("ix_participant_code", "participant", ["code"])
    op.add_column("document", sa.Column("addressees", sa.String(128), nullable=False, server_default=""))
