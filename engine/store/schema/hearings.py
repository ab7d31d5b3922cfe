"""Rooms, hearings, and who is called to them."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table

from engine.store.schema.columns import ID, NAME, Instant, SealedText, metadata

hearing_room = Table(
    "hearing_room", metadata,
    Column("id", String(64), primary_key=True),
    Column("name", NAME, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("remote", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
)
hearing = Table(
    "hearing", metadata,
    Column("case_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("room", String(64)),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("panel", Integer),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("began_at", Instant),
    Column("ended_at", Instant),
    Column("notice_by", Date),
    Column("called_on", Date, nullable=False),
    Column("noticed_on", Date),
    Column("waiver", SealedText("hearing.waiver"), nullable=False),
    Column("link", String(16), nullable=False),
    Column("link_note", SealedText("hearing.link_note"), nullable=False),
    Column("note", SealedText("hearing.note"), nullable=False),
    Column("planned_by", NAME, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_hearing_starts_at", "starts_at"),
)
hearing_attendee = Table(
    "hearing_attendee", metadata,
    Column("case_id", ID, primary_key=True),
    Column("hearing", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", SealedText("hearing_attendee.name"), nullable=False),
    Column("part", String(16), nullable=False),
    Column("user", NAME),
    Column("present", Boolean),
    Column("identified", Boolean, nullable=False),
    Column("link", String(16), nullable=False, server_default="none"),
    Index("ix_hearing_attendee_user", "user"),
)
