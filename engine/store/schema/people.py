"""People: accounts and how they sign in, the tree they work in, who stands in for whom, and what two of them decide."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text

from engine.store.schema.columns import ID, NAME, Instant, Json, Sealed, SealedText, metadata

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
    Column("kind", String(16), nullable=False, default="person"),  # person, machine (a program of ours), partner
    Column("unit", ID),
    Column("added_by", NAME),
    Column("must_change", Boolean, nullable=False, default=False),
    Column("password_at", Instant),
    Column("totp", Text),  # sealed; a second factor begun but not yet proved stays in the session
    Column("totp_step", BigInteger),  # the last time step whose code was used (RFC 6238 §5.2)
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
user_session = Table(  # a signed-in browser; what it may do depends on the stage of its sign-in
    "user_session", metadata,
    Column("id", ID, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("user", NAME, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("client", NAME, nullable=False),
    Column("agent", NAME, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("pending", Text),  # the sealed secret of a second factor that is being enrolled
    Index("ix_user_session_user", "user"),
)
recovery_code = Table(
    "recovery_code", metadata,
    Column("user", NAME, primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("used_at", Instant),
)
user_identity = Table(  # who an identity provider's subject is here
    "user_identity", metadata,
    Column("issuer", NAME, primary_key=True),
    Column("subject", NAME, primary_key=True),
    Column("user", NAME, nullable=False),
    Column("linked_at", Instant, nullable=False),
    Index("ix_user_identity_user", "user"),
)
org_unit = Table(
    "org_unit", metadata,
    Column("id", ID, primary_key=True),
    Column("parent", ID),
    Column("kind", String(16), nullable=False),  # centre, department, node, host
    Column("name", NAME, nullable=False),
    Column("head", NAME),
    Column("added_at", Instant, nullable=False),
)
absence = Table(  # both days included
    "absence", metadata,
    Column("id", ID, primary_key=True),
    Column("user", NAME, nullable=False),
    Column("stand_in", NAME, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("recorded_by", NAME, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
    Index("ix_absence_user", "user"),
    Index("ix_absence_stand_in", "stand_in"),
)
approval_request = Table(  # a command that waits for a second person
    "approval_request", metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("command", String(64), nullable=False),
    Column("payload", SealedText("approval_request.payload"), nullable=False),
    Column("summary", Sealed("approval_request.summary"), nullable=False),
    Column("subject", NAME),  # the account it is about, if any
    Column("case_id", ID),  # the cases it is about, if any: who does not see them does not see the request
    Column("other_case_id", ID),
    Column("reason", SealedText("approval_request.reason"), nullable=False),
    Column("requested_by", NAME, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # pending, approved, rejected, withdrawn, expired
    Column("decided_by", NAME),
    Column("decided_at", Instant),
    Column("decision_reason", SealedText("approval_request.decision_reason")),
    Column("outcome", Json),
    Index("ix_approval_request_state", "state", "expires_at"),
)
access_grant = Table(  # what was opened to one person for a time by two others: a bulk export, a break of the glass
    "access_grant", metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("holder", NAME, nullable=False),
    Column("scope", NAME, nullable=False),
    Column("reason", SealedText("access_grant.reason"), nullable=False),
    Column("granted_by", NAME, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", NAME),
    Column("revoke_reason", SealedText("access_grant.revoke_reason")),
    Index("ix_access_grant_holder", "holder"),
)
