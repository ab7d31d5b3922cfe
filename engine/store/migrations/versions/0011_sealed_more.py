"""Names of unpublished cases, documents, parties and partners' secrets are sealed; blind words find the cases."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.building import ID, column

revision = "0011"
down_revision = "0010"

LONGER = (("case_instance", "title"), ("document", "title"), ("document", "name"), ("case_party", "name"),
          ("disclosure", "party"))
"""What is sealed takes more room; SQLite never minded the length."""


def upgrade() -> None:
    for table, name in LONGER:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, type_=sa.Text(), existing_type=sa.String(255), existing_nullable=False)
    op.create_table(
        "case_word", column("case_id", ID), sa.Column("word", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("case_id", "word", name="pk_case_word"))
    op.create_index("ix_case_word_word", "case_word", ["word", "case_id"])
