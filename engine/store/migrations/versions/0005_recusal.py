"""What a case belongs to, what was served on whom, and recusals."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
ID, CODE, NAME = sa.String(36), sa.String(64), sa.String(255)


def upgrade() -> None:
    op.add_column("case_instance", _column("unit", ID, nullable=True))
    op.add_column("case_instance", sa.Column("procedure", sa.String(32), nullable=False, server_default=""))
    op.add_column("document", sa.Column("internal", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document", _column("closed_to", CODE, nullable=True))
    for change in (_parties, _recusals, _service):
        change()


def _column(name: str, kind: Any, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _parties() -> None:
    op.create_table(
        "case_party", _column("case_id", ID), _column("capacity", sa.String(32)),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False), _column("name", NAME),
        sa.PrimaryKeyConstraint("case_id", "capacity", "position", name="pk_case_party"))
    op.create_table(
        "case_link", _column("case_id", ID), _column("linked_id", ID), _column("reason", NAME),
        _column("linked_by", NAME), _column("linked_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "linked_id", name="pk_case_link"))
    op.create_index("ix_case_link_linked_id", "case_link", ["linked_id"])


def _recusals() -> None:
    op.create_table(
        "declaration", _column("id", ID), _column("user", NAME), _column("kind", sa.String(16)),
        _column("subject", sa.Text()), _column("detail", sa.Text()), _column("ended_on", sa.Date(), nullable=True),
        _column("declared_by", NAME), _column("declared_at", INSTANT), _column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_declaration"))
    op.create_index("ix_declaration_user", "declaration", ["user"])
    op.create_table(
        "recusal", _column("id", ID), _column("case_id", ID), _column("user", NAME), _column("state", sa.String(16)),
        _column("ground", sa.String(32)), _column("source", sa.String(16)), _column("reason", sa.Text()),
        _column("requested_by", NAME), _column("requested_at", INSTANT), _column("request_case", ID, nullable=True),
        _column("decided_by", NAME, nullable=True), _column("decided_at", INSTANT, nullable=True),
        _column("lifted_by", NAME, nullable=True), _column("lifted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recusal"))
    op.create_index("ix_recusal_case_id_user", "recusal", ["case_id", "user"])
    op.create_index("ix_recusal_user_state", "recusal", ["user", "state"])
    op.create_table(
        "disclosure", _column("case_id", ID), _column("user", NAME), _column("party", NAME),
        _column("accepted", sa.Boolean()), _column("evidence", NAME), _column("recorded_by", NAME),
        _column("recorded_at", INSTANT), sa.PrimaryKeyConstraint("case_id", "user", "party", name="pk_disclosure"))


def _service() -> None:
    """What was issued before this went to the applicant."""
    op.create_table(
        "document_service", _column("case_id", ID), _column("document", ID), _column("party", NAME),
        _column("served_on", sa.Date()), _column("served_by", NAME),
        sa.PrimaryKeyConstraint("case_id", "document", "party", name="pk_document_service"))
    op.execute(
        "INSERT INTO document_service (case_id, document, party, served_on, served_by) SELECT document.case_id, "
        "document.id, case_instance.applicant, CAST(SUBSTR(CAST(document.added_at AS TEXT), 1, 10) AS DATE), "
        "document.added_by FROM document JOIN case_instance ON case_instance.id = document.case_id "
        "WHERE document.category = 'document' AND case_instance.applicant IS NOT NULL"
        if op.get_bind().dialect.name == "postgresql" else
        "INSERT INTO document_service (case_id, document, party, served_on, served_by) SELECT document.case_id, "
        "document.id, case_instance.applicant, SUBSTR(document.added_at, 1, 10), document.added_by FROM document "
        "JOIN case_instance ON case_instance.id = document.case_id "
        "WHERE document.category = 'document' AND case_instance.applicant IS NOT NULL")
