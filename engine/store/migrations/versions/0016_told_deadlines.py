"""Deadlines that parties are told of though their timer goes on by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("deadline", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE deadline SET told = NOT internal")
