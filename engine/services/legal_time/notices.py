"""Notices: what people are told, in the application and by e-mail. A notice is a code with its parameters; the reader's
language is chosen where it is read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from engine.domain.deadline_commands import ReadNotices, RecordMail, SetContact
from engine.errors import InvalidInput
from engine.services.context import Context, Outcome
from engine.store import notices as rows
from engine.store import recusals

MAIL_TRIES = 6


def tell(context: Context, to: str, code: str, params: Mapping[str, Any], case_id: str | None = None,
         about: str | None = None) -> None:
    """One notice to one person; by e-mail too when the person has given an address. Nobody is told of a case in which
    they are recused."""
    if case_id is not None and "recused" in recusals.kept_away(context.connection, case_id, to):
        return
    contact = rows.contact(context.connection, to)
    mail = "pending" if contact is not None and contact.email else "none"
    rows.insert(context.connection, {
        "id": context.new_id(), "to": to, "code": code, "params": dict(params), "case_id": case_id, "about": about,
        "created_at": context.now, "read_at": None, "mail": mail, "mail_attempts": 0, "mail_at": context.now})


def read(context: Context, command: ReadNotices) -> Outcome:
    """Only one's own notices are there to be read."""
    return {"read": rows.mark_read(context.connection, context.actor.id, command.notices, context.now)}


def set_contact(context: Context, command: SetContact) -> Outcome:
    """The address people give for themselves, and the secret address of their calendar feed, shown once."""
    found = rows.contact(context.connection, context.actor.id)
    email = found.email if found is not None and command.email is None else (command.email or "").strip() or None
    if email is not None and not _is_address(email):
        raise InvalidInput(expected="an e-mail address such as name@example.org", found=email, where="email")
    secret = secrets.token_urlsafe(32) if command.new_feed else None
    kept = found.feed if found is not None and not command.end_feed else None
    feed = feed_hash(secret) if secret else kept
    context.database.upsert(context.connection, rows.CONTACT, {
        "user": context.actor.id, "email": email, "feed": feed}, ("email", "feed"))
    return {"email": email, "feed": secret}


def feed_hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _is_address(text: str) -> bool:
    name, at, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(" <>,;:\"()[]\\")
    return bool(name and at and "." in host.strip(".") and plain) and len(text) <= 254


def record_mail(context: Context, command: RecordMail) -> Outcome:
    """``retry`` without a time means that the tries are used up."""
    state = {"sent": "sent", "retry": "pending" if command.next_at else "failed"}.get(command.outcome, "failed")
    rows.record_mail(context.connection, command.notice, state, command.next_at)
    return {"mail": state}
