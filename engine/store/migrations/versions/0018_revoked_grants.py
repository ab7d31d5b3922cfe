"""What was opened to one person for a time may be closed before it is over."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import INSTANT, NAME, column

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for name, kind in (("revoked_at", INSTANT), ("revoked_by", NAME), ("revoke_reason", sa.Text())):
        op.add_column("access_grant", column(name, kind, nullable=True))
