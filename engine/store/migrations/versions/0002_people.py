"""Accounts, roles, organisation, absences, recusal and requests of two persons."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)
ID, CODE, NAME = sa.String(36), sa.String(64), sa.String(255)


def upgrade() -> None:
    for create in (_accounts, _sign_in, _organisation, _two_persons):
        create()


def _column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _accounts() -> None:
    for column in (
            sa.Column("kind", sa.String(16), nullable=False, server_default="person"),
            _column("unit", ID, nullable=True), _column("added_by", NAME, nullable=True),
            sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
            _column("password_at", INSTANT, nullable=True), _column("totp", sa.Text(), nullable=True),
            _column("totp_step", sa.BigInteger(), nullable=True)):
        op.add_column("user_account", column)


def _sign_in() -> None:
    op.create_table(
        "user_session",
        _column("id", ID), _column("hash", CODE), _column("user", NAME), _column("stage", sa.String(16)),
        _column("client", NAME), _column("agent", NAME), _column("created_at", INSTANT), _column("seen_at", INSTANT),
        _column("ended_at", INSTANT, nullable=True), _column("pending", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_user_session"),
        sa.UniqueConstraint("hash", name="uq_user_session_hash"))
    op.create_index("ix_user_session_user", "user_session", ["user"])
    op.create_table(
        "recovery_code",
        _column("user", NAME), _column("hash", CODE), _column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("user", "hash", name="pk_recovery_code"))
    op.create_table(
        "user_identity",
        _column("issuer", NAME), _column("subject", NAME), _column("user", NAME), _column("linked_at", INSTANT),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_user_identity"))
    op.create_index("ix_user_identity_user", "user_identity", ["user"])


def _organisation() -> None:
    op.create_table(
        "org_unit",
        _column("id", ID), _column("parent", ID, nullable=True), _column("kind", sa.String(16)), _column("name", NAME),
        _column("head", NAME, nullable=True), _column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_org_unit"))
    op.create_table(
        "absence",
        _column("id", ID), _column("user", NAME), _column("stand_in", NAME), _column("from_on", sa.Date()),
        _column("to_on", sa.Date()), _column("recorded_by", NAME), _column("recorded_at", INSTANT),
        _column("cancelled_at", INSTANT, nullable=True), sa.PrimaryKeyConstraint("id", name="pk_absence"))
    op.create_index("ix_absence_user", "absence", ["user"])
    op.create_index("ix_absence_stand_in", "absence", ["stand_in"])


def _two_persons() -> None:
    op.create_table(
        "approval_request",
        _column("id", ID), _column("kind", sa.String(32)), _column("command", CODE), _column("payload", sa.Text()),
        _column("summary", sa.Text()), _column("subject", NAME, nullable=True), _column("reason", sa.Text()),
        _column("requested_by", NAME), _column("requested_at", INSTANT), _column("expires_at", INSTANT),
        _column("state", sa.String(16)), _column("decided_by", NAME, nullable=True),
        _column("decided_at", INSTANT, nullable=True), _column("decision_reason", sa.Text(), nullable=True),
        _column("outcome", sa.Text(), nullable=True), sa.PrimaryKeyConstraint("id", name="pk_approval_request"))
    op.create_index("ix_approval_request_state", "approval_request", ["state", "expires_at"])
    op.create_table(
        "access_grant",
        _column("id", ID), _column("kind", sa.String(16)), _column("holder", NAME), _column("scope", NAME),
        _column("reason", sa.Text()), _column("granted_by", NAME), _column("granted_at", INSTANT),
        _column("expires_at", INSTANT), sa.PrimaryKeyConstraint("id", name="pk_access_grant"))
    op.create_index("ix_access_grant_holder", "access_grant", ["holder"])
