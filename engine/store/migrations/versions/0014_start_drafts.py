"""Start forms that people have begun are kept for them; filters of the inbox may be shared with a group."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import INSTANT, NAME, column

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "start_draft", column("user", NAME), column("process_id", NAME), column("form_values", sa.Text()),
        column("saved_at", INSTANT), sa.PrimaryKeyConstraint("user", "process_id", name="pk_start_draft"))
    op.create_index("ix_start_draft_saved_at", "start_draft", ["saved_at"])
    op.add_column("saved_filter", column("role", sa.String(64), nullable=True))
    op.create_index("ix_saved_filter_role", "saved_filter", ["role"])
