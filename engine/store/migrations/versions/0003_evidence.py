"""Anchors of the audit chain, and what is kept beside the record."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Filled by the changes that follow; nothing yet."""
