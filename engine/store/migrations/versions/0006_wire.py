"""What proves a message of a partner: its bytes, signature and receipt."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import column

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "inbound_evidence",
        column("partner", sa.String(64)), column("message_id", sa.String(128)), column("raw", sa.LargeBinary()),
        *(column(name, sa.Text()) for name in ("headers", "key", "receipt", "receipt_headers", "receipt_keys")),
        sa.PrimaryKeyConstraint("partner", "message_id", name="pk_inbound_evidence"))
