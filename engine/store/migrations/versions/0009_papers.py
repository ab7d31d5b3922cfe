"""Documents in versions, their numbers and seals, evidence and service on people."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing yet."""
