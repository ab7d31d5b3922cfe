"""The file of the case, and the commands already carried out."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, Json, Sealed, SealedText, metadata

history = Table(
    "history", metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("element", NAME),
    Column("instance", BigInteger),
    Column("process", NAME),
    Column("type", String(32)),
    Column("actor", NAME, nullable=False),
    Column("data", Sealed("history.data")),
    Column("salt", String(32)),
)
audit = Table(
    "audit", metadata,
    Column("chain", ID, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", NAME, nullable=False),
    Column("action", String(64), nullable=False),
    Column("entry", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_at", "at"),
)
audit_head = Table(
    "audit_head", metadata,
    Column("chain", ID, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
file = Table(
    "file", metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media", String(128), nullable=False),
    Column("staged_at", Instant, nullable=False),
    Column("staged_by", NAME, nullable=False),
)
staging = Table(  # who has handed a file in: only they may put it into a case before it is in one
    "staging", metadata,
    Column("sha256", String(64), primary_key=True),
    Column("actor", NAME, primary_key=True),
)
document = Table(
    "document", metadata,
    Column("case_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("category", String(16), nullable=False),
    Column("title", SealedText("document.title"), nullable=False),
    Column("name", SealedText("document.name"), nullable=False),
    Column("role", String(64), nullable=False, default=""),
    Column("number", String(64)),
    Column("sha256", String(64), nullable=False),
    Column("element", NAME),
    Column("issuing_authority", NAME),
    Column("handled_by", NAME),
    Column("added_by", NAME, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("internal", Boolean, nullable=False, default=False),
    Column("closed_to", String(64)),
    Column("paper", ID),
    Column("version", Integer),
    Column("addressees", String(128), nullable=False, default="", server_default=""),  # capacities, for who joins later
    Index("ix_document_sha256", "sha256"),
)
number_series = Table(
    "number_series", metadata,
    Column("series", String(64), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
command_log = Table(
    "command_log", metadata,
    Column("actor", NAME, primary_key=True),
    Column("idempotency_key", NAME, primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("outcome", Json),
    Column("at", Instant, nullable=False),
)
