"""The reading room: what leaves the house as a file. Each view of a confidential file, and each refused one, is an
entry of the access chain; a bundle leaves only by right, and with a second person's leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any

from engine.clock import LOCAL_ZONE, Clock
from engine.domain.actors import Actor, ActorKind
from engine.domain.confidential import CONFIDENTIAL, UNPUBLISHED
from engine.domain.permissions import may
from engine.domain.plausible import is_plausible
from engine.errors import NotFound
from engine.services.context import Parts
from engine.services.people import approvals
from engine.services.proof import bundles, watermarks
from engine.services.runner import Runner
from engine.services.views.models import FileView, Page
from engine.store import queries, trails
from engine.store.database import Connection, Database
from engine.store.schema import decode_json

PAGE = 50
TRAIL = "audit"
"""What is asked for by who would export the audit trail."""


@dataclass(frozen=True, slots=True)
class Check:
    """The last check of the trail, and how many chains were broken."""

    at: datetime
    broken: int


@dataclass(frozen=True, slots=True)
class TrailView:
    """``anchor``, ``stamp``: rows of the newest; None when there is none. ``may_export``: somebody else has allowed it
    and the time is not over."""

    anchor: Any
    stamp: Any
    check: Check | None
    page: Page
    may_export: bool


def _day(text: str) -> datetime | None:
    """The beginning of a day in Beijing; None for what is none."""
    try:
        day = datetime.fromisoformat(text[:10]).replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        return None
    return day if is_plausible(day) else None


class Archive:
    """Wired by ``house``."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, runner: Runner) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._runner = runner

    def file(self, actor: Actor, sha256: str) -> FileView:
        """A file the actor may see; of an unpublished application stamped with who sees it and when, where its kind can
        be stamped. Raises ``NotFound``; both outcomes are on record when the file is, or may be, confidential."""
        with self._database.reading() as connection:
            row = queries.file(connection, actor, sha256)
            case = queries.case(connection, actor, row.case_id) if row is not None and row.case_id else None
        if row is None:
            self._runner.audit_access(actor, "ViewFile", {"sha256": sha256, "refused": NotFound.code})
            raise NotFound(noun="file", key=sha256)
        level, case_id = (case.level, case.id) if case is not None else ("", "")
        view = FileView(row.name, row.media, row.size, partial(self._parts.files.open, sha256), level)
        marked = None if level != UNPUBLISHED else watermarks.stamp(
            self._parts.files.read(sha256), row.media, actor, self._clock.now())
        if level in CONFIDENTIAL or actor.opened:
            said = {"marked": marked is not None} if level == UNPUBLISHED else {}
            self._runner.audit_access(actor, "ViewFile", {"sha256": sha256, "case": case_id, "level": level, **said})
        return view if marked is None else replace(view, size=len(marked), open=partial(bundles.stream_of, marked))

    def bundle(self, actor: Actor, key: str, out: IO[bytes]) -> str:
        """Write the evidence bundle of a case. Returns the digest of its manifest, which is on record.

        Raises ``NotFound`` for a case the actor may not see or not export.
        """
        with self._database.reading() as connection:
            case = queries.case(connection, actor, key)
            if case is None or not self._may_export(connection, actor, case):
                self._runner.audit_access(actor, "ExportBundle", {"case": key[:64], "refused": NotFound.code})
                raise NotFound(noun="case", key=key)
            digest = bundles.case_bundle(connection, actor, self._parts, case, self._clock.now(), out)
        self._runner.audit_access(actor, "ExportBundle", {"case": case.id, "level": case.level,
                                                          "manifest_sha256": digest})
        return digest

    def trail(self, actor: Actor, out: IO[bytes]) -> str:
        """Write all chains and anchors, for whoever may look at the audit trail and was allowed to by somebody else."""
        with self._database.reading() as connection:
            if not (may(actor, "audit.see") and self._is_open(connection, actor, TRAIL)):
                raise NotFound(noun="audit trail", key="")
            digest = bundles.trail_bundle(connection, actor, self._clock.now(), out)
        self._runner.audit_access(actor, "ExportTrail", {"manifest_sha256": digest})
        return digest

    def trail_view(self, actor: Actor, filters: Mapping[str, str], page: int) -> TrailView:
        """The audit trail for auditors: its standing and a page of entries. ``since`` and ``until`` of the filters are
        days, both included. Raises ``NotFound`` for anybody else."""
        if not may(actor, "audit.see"):
            raise NotFound(noun="audit trail", key="")
        since, until = _day(filters.get("since", "")), _day(filters.get("until", ""))
        after = until + timedelta(days=1) if until is not None else None
        with self._database.reading() as connection:
            anchor, stamp, check = trails.status(connection)
            rows = trails.entries(connection, filters, since, after, PAGE + 1, (page - 1) * PAGE)
            may_export = self._is_open(connection, actor, TRAIL)
        pages = page + 1 if len(rows) > PAGE else page
        checked = None if check is None else Check(check.at, decode_json(check.entry)["detail"]["broken"])
        return TrailView(anchor, stamp, checked, Page(rows[:PAGE], len(rows), page, pages, {}),
                         may_export)

    def _may_export(self, connection: Connection, actor: Actor, case: Any) -> bool:
        """By right, and once somebody else has granted it for this case."""
        scopes = {case.id, case.case_no} - {None}
        return actor.kind is ActorKind.SYSTEM or (
            may(actor, "evidence.export") and case.sees_whole and self._is_open(connection, actor, *scopes))

    def _is_open(self, connection: Connection, actor: Actor, *scopes: str) -> bool:
        """Whether an export is open to the actor now: at the shell, where one person is enough, or by a grant."""
        return actor.kind is ActorKind.SYSTEM or not self._parts.two_persons or any(
            approvals.granted(connection, actor, "export", scope, self._clock.now()) for scope in scopes)
