"""The first schema, and the guards of what may only be appended to."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column, make_append_only

revision = "0001"
down_revision = None

APPEND_ONLY = ("history", "audit")


def upgrade() -> None:
    for create in (_definitions, _cases, _work, _waits, _files, _wire, _accounts):
        create()
    make_append_only(*APPEND_ONLY)


def _definitions() -> None:
    op.create_table(
        "deployment",
        column("id", ID), column("deployed_at", INSTANT), column("deployed_by", NAME),
        column("content_hash", CODE), sa.PrimaryKeyConstraint("id", name="pk_deployment"))
    op.create_table(
        "resource",
        column("deployment_id", ID), column("name", NAME), column("kind", sa.String(16)),
        column("resource_key", NAME), column("content", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("deployment_id", "name", name="pk_resource"))
    op.create_index("ix_resource_resource_key", "resource", ["resource_key"])
    op.create_table(
        "process_definition",
        column("key", NAME), column("process_id", NAME), column("version", sa.Integer()), column("name", NAME),
        column("deployment_id", ID), column("resource_name", NAME), column("content_hash", CODE),
        column("startable", sa.Boolean()), column("start_form", NAME, nullable=True), column("bound", sa.Text()),
        column("deployed_at", INSTANT), sa.PrimaryKeyConstraint("key", name="pk_process_definition"),
        sa.UniqueConstraint("process_id", "version", name="uq_process_definition_process_id_version"))
    op.create_table(
        "start_subscription",
        column("process_id", NAME), column("element", NAME), column("definition_key", NAME),
        column("kind", sa.String(16)), column("name", NAME), column("due_at", INSTANT, nullable=True),
        column("cycle", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("process_id", "element", name="pk_start_subscription"))
    op.create_index("ix_start_subscription_kind_name", "start_subscription", ["kind", "name"])


def _cases() -> None:
    op.create_table(
        "case_instance",
        column("id", ID), column("case_no", CODE, nullable=True), column("definition_key", NAME),
        column("process_id", NAME), column("state", sa.String(16)), column("execution", sa.LargeBinary()),
        column("history_seq", sa.BigInteger()), column("audit_seq", sa.BigInteger()), column("audit_head", CODE),
        column("title", NAME), column("parties", sa.Text()), column("stage", CODE),
        column("level", sa.String(4)), column("kind", sa.String(32)), column("applicant", NAME, nullable=True),
        column("owner", NAME, nullable=True), column("ended_element", NAME, nullable=True),
        column("started_at", INSTANT), column("updated_at", INSTANT), column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_case_instance"),
        sa.UniqueConstraint("case_no", name="uq_case_instance_case_no"))
    op.create_index("ix_case_instance_applicant", "case_instance", ["applicant"])
    op.create_index("ix_case_instance_process_id_state", "case_instance", ["process_id", "state"])
    op.create_table(
        "case_key",
        column("case_id", ID), column("name", sa.String(300)), column("value", NAME),
        sa.PrimaryKeyConstraint("case_id", "name", "value", name="pk_case_key"))
    op.create_index("ix_case_key_name_value", "case_key", ["name", "value"])
    op.create_table(
        "number_series",
        column("series", CODE), column("year", sa.Integer()), column("last", sa.BigInteger()),
        sa.PrimaryKeyConstraint("series", "year", name="pk_number_series"))
    op.create_table(
        "command_log",
        column("actor", NAME), column("idempotency_key", NAME), column("request_hash", CODE),
        column("outcome", sa.Text(), nullable=True), column("at", INSTANT),
        sa.PrimaryKeyConstraint("actor", "idempotency_key", name="pk_command_log"))


def _work() -> None:
    op.create_table(
        "user_task",
        column("case_id", ID), column("wait", sa.BigInteger()), column("state", sa.String(16)),
        column("instance", sa.BigInteger()), column("element", NAME), column("process", NAME),
        column("name", NAME), column("assignee", NAME, nullable=True), column("form_id", NAME, nullable=True),
        column("priority", sa.Integer()), column("due_at", INSTANT, nullable=True),
        column("follow_up_at", INSTANT, nullable=True), column("created_at", INSTANT),
        column("ended_at", INSTANT, nullable=True), column("ended_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", name="pk_user_task"))
    op.create_index("ix_user_task_state_assignee_due_at", "user_task", ["state", "assignee", "due_at"])
    op.create_table(
        "candidate",
        column("case_id", ID), column("wait", sa.BigInteger()), column("kind", sa.String(8)),
        column("name", NAME), sa.PrimaryKeyConstraint("case_id", "wait", "kind", "name", name="pk_candidate"))
    op.create_index("ix_candidate_kind_name", "candidate", ["kind", "name"])
    op.create_table(
        "draft",
        column("case_id", ID), column("wait", sa.BigInteger()), column("actor", NAME),
        column("form_values", sa.Text()), column("saved_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "wait", "actor", name="pk_draft"))
    op.create_table(
        "job",
        column("case_id", ID), column("wait", sa.BigInteger()), column("instance", sa.BigInteger()),
        column("element", NAME), column("process", NAME), column("type", NAME), column("retries", sa.Integer()),
        column("headers", sa.Text()), column("variables", sa.Text()), column("worker", NAME, nullable=True),
        column("available_at", INSTANT), column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "wait", name="pk_job"))
    op.create_index("ix_job_type_available_at", "job", ["type", "available_at"])


def _waits() -> None:
    op.create_table(
        "timer",
        column("case_id", ID), column("wait", sa.BigInteger()), column("instance", sa.BigInteger()),
        column("element", NAME), column("process", NAME), column("due_at", INSTANT),
        column("held", sa.Boolean()), sa.PrimaryKeyConstraint("case_id", "wait", name="pk_timer"))
    op.create_index("ix_timer_due_at", "timer", ["due_at"])
    op.create_table(
        "subscription",
        column("case_id", ID), column("wait", sa.BigInteger()), column("kind", sa.String(16)),
        column("name", sa.Text()), column("key", NAME), column("instance", sa.BigInteger()),
        column("element", NAME), column("process", NAME), column("message_id", ID, nullable=True),
        column("opened_at", INSTANT), sa.PrimaryKeyConstraint("case_id", "wait", name="pk_subscription"))
    op.create_index("ix_subscription_kind_name_key", "subscription", ["kind", "name", "key"])
    op.create_table(
        "deadline",
        column("case_id", ID), column("wait", sa.BigInteger()), column("key", CODE),
        column("state", sa.String(16)), column("element", NAME), column("event_on", sa.Date()),
        column("start_on", sa.Date()), column("nominal_on", sa.Date()), column("due_on", sa.Date()),
        column("due_at", INSTANT), column("provisional", sa.Boolean()), column("rule_version", CODE),
        column("calendar_version", CODE), column("computation", sa.Text()), column("armed_at", INSTANT),
        column("ended_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("case_id", "wait", name="pk_deadline"))
    op.create_index("ix_deadline_state_due_on", "deadline", ["state", "due_on"])
    op.create_table(
        "incident",
        column("case_id", ID), column("incident", sa.BigInteger()), column("instance", sa.BigInteger()),
        column("element", NAME), column("process", NAME), column("code", CODE), column("message", sa.Text()),
        column("raised_at", INSTANT), column("resolved_at", INSTANT, nullable=True),
        column("resolved_by", NAME, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "incident", name="pk_incident"))
    op.create_table(
        "message",
        column("id", ID), column("name", NAME), column("key", NAME), column("message_id", NAME, nullable=True),
        column("variables", sa.Text()), column("legal_on", sa.Date()), column("published_at", INSTANT),
        column("expires_at", INSTANT), column("publisher", NAME), sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("name", "key", "message_id", name="uq_message_name_key_message_id"))
    op.create_index("ix_message_name_key_expires_at", "message", ["name", "key", "expires_at"])
    op.create_table(
        "correlation",
        column("message_id", ID), column("process", NAME), column("kind", sa.String(8)), column("case_id", ID),
        column("wait", sa.BigInteger()), column("pending", sa.Boolean()), column("matched_at", INSTANT),
        sa.PrimaryKeyConstraint("message_id", "process", name="pk_correlation"))
    op.create_index("ix_correlation_case_id", "correlation", ["case_id"])
    op.create_index("ix_correlation_pending", "correlation", ["pending"])


def _files() -> None:
    op.create_table(
        "history",
        column("case_id", ID), column("seq", sa.BigInteger()), column("at", INSTANT),
        column("kind", sa.String(32)), column("element", NAME, nullable=True),
        column("instance", sa.BigInteger(), nullable=True), column("process", NAME, nullable=True),
        column("type", sa.String(32), nullable=True), column("actor", NAME),
        column("data", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("case_id", "seq", name="pk_history"))
    op.create_table(
        "audit",
        column("chain", ID), column("seq", sa.BigInteger()), column("at", INSTANT), column("actor", NAME),
        column("action", CODE), column("entry", sa.Text()), column("previous", CODE), column("hash", CODE),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_audit"))
    op.create_table(
        "audit_head",
        column("chain", ID), column("seq", sa.BigInteger()), column("hash", CODE),
        sa.PrimaryKeyConstraint("chain", name="pk_audit_head"))
    op.create_table(
        "file",
        column("sha256", CODE), column("size", sa.BigInteger()), column("media", sa.String(128)),
        column("staged_at", INSTANT), column("staged_by", NAME), sa.PrimaryKeyConstraint("sha256", name="pk_file"))
    op.create_table(
        "staging",
        column("sha256", CODE), column("actor", NAME), sa.PrimaryKeyConstraint("sha256", "actor", name="pk_staging"))
    op.create_table(
        "document",
        column("case_id", ID), column("id", ID), column("category", sa.String(16)), column("title", NAME),
        column("name", NAME), column("role", CODE), column("number", CODE, nullable=True),
        column("sha256", CODE), column("element", NAME, nullable=True),
        column("issuing_authority", NAME, nullable=True), column("handled_by", NAME, nullable=True),
        column("added_by", NAME), column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "id", name="pk_document"))
    op.create_index("ix_document_sha256", "document", ["sha256"])


def _wire() -> None:
    op.create_table(
        "partner",
        column("code", CODE), column("kind", sa.String(32)), column("name", NAME),
        column("endpoint", sa.Text(), nullable=True), column("allowed_cidrs", sa.Text()),
        column("plain_http", sa.Boolean()), column("may_send", sa.Text()),
        column("circuit", sa.Text(), nullable=True), column("enabled", sa.Boolean()), column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("code", name="pk_partner"))
    op.create_index("ix_partner_kind", "partner", ["kind"])
    op.create_table(
        "partner_key",
        column("partner", CODE), column("id", ID), column("algorithm", sa.String(16)),
        column("use", sa.String(8)), column("secret", sa.Text()), column("added_at", INSTANT),
        column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("partner", "id", name="pk_partner_key"))
    op.create_table(
        "outbox",
        column("id", ID), column("case_id", ID), column("partner", CODE), column("position", sa.BigInteger()),
        column("type", CODE), column("body", sa.Text()), column("state", sa.String(16)),
        column("attempts", sa.Integer()), column("next_at", INSTANT), column("created_at", INSTANT),
        column("delivered_at", INSTANT, nullable=True), column("answer", sa.Text(), nullable=True),
        column("receipt", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("id", name="pk_outbox"))
    op.create_index("ix_outbox_case_id_partner", "outbox", ["case_id", "partner", "position"])
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"])
    op.create_table(
        "inbound",
        column("partner", CODE), column("message_id", sa.String(128)), column("body_hash", CODE),
        column("type", CODE), column("key", NAME), column("status", sa.String(16)),
        column("case_id", ID, nullable=True), column("event_seq", sa.BigInteger(), nullable=True),
        column("channel", sa.String(16)), column("envelope", sa.Text()), column("received_at", INSTANT),
        column("legal_on", sa.Date()), sa.PrimaryKeyConstraint("partner", "message_id", name="pk_inbound"))
    op.create_index("ix_inbound_case_id", "inbound", ["case_id"])


def _accounts() -> None:
    op.create_table(
        "user_account",
        column("id", NAME), column("name", NAME), column("password_hash", sa.Text()), column("roles", sa.Text()),
        column("enabled", sa.Boolean()), column("added_at", INSTANT), column("failed_sign_ins", sa.Integer()),
        column("locked_until", INSTANT, nullable=True), sa.PrimaryKeyConstraint("id", name="pk_user_account"))
    op.create_table(
        "api_token",
        column("id", ID), column("user", NAME), column("hash", CODE), column("scopes", sa.Text()),
        column("created_at", INSTANT), column("expires_at", INSTANT, nullable=True),
        column("revoked_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("hash", name="uq_api_token_hash"))
