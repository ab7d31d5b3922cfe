"""What the wire needs to be governed: what each partner may see, what came on paper, who decides a conflict."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing yet."""
