"""Between cases: messages and signals are rows before they are anybody's business."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, String, Table, UniqueConstraint

from engine.store.schema.columns import ID, NAME, Instant, Sealed, metadata

message = Table(
    "message", metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("message_id", NAME),
    Column("variables", Sealed("message.variables"), nullable=False),
    Column("legal_on", Date, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("publisher", NAME, nullable=False),
    UniqueConstraint("name", "key", "message_id"),
    Index("ix_message_name_key_expires_at", "name", "key", "expires_at"),
)
correlation = Table(
    "correlation", metadata,
    Column("message_id", ID, primary_key=True),
    Column("process", NAME, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("case_id", ID, nullable=False),
    Column("wait", BigInteger, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("matched_at", Instant, nullable=False),
    Index("ix_correlation_pending", "pending"),
    Index("ix_correlation_case_id", "case_id"),
)
