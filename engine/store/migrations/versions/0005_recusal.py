"""What a case belongs to, what was served on whom, and recusals."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import CODE, ID, INSTANT, NAME, column

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("case_instance", column("unit", ID, nullable=True))
    op.add_column("case_instance", sa.Column("procedure", sa.String(32), nullable=False, server_default=""))
    op.add_column("document", sa.Column("internal", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document", column("closed_to", CODE, nullable=True))
    for change in (_parties, _recusals, _service):
        change()


def _parties() -> None:
    op.create_table(
        "case_party", column("case_id", ID), column("capacity", sa.String(32)),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False), column("name", NAME),
        sa.PrimaryKeyConstraint("case_id", "capacity", "position", name="pk_case_party"))
    op.create_table(
        "case_link", column("case_id", ID), column("linked_id", ID), column("reason", NAME),
        column("linked_by", NAME), column("linked_at", INSTANT),
        sa.PrimaryKeyConstraint("case_id", "linked_id", name="pk_case_link"))
    op.create_index("ix_case_link_linked_id", "case_link", ["linked_id"])


def _recusals() -> None:
    op.create_table(
        "declaration", column("id", ID), column("user", NAME), column("kind", sa.String(16)),
        column("subject", sa.Text()), column("detail", sa.Text()), column("ended_on", sa.Date(), nullable=True),
        column("declared_by", NAME), column("declared_at", INSTANT), column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_declaration"))
    op.create_index("ix_declaration_user", "declaration", ["user"])
    op.create_table(
        "recusal", column("id", ID), column("case_id", ID), column("user", NAME), column("state", sa.String(16)),
        column("ground", sa.String(32)), column("source", sa.String(16)), column("reason", sa.Text()),
        column("requested_by", NAME), column("requested_at", INSTANT), column("request_case", ID, nullable=True),
        column("decided_by", NAME, nullable=True), column("decided_at", INSTANT, nullable=True),
        column("lifted_by", NAME, nullable=True), column("lifted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recusal"))
    op.create_index("ix_recusal_case_id_user", "recusal", ["case_id", "user"])
    op.create_index("ix_recusal_user_state", "recusal", ["user", "state"])
    op.create_table(
        "disclosure", column("case_id", ID), column("user", NAME), column("party", NAME),
        column("accepted", sa.Boolean()), column("evidence", NAME), column("recorded_by", NAME),
        column("recorded_at", INSTANT), sa.PrimaryKeyConstraint("case_id", "user", "party", name="pk_disclosure"))


def _service() -> None:
    """What was issued before this went to the applicant."""
    op.create_table(
        "document_service", column("case_id", ID), column("document", ID), column("party", NAME),
        column("served_on", sa.Date()), column("served_by", NAME),
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
