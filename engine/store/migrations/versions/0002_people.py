"""Accounts, roles, organisation, absences, recusal and requests of two persons."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Filled by the changes that follow; nothing yet."""
