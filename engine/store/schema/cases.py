"""The case and its execution state."""

from sqlalchemy import BigInteger, Column, Date, Index, String, Table

from engine.store.schema.columns import ID, NAME, Blind, Instant, SealedBytes, SecretText, metadata

case = Table(
    "case_instance", metadata,
    Column("id", ID, primary_key=True),
    Column("case_no", String(64), unique=True),
    Column("definition_key", NAME, nullable=False),
    Column("process_id", NAME, nullable=False),
    Column("state", String(16), nullable=False),
    Column("execution", SealedBytes("case.execution"), nullable=False),
    Column("history_seq", BigInteger, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    Column("audit_head", String(64), nullable=False),
    Column("title", SecretText("case.title"), nullable=False, default=""),
    Column("parties", SecretText("case.parties"), nullable=False, default=""),
    Column("stage", String(64), nullable=False, default=""),
    Column("level", String(4), nullable=False, default="L3"),
    Column("kind", String(32), nullable=False, default=""),
    Column("applicant", NAME),
    Column("owner", NAME),
    Column("ended_element", NAME),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("publication_on", Date),
    Column("purged_at", Instant),
    Column("unit", ID),
    Column("procedure", String(32), nullable=False, default=""),
    Index("ix_case_instance_process_id_state", "process_id", "state"),
    Index("ix_case_instance_applicant", "applicant"),
)
case_key = Table(
    "case_key", metadata,
    Column("case_id", ID, primary_key=True),
    Column("name", String(300), primary_key=True),
    Column("value", NAME, primary_key=True),
    Index("ix_case_key_name_value", "name", "value"),
)
case_word = Table(  # what cases are found by: pairs of letters of title and parties, as keyed digests
    "case_word", metadata,
    Column("case_id", ID, primary_key=True),
    Column("word", Blind("case_word.word"), primary_key=True, autoincrement=False),
    Index("ix_case_word_word", "word", "case_id"),
)
