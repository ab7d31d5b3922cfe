"""Evidence (证据): its source, the time and hash of its receipt, and whether somebody has seen the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.domain.paper_commands import AddEvidence, MarkOriginalSeen
from engine.domain.papers import SOURCES
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import trail
from engine.services.context import Context, Outcome
from engine.services.inputs import one_of, required
from engine.services.papers.rooms import case_for, file_document, own_file
from engine.store import papers as rows


@dataclass(frozen=True, slots=True)
class KeepStamp:
    """Internal command: what a timestamp authority answered about a piece of evidence (RFC 3161 TimeStampResp, DER)."""

    case_id: str
    document: str
    authority: str
    token: bytes


def add(context: Context, command: AddEvidence) -> Outcome:
    """Answers ``{"documents": […]}``, one for each file. The hash was taken as the file came in; the audit entry of
    this command chains it, and a worker has it countersigned by the timestamp authority, if there is one."""
    case = case_for(context, command.case_id, "evidence.add")
    title, source = required(command.title, "title", 200), one_of(command.source, SOURCES, "source")
    if not command.files:
        raise InvalidInput(expected="at least one file", found="none", where="files")
    seen: dict[str, Any] = {"seen_by": None, "seen_at": None}
    if command.original_seen:
        seen = {"seen_by": context.actor.id, "seen_at": context.now}
    keys = []
    for number, file in enumerate(command.files, 1):
        own_file(context, file)
        named = title if len(command.files) == 1 else f"{title}（{number}）"
        keys.append(file_document(context, case, category="evidence", title=named, name=file.name, sha256=file.sha256,
                                  internal=False))
    rows.add_evidence(context.connection, [{"case_id": case.id, "document": key, "source": source, "authority": None,
                                            "token": None, **seen} for key in keys])
    trail.note(context, case, "evidence:added", {
        "title": title, "source": source, "files": [file.sha256 for file in command.files],
        "original_seen": command.original_seen})
    return {"case_id": case.id, "documents": keys}


def mark_original_seen(context: Context, command: MarkOriginalSeen) -> Outcome:
    """核对原件: once, by name."""
    case = case_for(context, command.case_id, "evidence.add")
    found = rows.document(context.connection, case.id, command.document)
    if found is None or found.category != "evidence":
        raise NotFound(noun="evidence", key=command.document)
    if not rows.mark_seen(context.connection, case.id, command.document, context.actor.id, context.now):
        raise Conflict(action="mark", noun="evidence", key=command.document, state="already compared with its original")
    trail.note(context, case, "evidence:original_seen", {"title": found.title, "sha256": found.sha256})
    return {"case_id": case.id, "document": command.document}


def keep_stamp(context: Context, command: KeepStamp) -> Outcome:
    """Once: the first is the earliest, and stays."""
    kept = rows.keep_stamp(context.connection, command.case_id, command.document, command.authority, command.token)
    return {"kept": kept}
