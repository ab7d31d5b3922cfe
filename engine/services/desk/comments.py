"""Notes to colleagues in a case; who is mentioned is told, if the case is there for them."""

from __future__ import annotations

import re
from typing import Any

from engine.domain.actors import actor_of
from engine.domain.commands import split_key
from engine.domain.desk_commands import Comment
from engine.domain.permissions import is_staff
from engine.errors import InvalidInput, NotFound, Phrase
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import notices
from engine.services.people import access
from engine.store import organisation, schema, sights, users, waits
from engine.store.cases import CaseRow, sees
from engine.store.database import Connection

LONGEST = 2_000
MOSTMENTIONED = 20
MENTION = re.compile(r"@([\w.\-]{1,64})")


def write(context: Context, command: Comment) -> Outcome:
    """``mentioned``: who was told; ``unseen``: who was not, because the case is not there for them."""
    text = command.text.strip()
    if not text or len(text) > LONGEST:
        raise InvalidInput(expected=Phrase("a note of 1 to {longest} characters", longest=LONGEST),
                           found=f"{len(text)}", where="text")
    access.require_inside(context, command.case_id, "case")
    row = steps.lock_case(context, command.case_id, active=False)
    mentioned, unseen = _mentioned(context, row, text)
    trail.note(context, row, "comment", {"text": text, "mentions": [user.id for user in mentioned]},
               _task(context, row, command.task))
    for user in mentioned:
        notices.tell(context, user.id, "comment.mentioned", {
            "by": context.actor.name, "case_no": row.case_no or row.id}, row.id, command.task)
    return {"case_id": row.id, "mentioned": [user.id for user in mentioned], "unseen": unseen}


def _task(context: Context, row: CaseRow, key: str | None) -> Any:
    if key is None:
        return None
    parts = split_key(key)
    task = None
    if parts is not None and parts[0] == row.id:
        task = waits.find(context.connection, schema.user_task, *parts)
    if task is None:
        raise NotFound(noun="user task", key=key)
    return task


def _mentioned(context: Context, row: CaseRow, text: str) -> tuple[list[Any], list[str]]:
    names = list(dict.fromkeys(MENTION.findall(text)))[:MOSTMENTIONED]
    found = [(name, users.named(context.connection, name)) for name in names]
    there = {user.id: user for _, user in found if user is not None and is_told(context.connection, row.id, user)}
    there.pop(context.actor.id, None)
    unseen = [name for name, user in found if user is None or not is_told(context.connection, row.id, user)]
    return list(there.values()), unseen


def is_told(connection: Connection, case_id: str, user: Any) -> bool:
    """Whether the account (its row) is a colleague's who sees the case."""
    units = organisation.below(connection, user.unit) if user.unit else frozenset()
    actor = actor_of(user, units=units)
    return user.enabled and is_staff(actor) and sees(connection, case_id, sights.inside(actor))
