"""What designers publish. Immutable, keyed by process, version and content hash."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from engine.store.schema.columns import ID, NAME, Instant, Json, metadata

deployment = Table(
    "deployment", metadata,
    Column("id", ID, primary_key=True),
    Column("deployed_at", Instant, nullable=False),
    Column("deployed_by", NAME, nullable=False),
    Column("content_hash", String(64), nullable=False),
)
resource = Table(
    "resource", metadata,
    Column("deployment_id", ID, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("resource_key", NAME, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)
process_definition = Table(
    "process_definition", metadata,
    Column("key", NAME, primary_key=True),
    Column("process_id", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", NAME, nullable=False),
    Column("deployment_id", ID, nullable=False),
    Column("resource_name", NAME, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("startable", Boolean, nullable=False),
    Column("start_form", NAME),
    Column("bound", Json, nullable=False),
    Column("deployed_at", Instant, nullable=False),
    UniqueConstraint("process_id", "version"),
)
start_subscription = Table(
    "start_subscription", metadata,
    Column("process_id", NAME, primary_key=True),
    Column("element", NAME, primary_key=True),
    Column("definition_key", NAME, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", NAME, nullable=False),
    Column("due_at", Instant),
    Column("cycle", Text),
    Index("ix_start_subscription_kind_name", "kind", "name"),
)
