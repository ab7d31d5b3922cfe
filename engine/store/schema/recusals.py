"""Who may not work on a case and why: parties, linked cases, what people have declared, recusals, disclosures; and what
has been served on whom."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table

from engine.store.schema.columns import ID, NAME, Instant, SealedText, metadata

case_party = Table(  # names of parties, agents and agencies as the case has them now
    "case_party", metadata,
    Column("case_id", ID, primary_key=True),
    Column("capacity", String(32), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", SealedText("case_party.name"), nullable=False),
)
case_link = Table(  # seen from both sides
    "case_link", metadata,
    Column("case_id", ID, primary_key=True),
    Column("linked_id", ID, primary_key=True),
    Column("reason", NAME, nullable=False),
    Column("linked_by", NAME, nullable=False),
    Column("linked_at", Instant, nullable=False),
    Index("ix_case_link_linked_id", "linked_id"),
)
declaration = Table(
    "declaration", metadata,
    Column("id", ID, primary_key=True),
    Column("user", NAME, nullable=False),
    Column("kind", String(16), nullable=False),  # relative, employer, shareholding, mentor, posting, past_case, other
    Column("subject", SealedText("declaration.subject"), nullable=False),
    Column("detail", SealedText("declaration.detail"), nullable=False),
    Column("ended_on", Date),
    Column("declared_by", NAME, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index("ix_declaration_user", "user"),
)
recusal = Table(
    "recusal", metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, nullable=False),
    Column("user", NAME, nullable=False),
    Column("state", String(16), nullable=False),  # requested, recused, refused, reconsidered, lifted
    Column("ground", String(32), nullable=False),
    Column("source", String(16), nullable=False),  # rule, request
    Column("reason", SealedText("recusal.reason"), nullable=False),
    Column("requested_by", NAME, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("request_case", ID),
    Column("decided_by", NAME),
    Column("decided_at", Instant),
    Column("lifted_by", NAME),
    Column("lifted_at", Instant),
    Index("ix_recusal_case_id_user", "case_id", "user"),
    Index("ix_recusal_user_state", "user", "state"),
)
disclosure = Table(  # one party's answer to what a person has disclosed in a case
    "disclosure", metadata,
    Column("case_id", ID, primary_key=True),
    Column("user", NAME, primary_key=True),
    Column("party", SealedText("disclosure.party", same=True), primary_key=True),
    Column("accepted", Boolean, nullable=False),
    Column("evidence", NAME, nullable=False),
    Column("recorded_by", NAME, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
document_service = Table(
    "document_service", metadata,
    Column("case_id", ID, primary_key=True),
    Column("document", ID, primary_key=True),
    Column("party", NAME, primary_key=True),
    Column("served_on", Date, nullable=False),
    Column("served_by", NAME, nullable=False),
)
