"""The wire: partners, their keys, what goes out and what came in."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, Json, Sealed, SealedBytes, SealedText, metadata

partner = Table(
    "partner", metadata,
    Column("code", String(64), primary_key=True),
    Column("kind", String(32), nullable=False, index=True),
    Column("name", NAME, nullable=False),
    Column("endpoint", Text),
    Column("allowed_cidrs", Json, nullable=False),
    Column("plain_http", Boolean, nullable=False),
    Column("may_send", Json, nullable=False),
    Column("circuit", Json),
    Column("enabled", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
)
partner_key = Table(
    "partner_key", metadata,
    Column("partner", String(64), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("use", String(8), nullable=False),
    Column("secret", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
outbox = Table(
    "outbox", metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, nullable=False),
    Column("partner", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("body", SealedText("outbox.body"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("answer", Text),
    Column("receipt", Json),
    Index("ix_outbox_state_next_at", "state", "next_at"),
    Index("ix_outbox_case_id_partner", "case_id", "partner", "position"),
)
inbound = Table(
    "inbound", metadata,
    Column("partner", String(64), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("key", NAME, nullable=False),
    Column("status", String(16), nullable=False),
    Column("case_id", ID, index=True),
    Column("event_seq", BigInteger),
    Column("channel", String(16), nullable=False),
    Column("envelope", Sealed("inbound.envelope"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("legal_on", Date, nullable=False),
)
inbound_evidence = Table(
    "inbound_evidence", metadata,
    Column("partner", String(64), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("raw", SealedBytes("inbound_evidence.raw"), nullable=False),
    Column("headers", Sealed("inbound_evidence.headers"), nullable=False),
    Column("key", Json, nullable=False),
    Column("receipt", SealedText("inbound_evidence.receipt"), nullable=False),
    Column("receipt_headers", Sealed("inbound_evidence.receipt_headers"), nullable=False),
    Column("receipt_keys", Json, nullable=False),
)
"""What proves a message: its bytes and signature as they came, the key they fit, and our receipt as it was signed."""
