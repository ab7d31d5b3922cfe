"""Requests for a second person name the cases they are about; data keys remember that they are to be wrapped anew."""

from alembic import op

from engine.store.migrations.building import ID, INSTANT, column

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for name in ("case_id", "other_case_id"):
        op.add_column("approval_request", column(name, ID, nullable=True))
    op.add_column("data_key", column("stale_since", INSTANT, nullable=True))
