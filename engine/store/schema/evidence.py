"""Evidence beside the record: anchors of the audit chains and their countersignatures, what was lawfully erased, what
is held for the law, and the keys of sealed columns (wrapped by a master key that is not in the database)."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, SealedText, metadata

audit_anchor = Table(
    "audit_anchor", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("algorithm", String(16), nullable=False),
    Column("root", String(64), nullable=False),
    Column("heads", Integer, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
audit_anchor_head = Table(  # the leaves of an anchor: chains that had grown since the anchor before it
    "audit_anchor_head", metadata,
    Column("anchor", BigInteger, primary_key=True),
    Column("chain", ID, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_anchor_head_chain_seq", "chain", "seq"),
)
audit_timestamp = Table(
    "audit_timestamp", metadata,
    Column("anchor", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("authority", NAME, nullable=False),
    Column("token", LargeBinary, nullable=False),
)
erasure = Table(  # logged first; only then may the content of the history row go
    "erasure", metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("digest", String(64), nullable=False),
)
legal_hold = Table(
    "legal_hold", metadata,
    Column("case_id", ID, primary_key=True),
    Column("placed_at", Instant, primary_key=True),
    Column("placed_by", NAME, nullable=False),
    Column("reason", SealedText("legal_hold.reason"), nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", NAME),
)
data_key = Table(
    "data_key", metadata,
    Column("id", ID, primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("master", String(64), nullable=False),
    Column("wrapped", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("stale_since", Instant),  # when it was decided to wrap it anew, until that is done
)
