"""Rooms, hearings and who is called to them."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table("hearing_room", column("id", CODE), column("name", NAME), column("seats", sa.Integer()),
                    column("remote", sa.Boolean()), column("enabled", sa.Boolean()),
                    sa.PrimaryKeyConstraint("id", name="pk_hearing_room"))
    op.create_table(
        "hearing", column("case_id", ID), column("id", ID), column("mode", sa.String(16)),
        column("room", CODE, nullable=True), column("starts_at", INSTANT), column("ends_at", INSTANT),
        column("public", sa.Boolean()), column("state", sa.String(16)), column("notice_by", sa.Date(), nullable=True),
        column("called_on", sa.Date()), column("noticed_on", sa.Date(), nullable=True),
        column("waiver", sa.Text()), column("link", sa.String(16)),
        column("link_note", sa.Text()), column("note", sa.Text()), column("planned_by", NAME),
        column("changed_at", INSTANT), sa.PrimaryKeyConstraint("case_id", "id", name="pk_hearing"))
    op.create_index("ix_hearing_starts_at", "hearing", ["starts_at"])
    op.create_table(
        "hearing_attendee", column("case_id", ID), column("hearing", ID), column("number", sa.Integer()),
        column("name", sa.Text()), column("part", sa.String(16)), column("user", NAME, nullable=True),
        column("present", sa.Boolean(), nullable=True), column("identified", sa.Boolean()),
        sa.PrimaryKeyConstraint("case_id", "hearing", "number", name="pk_hearing_attendee"))
    op.create_index("ix_hearing_attendee_user", "hearing_attendee", ["user"])
