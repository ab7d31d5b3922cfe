"""The wire: partners, their keys, what goes out, what came in, and what people enter for those who cannot send."""

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
    Column("may_see", Json),  # None: whatever the procedures send to its kind
    Column("contact", Json),  # name, phone, email
)
partner_key = Table(
    "partner_key", metadata,
    Column("partner", String(64), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("use", String(8), nullable=False),
    Column("secret", SealedText("partner_key.secret"), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("expires_at", Instant),  # of an old key, once a new one has come
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
    Column("answer", SealedText("outbox.answer")),
    Column("receipt", Json),
    Column("accepted_at", Instant),  # the partner's business receipt, or an answer that leaves the matter open
    Column("decided_at", Instant),  # nothing more is expected
    Column("business", String(16)),  # what the business receipt or the answer says: accepted, rejected, decided, …
    Column("reason", Text),
    Column("answered_by", String(128)),  # the message that decided it
    Column("channel", String(16), nullable=False, default="webhook"),  # manual: handed over by a person
    Column("replays", Integer, nullable=False, default=0),
    Index("ix_outbox_state_next_at", "state", "next_at"),
    Index("ix_outbox_case_id_partner", "case_id", "partner", "position"),
    Index("ix_outbox_partner_decided_at", "partner", "decided_at"),
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
    Column("late", Boolean, nullable=False, default=False),  # an older event than one already applied
    Column("applied_at", Instant),  # when a case took it
    Column("reason", String(32)),  # why a person has to look at it
    Column("expected", Json),  # what the case was at, and what it waited for, when the message came
    Column("decision", String(16)),  # noted, rejected, matched
    Column("decided_by", NAME),
    Column("decided_at", Instant),
    Column("note", SealedText("inbound.note")),
    Index("ix_inbound_status", "status", "received_at"),
)
inbound_file = Table(  # an attachment by reference, or a file that a person has handed in with a message on paper
    "inbound_file", metadata,
    Column("partner", String(64), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", NAME, nullable=False),
    Column("media", NAME, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source", Sealed("inbound_file.source"), nullable=False),  # the envelope's entry: where it is to be had
    Column("state", String(16), nullable=False),  # pending, fetched, refused
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("detail", Text),
    Column("fetched_at", Instant),
    Index("ix_inbound_file_state_next_at", "state", "next_at"),
    Index("ix_inbound_file_sha256", "sha256"),
)
manual_message = Table(  # what came on paper, entered by one person and checked by another
    "manual_message", metadata,
    Column("id", ID, primary_key=True),
    Column("partner", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("correlation", Sealed("manual_message.correlation"), nullable=False),
    Column("payload", Sealed("manual_message.payload"), nullable=False),
    Column("received_on", Date, nullable=False),  # the day it reached the house
    Column("note", SealedText("manual_message.note"), nullable=False),
    Column("state", String(16), nullable=False),  # entered, released, rejected, withdrawn
    Column("entered_by", NAME, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("decided_by", NAME),
    Column("decided_at", Instant),
    Column("reason", Text),
    Index("ix_manual_message_state", "state", "entered_at"),
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
