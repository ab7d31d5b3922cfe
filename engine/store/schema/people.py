"""People and their tokens."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, Json, metadata

user = Table(
    "user_account", metadata,
    Column("id", NAME, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("failed_sign_ins", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
)
api_token = Table(
    "api_token", metadata,
    Column("id", ID, primary_key=True),
    Column("user", NAME, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)
