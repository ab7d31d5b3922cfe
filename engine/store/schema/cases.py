"""The case and its execution state."""

from sqlalchemy import BigInteger, Column, Date, Index, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, SealedBytes, metadata

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
    Column("title", NAME, nullable=False, default=""),
    Column("parties", Text, nullable=False, default=""),
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
