"""Accounts, roles, organisation, absences, recusal and requests of two persons."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for create in (_accounts, _sign_in, _organisation, _two_persons):
        create()


def _accounts() -> None:
    for added in (
            sa.Column("kind", sa.String(16), nullable=False, server_default="person"),
            column("unit", ID, nullable=True), column("added_by", NAME, nullable=True),
            sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
            column("password_at", INSTANT, nullable=True), column("totp", sa.Text(), nullable=True),
            column("totp_step", sa.BigInteger(), nullable=True)):
        op.add_column("user_account", added)


def _sign_in() -> None:
    op.create_table(
        "user_session",
        column("id", ID), column("hash", CODE), column("user", NAME), column("stage", sa.String(16)),
        column("client", NAME), column("agent", NAME), column("created_at", INSTANT), column("seen_at", INSTANT),
        column("ended_at", INSTANT, nullable=True), column("pending", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_user_session"),
        sa.UniqueConstraint("hash", name="uq_user_session_hash"))
    op.create_index("ix_user_session_user", "user_session", ["user"])
    op.create_table(
        "recovery_code",
        column("user", NAME), column("hash", CODE), column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("user", "hash", name="pk_recovery_code"))
    op.create_table(
        "user_identity",
        column("issuer", NAME), column("subject", NAME), column("user", NAME), column("linked_at", INSTANT),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_user_identity"))
    op.create_index("ix_user_identity_user", "user_identity", ["user"])


def _organisation() -> None:
    op.create_table(
        "org_unit",
        column("id", ID), column("parent", ID, nullable=True), column("kind", sa.String(16)), column("name", NAME),
        column("head", NAME, nullable=True), column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_org_unit"))
    op.create_table(
        "absence",
        column("id", ID), column("user", NAME), column("stand_in", NAME), column("from_on", sa.Date()),
        column("to_on", sa.Date()), column("recorded_by", NAME), column("recorded_at", INSTANT),
        column("cancelled_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("id", name="pk_absence"))
    op.create_index("ix_absence_user", "absence", ["user"])
    op.create_index("ix_absence_stand_in", "absence", ["stand_in"])


def _two_persons() -> None:
    op.create_table(
        "approval_request",
        column("id", ID), column("kind", sa.String(32)), column("command", CODE), column("payload", sa.Text()),
        column("summary", sa.Text()), column("subject", NAME, nullable=True), column("reason", sa.Text()),
        column("requested_by", NAME), column("requested_at", INSTANT), column("expires_at", INSTANT),
        column("state", sa.String(16)), column("decided_by", NAME, nullable=True),
        column("decided_at", INSTANT, nullable=True), column("decision_reason", sa.Text(), nullable=True),
        column("outcome", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("id", name="pk_approval_request"))
    op.create_index("ix_approval_request_state", "approval_request", ["state", "expires_at"])
    op.create_table(
        "access_grant",
        column("id", ID), column("kind", sa.String(16)), column("holder", NAME), column("scope", NAME),
        column("reason", sa.Text()), column("granted_by", NAME), column("granted_at", INSTANT),
        column("expires_at", INSTANT), sa.PrimaryKeyConstraint("id", name="pk_access_grant"))
    op.create_index("ix_access_grant_holder", "access_grant", ["holder"])
