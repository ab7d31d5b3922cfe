"""What became of fetching a file that a message refers to."""

from __future__ import annotations

from typing import Any

from engine.domain.wire_commands import KeepAttachment
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.wire import files
from engine.store import inbound_files as rows
from engine.store import partners, records


def keep(context: Context, command: KeepAttachment) -> Outcome:
    """What a worker has fetched, or why it could not; into the case when the message has found one."""
    message = partners.find_inbound(context.connection, command.partner, command.message_id)
    case = None
    if message is not None and message.case_id is not None:
        case = steps.lock_case(context, message.case_id, active=False)
    row = rows.lock(context.connection, command.partner, command.message_id, command.position)
    if row is None or row.state != "pending":
        return {"state": row.state if row is not None else "gone"}
    if command.sha256 is None:
        return _not_yet(context, command, row)
    records.add_file(context.database, context.connection, command.sha256, command.size, command.media, context.now,
                     command.partner)
    rows.update(context.connection, row, state="fetched", media=command.media, fetched_at=context.now, detail=None)
    if case is not None:
        files.file_into(context, case, command.partner, command.message_id)
        trail.note(context, case, "attachmentFetched", {"name": row.name, "partner": command.partner,
                                                        "sha256": row.sha256})
    return {"state": "fetched"}


def _not_yet(context: Context, command: KeepAttachment, row: Any) -> Outcome:
    state = "pending" if command.next_at is not None else "refused"
    rows.update(context.connection, row, state=state, attempts=row.attempts + 1, detail=command.detail[:500],
                next_at=command.next_at or row.next_at)
    if state == "refused":
        trail.record_system(context, {"attachment": row.sha256, "partner": command.partner, "id": command.message_id,
                                      "refused": command.detail[:200]})
    return {"state": state}
