"""The life of deadlines, escalation rungs and notices."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled by the changes that follow; nothing yet."""
