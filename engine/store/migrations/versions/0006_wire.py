"""What proves a message of a partner: its bytes, signature and receipt."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "inbound_evidence",
        _column("partner", sa.String(64)), _column("message_id", sa.String(128)), _column("raw", sa.LargeBinary()),
        *(_column(name, sa.Text()) for name in ("headers", "key", "receipt", "receipt_headers", "receipt_keys")),
        sa.PrimaryKeyConstraint("partner", "message_id", name="pk_inbound_evidence"))


def _column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
