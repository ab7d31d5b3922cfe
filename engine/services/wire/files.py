"""Files that belong to messages: announced by reference and fetched later, or handed in with a message on paper.

    pending ──▶ fetched ──▶ filed (in its case)
       └──────▶ refused (another hash, too long, an address that may not be called, no kind of file that we take)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.domain.commands import AcceptInbound, FileRef
from engine.domain.file_names import plain
from engine.errors import NotFound
from engine.services.context import Context
from engine.store import inbound_files as rows
from engine.store import partners, queries, records


def expect(context: Context, command: AcceptInbound) -> None:
    """Write down what a message refers to; a worker fetches it."""
    wanted = command.envelope.get("attachments") or ()
    rows.insert(context.connection, [
        {**_row(context, command.partner, command.message_id, position), "name": plain(entry["name"]),
         "media": entry["media"],
         "size": entry["size"], "sha256": entry["sha256"], "source": dict(entry), "state": "pending"}
        for position, entry in enumerate(wanted)])


def hand_in(context: Context, partner: str, message_id: str, files: Sequence[FileRef]) -> None:
    """Files that the actor has uploaded go with a message on paper. Raises ``NotFound`` for another's."""
    found = []
    for position, item in enumerate(files):
        known = records.lock_file(context.connection, item.sha256)
        if known is None or queries.file(context.connection, context.actor, item.sha256) is None:
            raise NotFound(noun="file", key=item.sha256)
        found.append({**_row(context, partner, message_id, position), "name": item.name, "media": known.media,
                      "size": known.size, "sha256": item.sha256, "source": {}, "state": "fetched",
                      "fetched_at": context.now})
    rows.insert(context.connection, found)


def file_into(context: Context, case: Any, partner: str, message_id: str) -> None:
    """Put what has been fetched of a message into its case's file, once. The case is locked."""
    ready = rows.fetched(context.connection, partner, message_id)
    if not ready:
        return
    name = partners.get(context.connection, partner)
    records.add_documents(context.connection, [{
        "case_id": case.id, "id": context.new_id(), "category": "attachment", "title": row.name, "name": row.name,
        "role": "", "number": None, "sha256": row.sha256, "element": None,
        "issuing_authority": name.name if name is not None else partner, "handled_by": None, "added_by": partner,
        "added_at": context.now, "internal": True} for row in ready])
    for row in ready:
        rows.update(context.connection, row, state="filed")
    context.filed += [row.sha256 for row in ready]


def _row(context: Context, partner: str, message_id: str, position: int) -> dict[str, Any]:
    return {"partner": partner, "message_id": message_id, "position": position, "attempts": 0,
            "next_at": context.now, "detail": None, "fetched_at": None}
