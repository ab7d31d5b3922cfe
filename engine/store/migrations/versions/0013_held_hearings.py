"""How many sit at a hearing, how often it was moved, when it really began and ended; who tried the own equipment."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import INSTANT, column

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("hearing", column("panel", sa.Integer(), nullable=True))
    op.add_column("hearing", sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
    for name in ("began_at", "ended_at"):
        op.add_column("hearing", column(name, INSTANT, nullable=True))
    op.add_column("hearing_attendee", sa.Column("link", sa.String(16), nullable=False, server_default="none"))
