"""The first schema, and the guards of what may only be appended to."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
ID, CODE, NAME = sa.String(36), sa.String(64), sa.String(255)
APPEND_ONLY = ("history", "audit")


def upgrade() -> None:
    for create in (_definitions, _cases, _work, _waits, _files, _wire, _accounts):
        create()
    for table in APPEND_ONLY:
        (_guard_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_sqlite)(table)


def _column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _guard_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                   f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _guard_postgresql(table: str) -> None:
    op.execute(f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
               f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$")
    op.execute(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
               f"FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
               f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()")


def _definitions() -> None:
    op.create_table(
        "deployment",
        _column("id", ID), _column("deployed_at", INSTANT), _column("deployed_by", NAME),
        _column("content_hash", CODE), sa.PrimaryKeyConstraint("id", name="pk_deployment"))
    op.create_table(
        "resource",
        _column("deployment_id", ID), _column("name", NAME), _column("kind", sa.String(16)),
        _column("resource_key", NAME), _column("content", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("deployment_id", "name", name="pk_resource"))
    op.create_index("ix_resource_resource_key", "resource", ["resource_key"])
    op.create_table(
        "process_definition",
        _column("key", NAME), _column("process_id", NAME), _column("version", sa.Integer()), _column("name", NAME),
        _column("deployment_id", ID), _column("resource_name", NAME), _column("content_hash", CODE),
        _column("startable", sa.Boolean()), _column("start_form", NAME, nullable=True), _column("bound", sa.Text()),
        _column("deployed_at", INSTANT), sa.PrimaryKeyConstraint("key", name="pk_process_definition"),
        sa.UniqueConstraint("process_id", "version", name="uq_process_definition_process_id_version"))
    op.create_table(
        "start_subscription",
        _column("process_id", NAME), _column("element", NAME), _column("definition_key", NAME),
        _column("kind", sa.String(16)), _column("name", NAME), _column("due_at", INSTANT, nullable=True),
        _column("cycle", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("process_id", "element", name="pk_start_subscription"))
    op.create_index("ix_start_subscription_kind_name", "start_subscription", ["kind", "name"])


def _cases() -> None:
    op.create_table(
        "case_instance",
        _column("id", ID), _column("case_no", CODE, nullable=True), _column("definition_key", NAME),
        _column("process_id", NAME), _column("state", sa.String(16)), _column("execution", sa.LargeBinary()),
        _column("history_seq", sa.BigInteger()), _column("audit_seq", sa.BigInteger()), _column("audit_head", CODE),
        _column("title", NAME), _column("parties", sa.Text()), _column("stage", CODE),
        _column("level", sa.String(4)), _column("kind", sa.String(32)), _column("applicant", NAME, nullable=True),
        _column("owner", NAME, nullable=True), _column("ended_element", NAME, nullable=True),
        _column("started_at", INSTANT), _column("updated_at", INSTANT), _column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_case_instance"),
        sa.UniqueConstraint("case_no", name="uq_case_instance_case_no"))
    op.create_index("ix_case_instance_applicant", "case_instance", ["applicant"])
    op.create_index("ix_case_instance_process_id_state", "case_instance", ["process_id", "state"])
    op.create_table(
        "case_key",
        _column("case_id", ID), _column("name", sa.String(300)), _column("value", NAME),
        sa.PrimaryKeyConstraint("case_id", "name", "value", name="pk_case_key"))
    op.create_index("ix_case_key_name_value", "case_key", ["name", "value"])
    op.create_table(
        "number_series",
        _column("series", CODE), _column("year", sa.Integer()), _column("last", sa.BigInteger()),
        sa.PrimaryKeyConstraint("series", "year", name="pk_number_series"))
    op.create_table(
        "command_log",
        _column("actor", NAME), _column("idempotency_key", NAME), _column("request_hash", CODE),
        _column("outcome", sa.Text(), nullable=True), _column("at", INSTANT),
        sa.PrimaryKeyConstraint("actor", "idempotency_key", name="pk_command_log"))


def _work() -> None:
    op.create_table(
        "user_task",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("state", sa.String(16)),
        _column("instance", sa.BigInteger()), _column("element", NAME), _column("process", NAME),
        _column("name", NAME), _column("assignee", NAME, nullable=True), _column("form_id", NAME, nullable=True),
        _column("priority", sa.Integer()), _column("due_at", INSTANT, nullable=True),
        _column("follow_up_at", INSTANT, nullable=True), _column("created_at", INSTANT),
        _column("ended_at", INSTANT, nullable=True), _column("ended_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", name="pk_user_task"))
    op.create_index("ix_user_task_state_assignee_due_at", "user_task", ["state", "assignee", "due_at"])
    op.create_table(
        "candidate",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("kind", sa.String(8)),
        _column("name", NAME), sa.PrimaryKeyConstraint("case_id", "wait", "kind", "name", name="pk_candidate"))
    op.create_index("ix_candidate_kind_name", "candidate", ["kind", "name"])
    op.create_table(
        "draft",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("actor", NAME),
        _column("form_values", sa.Text()), _column("saved_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "wait", "actor", name="pk_draft"))
    op.create_table(
        "job",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("instance", sa.BigInteger()),
        _column("element", NAME), _column("process", NAME), _column("type", NAME), _column("retries", sa.Integer()),
        _column("headers", sa.Text()), _column("variables", sa.Text()), _column("worker", NAME, nullable=True),
        _column("available_at", INSTANT), _column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", name="pk_job"))
    op.create_index("ix_job_type_available_at", "job", ["type", "available_at"])


def _waits() -> None:
    op.create_table(
        "timer",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("instance", sa.BigInteger()),
        _column("element", NAME), _column("process", NAME), _column("due_at", INSTANT),
        _column("held", sa.Boolean()), sa.PrimaryKeyConstraint("case_id", "wait", name="pk_timer"))
    op.create_index("ix_timer_due_at", "timer", ["due_at"])
    op.create_table(
        "subscription",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("kind", sa.String(16)),
        _column("name", sa.Text()), _column("key", NAME), _column("instance", sa.BigInteger()),
        _column("element", NAME), _column("process", NAME), _column("message_id", ID, nullable=True),
        _column("opened_at", INSTANT), sa.PrimaryKeyConstraint("case_id", "wait", name="pk_subscription"))
    op.create_index("ix_subscription_kind_name_key", "subscription", ["kind", "name", "key"])
    op.create_table(
        "deadline",
        _column("case_id", ID), _column("wait", sa.BigInteger()), _column("key", CODE),
        _column("state", sa.String(16)), _column("element", NAME), _column("event_on", sa.Date()),
        _column("start_on", sa.Date()), _column("nominal_on", sa.Date()), _column("due_on", sa.Date()),
        _column("due_at", INSTANT), _column("provisional", sa.Boolean()), _column("rule_version", CODE),
        _column("calendar_version", CODE), _column("computation", sa.Text()), _column("armed_at", INSTANT),
        _column("ended_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("case_id", "wait", name="pk_deadline"))
    op.create_index("ix_deadline_state_due_on", "deadline", ["state", "due_on"])
    op.create_table(
        "incident",
        _column("case_id", ID), _column("incident", sa.BigInteger()), _column("instance", sa.BigInteger()),
        _column("element", NAME), _column("process", NAME), _column("code", CODE), _column("message", sa.Text()),
        _column("raised_at", INSTANT), _column("resolved_at", INSTANT, nullable=True),
        _column("resolved_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "incident", name="pk_incident"))
    op.create_table(
        "message",
        _column("id", ID), _column("name", NAME), _column("key", NAME), _column("message_id", NAME, nullable=True),
        _column("variables", sa.Text()), _column("legal_on", sa.Date()), _column("published_at", INSTANT),
        _column("expires_at", INSTANT), _column("publisher", NAME), sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("name", "key", "message_id", name="uq_message_name_key_message_id"))
    op.create_index("ix_message_name_key_expires_at", "message", ["name", "key", "expires_at"])
    op.create_table(
        "correlation",
        _column("message_id", ID), _column("process", NAME), _column("kind", sa.String(8)), _column("case_id", ID),
        _column("wait", sa.BigInteger()), _column("pending", sa.Boolean()), _column("matched_at", INSTANT),
        sa.PrimaryKeyConstraint("message_id", "process", name="pk_correlation"))
    op.create_index("ix_correlation_case_id", "correlation", ["case_id"])
    op.create_index("ix_correlation_pending", "correlation", ["pending"])


def _files() -> None:
    op.create_table(
        "history",
        _column("case_id", ID), _column("seq", sa.BigInteger()), _column("at", INSTANT),
        _column("kind", sa.String(32)), _column("element", NAME, nullable=True),
        _column("instance", sa.BigInteger(), nullable=True), _column("process", NAME, nullable=True),
        _column("type", sa.String(32), nullable=True), _column("actor", NAME),
        _column("data", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("case_id", "seq", name="pk_history"))
    op.create_table(
        "audit",
        _column("chain", ID), _column("seq", sa.BigInteger()), _column("at", INSTANT), _column("actor", NAME),
        _column("action", CODE), _column("entry", sa.Text()), _column("previous", CODE), _column("hash", CODE),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_audit"))
    op.create_table(
        "audit_head",
        _column("chain", ID), _column("seq", sa.BigInteger()), _column("hash", CODE),
        sa.PrimaryKeyConstraint("chain", name="pk_audit_head"))
    op.create_table(
        "file",
        _column("sha256", CODE), _column("size", sa.BigInteger()), _column("media", sa.String(128)),
        _column("staged_at", INSTANT), _column("staged_by", NAME), sa.PrimaryKeyConstraint("sha256", name="pk_file"))
    op.create_table(
        "staging",
        _column("sha256", CODE), _column("actor", NAME), sa.PrimaryKeyConstraint("sha256", "actor", name="pk_staging"))
    op.create_table(
        "document",
        _column("case_id", ID), _column("id", ID), _column("category", sa.String(16)), _column("title", NAME),
        _column("name", NAME), _column("role", CODE), _column("number", CODE, nullable=True),
        _column("sha256", CODE), _column("element", NAME, nullable=True),
        _column("issuing_authority", NAME, nullable=True), _column("handled_by", NAME, nullable=True),
        _column("added_by", NAME), _column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "id", name="pk_document"))
    op.create_index("ix_document_sha256", "document", ["sha256"])


def _wire() -> None:
    op.create_table(
        "partner",
        _column("code", CODE), _column("kind", sa.String(32)), _column("name", NAME),
        _column("endpoint", sa.Text(), nullable=True), _column("allowed_cidrs", sa.Text()),
        _column("plain_http", sa.Boolean()), _column("may_send", sa.Text()),
        _column("circuit", sa.Text(), nullable=True), _column("enabled", sa.Boolean()), _column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("code", name="pk_partner"))
    op.create_index("ix_partner_kind", "partner", ["kind"])
    op.create_table(
        "partner_key",
        _column("partner", CODE), _column("id", ID), _column("algorithm", sa.String(16)),
        _column("use", sa.String(8)), _column("secret", sa.Text()), _column("added_at", INSTANT),
        _column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("partner", "id", name="pk_partner_key"))
    op.create_table(
        "outbox",
        _column("id", ID), _column("case_id", ID), _column("partner", CODE), _column("position", sa.BigInteger()),
        _column("type", CODE), _column("body", sa.Text()), _column("state", sa.String(16)),
        _column("attempts", sa.Integer()), _column("next_at", INSTANT), _column("created_at", INSTANT),
        _column("delivered_at", INSTANT, nullable=True), _column("answer", sa.Text(), nullable=True),
        _column("receipt", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("id", name="pk_outbox"))
    op.create_index("ix_outbox_case_id_partner", "outbox", ["case_id", "partner", "position"])
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"])
    op.create_table(
        "inbound",
        _column("partner", CODE), _column("message_id", sa.String(128)), _column("body_hash", CODE),
        _column("type", CODE), _column("key", NAME), _column("status", sa.String(16)),
        _column("case_id", ID, nullable=True), _column("event_seq", sa.BigInteger(), nullable=True),
        _column("channel", sa.String(16)), _column("envelope", sa.Text()), _column("received_at", INSTANT),
        _column("legal_on", sa.Date()), sa.PrimaryKeyConstraint("partner", "message_id", name="pk_inbound"))
    op.create_index("ix_inbound_case_id", "inbound", ["case_id"])


def _accounts() -> None:
    op.create_table(
        "user_account",
        _column("id", NAME), _column("name", NAME), _column("password_hash", sa.Text()), _column("roles", sa.Text()),
        _column("enabled", sa.Boolean()), _column("added_at", INSTANT), _column("failed_sign_ins", sa.Integer()),
        _column("locked_until", INSTANT, nullable=True), sa.PrimaryKeyConstraint("id", name="pk_user_account"))
    op.create_table(
        "api_token",
        _column("id", ID), _column("user", NAME), _column("hash", CODE), _column("scopes", sa.Text()),
        _column("created_at", INSTANT), _column("expires_at", INSTANT, nullable=True),
        _column("revoked_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("hash", name="uq_api_token_hash"))
