"""Evidence that no timestamp authority has signed yet is found without reading all that has been."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    waiting = sa.text("token IS NULL")
    op.create_index("ix_evidence_unstamped", "evidence", ["case_id", "document"], sqlite_where=waiting,
                    postgresql_where=waiting)
