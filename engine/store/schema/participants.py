"""Who takes part in a case with an account of their own."""

from sqlalchemy import Column, Index, String, Table

from engine.store.schema.columns import ID, NAME, Instant, SealedText, metadata

participant = Table(
    "participant", metadata,
    Column("case_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("capacity", String(32), nullable=False),  # domain.participants.SIDES
    Column("name", SealedText("participant.name"), nullable=False),
    Column("agent", SealedText("participant.agent"), nullable=False),
    Column("authority", String(16), nullable=False),  # general, special; empty: the party itself
    Column("proof", ID),  # the power of attorney, a document of the case
    Column("user", NAME),
    Column("state", String(16), nullable=False),  # invited, active, removed
    Column("code", String(64)),  # digest of the secret of an invitation that is not taken up
    Column("expires_at", Instant),
    Column("invited_by", NAME, nullable=False),
    Column("invited_at", Instant, nullable=False),
    Column("joined_at", Instant),
    Column("removed_by", NAME),
    Column("removed_at", Instant),
    Column("reason", SealedText("participant.reason"), nullable=False),
    Index("ix_participant_user_state", "user", "state"),
    Index("ix_participant_code", "code"),
)
