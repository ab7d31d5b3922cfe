"""What nobody needs any more: uploads that no command referred to, messages that nobody waited for, answers kept for
repeated commands, drafts of tasks that are over. History, audit and what partners sent are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.services.context import Context, Outcome
from engine.services.people import approvals
from engine.store import cleaner as rows
from engine.store import records

STAGED_FOR = timedelta(hours=24)
COMMANDS_FOR = timedelta(days=30)
DRAFTS_FOR = timedelta(days=30)
"""After the end of their task."""
STARTS_FOR = timedelta(days=90)
"""After a start form was last touched."""
SESSIONS_FOR = timedelta(days=30)
"""After it was last seen; the audit trail keeps the sign-in."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Internal command: at most ``limit`` rows of each kind."""

    limit: int = 500


def sweep(context: Context, command: Sweep) -> Outcome:
    """Answers how many of each were swept: ``{"files", "messages", "commands", "drafts", "start_drafts",
    "requests", "sessions"}``; a request for approval is not deleted but closed."""
    return {
        "files": _files(context, command.limit),
        "messages": rows.delete_messages(context.connection, context.now, command.limit),
        "commands": rows.delete_commands(context.connection, context.now - COMMANDS_FOR, command.limit),
        "drafts": rows.delete_drafts(context.connection, context.now - DRAFTS_FOR, command.limit),
        "start_drafts": rows.delete_start_drafts(context.connection, context.now - STARTS_FOR, command.limit),
        "requests": approvals.expire(context, command.limit),
        "sessions": rows.delete_sessions(context.connection, context.now - SESSIONS_FOR, command.limit),
    }


def _files(context: Context, limit: int) -> int:
    """Row and content go while the row is locked, so that who uploads the same again waits, and then finds it gone."""
    before, count = context.now - STAGED_FOR, 0
    for sha256 in rows.stale_files(context.connection, before, limit):
        held = records.lock_file(context.connection, sha256)
        if held is None or held.staged_at >= before or rows.is_referred(context.connection, sha256):
            continue
        rows.delete_file(context.connection, sha256)
        context.parts.files.remove(sha256)
        count += 1
    return count
