"""Start forms that people have begun to fill in: one a person and process, kept sealed until the case is started, the
person throws it away, or nobody has touched it for a while (``services.cleaner``)."""

from __future__ import annotations

from engine.domain.desk_commands import DropStartDraft, SaveStartDraft
from engine.errors import NotFound
from engine.services import cases
from engine.services.context import Context, Outcome
from engine.store import definitions, start_drafts


def save(context: Context, command: SaveStartDraft) -> Outcome:
    """Of a process that the actor may start now; any other is not there."""
    cases.require(context, "case.start")
    newest = definitions.newest(context.connection, command.process_id)
    if newest is None:
        raise NotFound(noun="process", key=command.process_id)
    cases.require_starter(context.actor, context.parts.definitions.get(context.connection, newest.key).root)
    start_drafts.save(context.database, context.connection, {
        "user": context.actor.id, "process_id": command.process_id, "form_values": dict(command.values),
        "saved_at": context.now})
    return {"saved_at": context.now.isoformat()}


def drop(context: Context, command: DropStartDraft) -> Outcome:
    """Only one's own is there to be thrown away."""
    if not start_drafts.drop(context.connection, context.actor.id, command.process_id):
        raise NotFound(noun="draft", key=command.process_id)
    return {"process": command.process_id}
