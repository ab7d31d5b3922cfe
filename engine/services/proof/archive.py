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
from engine.domain.permissions import may
from engine.errors import NotFound
from engine.services.context import Parts
from engine.services.people import approvals
from engine.services.proof import bundles, watermarks
from engine.services.runner import Runner
from engine.services.views.models import FileView, Page
from engine.store import queries, trails
from engine.store.database import Connection, Database
from engine.store.schema import decode_json

CONFIDENTIAL = frozenset({"L2", "L3"})
"""Levels whose views are logged (DOMAIN §5.4)."""


PAGE = 50


@dataclass(frozen=True, slots=True)
class Check:
    """The last check of the trail, and how many chains were broken."""

    at: datetime
    broken: int


@dataclass(frozen=True, slots=True)
class TrailView:
    """``anchor``, ``stamp``: rows of the newest; None when there is none."""

    anchor: Any
    stamp: Any
    check: Check | None
    page: Page


def _day(text: str) -> datetime | None:
    """The beginning of a day in Beijing; None for what is none."""
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        return None


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
        view = FileView(row.name, row.media, row.size, partial(self._parts.files.open, sha256))
        if level in CONFIDENTIAL or actor.opened:
            self._runner.audit_access(actor, "ViewFile", {"sha256": sha256, "case": case_id, "level": level})
        if level != "L3":
            return view
        content = watermarks.stamp(self._parts.files.read(sha256), row.media, actor, self._clock.now())
        return replace(view, size=len(content), open=partial(bundles.stream_of, content))

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
        """Write all chains and anchors, for whoever may look at the audit trail."""
        if not may(actor, "audit.see"):
            raise NotFound(noun="audit trail", key="")
        with self._database.reading() as connection:
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
        pages = page + 1 if len(rows) > PAGE else page
        checked = None if check is None else Check(check.at, decode_json(check.entry)["detail"]["broken"])
        return TrailView(anchor, stamp, checked, Page(rows[:PAGE], len(rows), page, pages, {}))

    def _may_export(self, connection: Connection, actor: Actor, case: Any) -> bool:
        """By right, and once somebody else has granted it for this case."""
        if actor.kind is ActorKind.SYSTEM:
            return True
        alone = not self._parts.two_persons
        scopes = {case.id, case.case_no} - {None}
        return may(actor, "evidence.export") and case.sees_whole and (alone or any(
            approvals.granted(connection, actor, "export", scope, self._clock.now()) for scope in scopes))
