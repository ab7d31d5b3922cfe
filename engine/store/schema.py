"""All tables, in one narrated file.

A case is one row that carries its execution state as bytes; everything people or pollers look for is a row beside it,
and every hot table has ``case_id`` first in its key, so that the schema shards by case. Instants (``_at``) are aware
UTC, legal days (``_on``) are dates. Rows of waits that are over are deleted (history keeps the fact); user tasks stay,
because people ask for what they have done.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode_json(value: Any) -> str:
    """JSON text with exact decimals and sorted keys."""
    return _encoder.encode(value).decode()


def decode_json(text: str | bytes) -> Any:
    """The value of a JSON text; numbers with a fraction come back as ``Decimal``."""
    return _decoder.decode(text)


class Instant(TypeDecorator[datetime]):
    """An aware instant; SQLite forgets zones, so they are put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware instant, but found {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON as text, the same on both databases, with exact decimals."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else encode_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else decode_json(value)


metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})

_id = String(36)
_name = String(255)

# --- What designers publish. Immutable, keyed by process, version and content hash. ----------------------------------
deployment = Table(
    "deployment", metadata,
    Column("id", _id, primary_key=True),
    Column("deployed_at", Instant, nullable=False),
    Column("deployed_by", _name, nullable=False),
    Column("content_hash", String(64), nullable=False),
)
resource = Table(
    "resource", metadata,
    Column("deployment_id", _id, primary_key=True),
    Column("name", _name, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("resource_key", _name, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)
process_definition = Table(
    "process_definition", metadata,
    Column("key", _name, primary_key=True),
    Column("process_id", _name, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", _name, nullable=False),
    Column("deployment_id", _id, nullable=False),
    Column("resource_name", _name, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("startable", Boolean, nullable=False),
    Column("start_form", _name),
    Column("bound", Json, nullable=False),
    Column("deployed_at", Instant, nullable=False),
    UniqueConstraint("process_id", "version"),
)
start_subscription = Table(
    "start_subscription", metadata,
    Column("process_id", _name, primary_key=True),
    Column("element", _name, primary_key=True),
    Column("definition_key", _name, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", _name, nullable=False),
    Column("due_at", Instant),
    Column("cycle", Text),
    Index("ix_start_subscription_kind_name", "kind", "name"),
)

# --- The case and its execution state. -------------------------------------------------------------------------------
case = Table(
    "case_instance", metadata,
    Column("id", _id, primary_key=True),
    Column("case_no", String(64), unique=True),
    Column("definition_key", _name, nullable=False),
    Column("process_id", _name, nullable=False),
    Column("state", String(16), nullable=False),
    Column("execution", LargeBinary, nullable=False),
    Column("history_seq", BigInteger, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    Column("audit_head", String(64), nullable=False),
    Column("title", _name, nullable=False, default=""),
    Column("parties", Text, nullable=False, default=""),
    Column("stage", String(64), nullable=False, default=""),
    Column("level", String(4), nullable=False, default="L3"),
    Column("kind", String(32), nullable=False, default=""),
    Column("applicant", _name),
    Column("owner", _name),
    Column("ended_element", _name),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_case_instance_process_id_state", "process_id", "state"),
    Index("ix_case_instance_applicant", "applicant"),
)
case_key = Table(
    "case_key", metadata,
    Column("case_id", _id, primary_key=True),
    Column("name", String(300), primary_key=True),
    Column("value", _name, primary_key=True),
    Index("ix_case_key_name_value", "name", "value"),
)

# --- Everything that rests is a row. ---------------------------------------------------------------------------------
user_task = Table(
    "user_task", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("instance", BigInteger, nullable=False),
    Column("element", _name, nullable=False),
    Column("process", _name, nullable=False),
    Column("name", _name, nullable=False),
    Column("assignee", _name),
    Column("form_id", _name),
    Column("priority", Integer, nullable=False),
    Column("due_at", Instant),
    Column("follow_up_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", _name),
    Index("ix_user_task_state_assignee_due_at", "state", "assignee", "due_at"),
)
candidate = Table(
    "candidate", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("name", _name, primary_key=True),
    Index("ix_candidate_kind_name", "kind", "name"),
)
draft = Table(
    "draft", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("actor", _name, primary_key=True),
    Column("form_values", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
job = Table(
    "job", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("instance", BigInteger, nullable=False),
    Column("element", _name, nullable=False),
    Column("process", _name, nullable=False),
    Column("type", _name, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("worker", _name),
    Column("available_at", Instant, nullable=False),
    Column("failure", Text),
    Index("ix_job_type_available_at", "type", "available_at"),
)
timer = Table(
    "timer", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("instance", BigInteger, nullable=False),
    Column("element", _name, nullable=False),
    Column("process", _name, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("held", Boolean, nullable=False, default=False),
    Index("ix_timer_due_at", "due_at"),
)
subscription = Table(
    "subscription", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("key", _name, nullable=False),
    Column("instance", BigInteger, nullable=False),
    Column("element", _name, nullable=False),
    Column("process", _name, nullable=False),
    Column("message_id", _id),
    Column("opened_at", Instant, nullable=False),
    Index("ix_subscription_kind_name_key", "kind", "name", "key"),
)
deadline = Table(
    "deadline", metadata,
    Column("case_id", _id, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("element", _name, nullable=False),
    Column("event_on", Date, nullable=False),
    Column("start_on", Date, nullable=False),
    Column("nominal_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("rule_version", String(64), nullable=False),
    Column("calendar_version", String(64), nullable=False),
    Column("computation", Json, nullable=False),
    Column("armed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_deadline_state_due_on", "state", "due_on"),
)
incident = Table(
    "incident", metadata,
    Column("case_id", _id, primary_key=True),
    Column("incident", BigInteger, primary_key=True),
    Column("instance", BigInteger, nullable=False),
    Column("element", _name, nullable=False),
    Column("process", _name, nullable=False),
    Column("code", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", _name),
)

# --- Between cases: messages and signals are rows before they are anybody's business. --------------------------------
message = Table(
    "message", metadata,
    Column("id", _id, primary_key=True),
    Column("name", _name, nullable=False),
    Column("key", _name, nullable=False),
    Column("message_id", _name),
    Column("variables", Json, nullable=False),
    Column("legal_on", Date, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("publisher", _name, nullable=False),
    UniqueConstraint("name", "key", "message_id"),
    Index("ix_message_name_key_expires_at", "name", "key", "expires_at"),
)
correlation = Table(
    "correlation", metadata,
    Column("message_id", _id, primary_key=True),
    Column("process", _name, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("case_id", _id, nullable=False),
    Column("wait", BigInteger, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("matched_at", Instant, nullable=False),
    Index("ix_correlation_pending", "pending"),
    Index("ix_correlation_case_id", "case_id"),
)

# --- The file of the case. -------------------------------------------------------------------------------------------
history = Table(
    "history", metadata,
    Column("case_id", _id, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("element", _name),
    Column("instance", BigInteger),
    Column("process", _name),
    Column("type", String(32)),
    Column("actor", _name, nullable=False),
    Column("data", Json),
)
audit = Table(
    "audit", metadata,
    Column("chain", _id, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", _name, nullable=False),
    Column("action", String(64), nullable=False),
    Column("entry", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
audit_head = Table(
    "audit_head", metadata,
    Column("chain", _id, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
file = Table(
    "file", metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media", String(128), nullable=False),
    Column("staged_at", Instant, nullable=False),
    Column("staged_by", _name, nullable=False),
)
staging = Table(  # who has handed a file in: only they may put it into a case before it is in one
    "staging", metadata,
    Column("sha256", String(64), primary_key=True),
    Column("actor", _name, primary_key=True),
)
document = Table(
    "document", metadata,
    Column("case_id", _id, primary_key=True),
    Column("id", _id, primary_key=True),
    Column("category", String(16), nullable=False),
    Column("title", _name, nullable=False),
    Column("name", _name, nullable=False),
    Column("role", String(64), nullable=False, default=""),
    Column("number", String(64)),
    Column("sha256", String(64), nullable=False),
    Column("element", _name),
    Column("issuing_authority", _name),
    Column("handled_by", _name),
    Column("added_by", _name, nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("ix_document_sha256", "sha256"),
)
number_series = Table(
    "number_series", metadata,
    Column("series", String(64), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# --- Commands already carried out. -----------------------------------------------------------------------------------
command_log = Table(
    "command_log", metadata,
    Column("actor", _name, primary_key=True),
    Column("idempotency_key", _name, primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("outcome", Json),
    Column("at", Instant, nullable=False),
)

# --- The wire. -------------------------------------------------------------------------------------------------------
partner = Table(
    "partner", metadata,
    Column("code", String(64), primary_key=True),
    Column("kind", String(32), nullable=False, index=True),
    Column("name", _name, nullable=False),
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
    Column("id", _id, primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("use", String(8), nullable=False),
    Column("secret", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
outbox = Table(
    "outbox", metadata,
    Column("id", _id, primary_key=True),
    Column("case_id", _id, nullable=False),
    Column("partner", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("body", Text, nullable=False),
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
    Column("key", _name, nullable=False),
    Column("status", String(16), nullable=False),
    Column("case_id", _id, index=True),
    Column("event_seq", BigInteger),
    Column("channel", String(16), nullable=False),
    Column("envelope", Json, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("legal_on", Date, nullable=False),
)

# --- People. ---------------------------------------------------------------------------------------------------------
user = Table(
    "user_account", metadata,
    Column("id", _name, primary_key=True),
    Column("name", _name, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("failed_sign_ins", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
)
api_token = Table(
    "api_token", metadata,
    Column("id", _id, primary_key=True),
    Column("user", _name, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)
