"""The caseworker's desk: saved filters, search by text, comments, links between cases."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing yet."""
