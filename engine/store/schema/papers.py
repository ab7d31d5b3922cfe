"""Papers in the making, evidence, and service on people. Each version of a paper is a ``document`` of its case."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, text

from engine.store.schema.columns import ID, NAME, Instant, Json, SealedText, metadata

paper = Table(
    "paper", metadata,
    Column("case_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("title", SealedText("paper.title"), nullable=False),
    Column("series", String(64), nullable=False),
    Column("issuing_authority", NAME, nullable=False),
    Column("handled_by", NAME, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("closed_to", String(64)),
    Column("element", NAME),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", ID, nullable=False),
    Column("written_by", NAME, nullable=False),
    Column("approved_by", NAME),
    Column("reason", SealedText("paper.reason")),
    Column("changed_at", Instant, nullable=False),
)
evidence = Table(  # what is known of a document that is evidence; the token countersigns its hash
    "evidence", metadata,
    Column("case_id", ID, primary_key=True),
    Column("document", ID, primary_key=True),
    Column("source", String(32), nullable=False),
    Column("seen_by", NAME),
    Column("seen_at", Instant),
    Column("authority", NAME),
    Column("token", LargeBinary),
    Index("ix_evidence_unstamped", "case_id", "document", sqlite_where=text("token IS NULL"),
          postgresql_where=text("token IS NULL")),
)
service_address = Table(
    "service_address", metadata,
    Column("case_id", ID, primary_key=True),
    Column("recipient", SealedText("service_address.recipient", same=True), primary_key=True),
    Column("user", NAME),
    Column("electronic", Boolean, nullable=False),
    Column("postal", SealedText("service_address.postal"), nullable=False),
    Column("email", SealedText("service_address.email"), nullable=False),
    Column("phone", SealedText("service_address.phone"), nullable=False),
    Column("confirmed_on", Date, nullable=False),
    Column("confirmed_by", NAME, nullable=False),
)
delivery = Table(
    "delivery", metadata,
    Column("case_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("document", ID, nullable=False),
    Column("recipient", SealedText("delivery.recipient"), nullable=False),
    Column("user", NAME),
    Column("mode", String(16), nullable=False),
    Column("address", SealedText("delivery.address"), nullable=False),
    Column("tracking", String(64), nullable=False),
    Column("deadline", String(64), nullable=False),
    Column("dispatched_on", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("received_on", Date),
    Column("legal_on", Date),
    Column("steps", Json, nullable=False),
    Column("note", SealedText("delivery.note")),
    Column("proof", ID),
    Column("sent_by", NAME, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_delivery_state_dispatched_on", "state", "dispatched_on"),
)
