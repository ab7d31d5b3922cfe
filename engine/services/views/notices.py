"""Notices as their reader sees them: one line each, in the reader's language; nobody sees another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.domain.actors import Actor
from engine.domain.notice_texts import said
from engine.services.views.models import Page
from engine.store import notices
from engine.store.database import Database

PAGE = 50


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """``about``: the public key of the deadline that it tells of."""

    key: str
    code: str
    text: str
    case_id: str | None
    case_no: str | None
    case_title: str
    about: str | None
    created_at: datetime
    read: bool


class Notices:
    """Wired by ``house``; ``language`` as for ``Views``."""

    def __init__(self, database: Database, language: Callable[[], str]) -> None:
        self._database = database
        self._language = language

    def unread(self, actor: Actor) -> int:
        with self._database.reading() as connection:
            return notices.unread(connection, actor.id)

    def contact(self, actor: Actor) -> tuple[str, bool]:
        """The actor's e-mail address or "", and whether there is a secret calendar address."""
        with self._database.reading() as connection:
            found = notices.contact(connection, actor.id)
        return (found.email or "", found.feed is not None) if found is not None else ("", False)

    def page(self, actor: Actor, page: int) -> Page:
        """The newest first."""
        with self._database.reading() as connection:
            total = notices.count(connection, actor.id)
            rows = notices.listed(connection, actor.id, PAGE, (page - 1) * PAGE)
        language = self._language()
        items = [NoticeRow(row.id, row.code, said(row.code, row.params, language), row.case_id, row.case_no,
                           row.title or "", row.about, row.created_at, row.read_at is not None) for row in rows]
        return Page(items, total, page, max(1, -(-total // PAGE)), {})
