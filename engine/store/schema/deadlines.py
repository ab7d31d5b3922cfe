"""What stands around deadlines: versions of rules, yearly calendars, bulk moves, ladders ahead of time, notices.

Rule versions are an archive: each deadline names the digest of the one it froze, so none is ever changed or deleted.
"""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, Json, Sealed, SealedText, metadata

rule_version = Table(
    "rule_version", metadata,
    Column("digest", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("content", Json, nullable=False),
    Column("added_at", Instant, nullable=False),
)
rule_change = Table(
    "rule_change", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(64), nullable=False),
    Column("versions", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", NAME, nullable=False),
    Column("at", Instant, nullable=False),
)
calendar_year = Table(
    "calendar_year", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("year", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("source", NAME, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("by", NAME, nullable=False),
    Column("at", Instant, nullable=False),
)
bulk_move = Table(
    "bulk_move", metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("terms", Json, nullable=False),
    Column("after", Json, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("by", NAME, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_bulk_move_state", "state"),
)
escalation_rung = Table(
    "escalation_rung", metadata,
    Column("case_id", ID, primary_key=True),
    Column("wait", BigInteger, primary_key=True),
    Column("rung", Integer, primary_key=True),
    Column("due_on", Date, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("to", NAME, nullable=False),
    Column("state", String(16), nullable=False),
    Column("fired_at", Instant),
    Column("told", Json),
    Index("ix_escalation_rung_state_at", "state", "at"),
)
suspension = Table(
    "suspension", metadata,
    Column("case_id", ID, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("ended_on", Date),
    Column("basis", Text, nullable=False),
    Column("evidence", SealedText("suspension.evidence"), nullable=False),
    Column("reason", SealedText("suspension.reason"), nullable=False),
    Column("by", NAME, nullable=False),
    Column("told_at", Instant),
    Index("ix_suspension_ended_on_until_on", "ended_on", "until_on"),
)
notice = Table(
    "notice", metadata,
    Column("id", ID, primary_key=True),
    Column("to", NAME, nullable=False),
    Column("code", String(64), nullable=False),
    Column("params", Sealed("notice.params"), nullable=False),
    Column("case_id", ID),
    Column("about", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("mail", String(16), nullable=False),
    Column("mail_attempts", Integer, nullable=False),
    Column("mail_at", Instant),
    Index("ix_notice_to_read_at", "to", "read_at"),
    Index("ix_notice_mail_mail_at", "mail", "mail_at"),
)
contact = Table(
    "contact", metadata,
    Column("user", NAME, primary_key=True),
    Column("email", NAME),
    Column("feed", String(64)),
    Index("ix_contact_feed", "feed"),
)
