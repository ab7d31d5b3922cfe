"""Documents in versions, what is known of evidence, and service on people."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("document", column("paper", ID, nullable=True))
    op.add_column("document", column("version", sa.Integer(), nullable=True))
    op.create_table(
        "paper", column("case_id", ID), column("id", ID), column("title", sa.Text()), column("series", CODE),
        column("issuing_authority", NAME), column("handled_by", NAME), column("internal", sa.Boolean()),
        column("closed_to", CODE, nullable=True), column("element", NAME, nullable=True),
        column("state", sa.String(16)), column("version", sa.Integer()), column("document", ID),
        column("written_by", NAME), column("approved_by", NAME, nullable=True),
        column("reason", sa.Text(), nullable=True), column("changed_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "id", name="pk_paper"))
    op.create_table(
        "evidence", column("case_id", ID), column("document", ID), column("source", sa.String(32)),
        column("seen_by", NAME, nullable=True), column("seen_at", INSTANT, nullable=True),
        column("authority", NAME, nullable=True), column("token", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "document", name="pk_evidence"))
    op.create_table(
        "service_address", column("case_id", ID), column("recipient", sa.Text()), column("user", NAME, nullable=True),
        column("electronic", sa.Boolean()), *(column(name, sa.Text()) for name in ("postal", "email", "phone")),
        column("confirmed_on", sa.Date()), column("confirmed_by", NAME),
        sa.PrimaryKeyConstraint("case_id", "recipient", name="pk_service_address"))
    op.create_table(
        "delivery", column("case_id", ID), column("id", ID), column("document", ID), column("recipient", sa.Text()),
        column("user", NAME, nullable=True), column("mode", sa.String(16)), column("address", sa.Text()),
        column("tracking", CODE), column("deadline", CODE), column("dispatched_on", sa.Date()),
        column("state", sa.String(16)), column("received_on", sa.Date(), nullable=True),
        column("legal_on", sa.Date(), nullable=True), column("steps", sa.Text()),
        column("note", sa.Text(), nullable=True), column("proof", ID, nullable=True), column("sent_by", NAME),
        column("changed_at", INSTANT), sa.PrimaryKeyConstraint("case_id", "id", name="pk_delivery"))
    op.create_index("ix_delivery_state_dispatched_on", "delivery", ["state", "dispatched_on"])
