"""What somebody has begun to fill in: the text as it was, of its files those that are still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain import forms
from engine.domain.actors import Actor
from engine.store import queries, start_drafts
from engine.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Draft:
    """``lost``: names of files that were chosen and have been swept since: they are to be chosen again."""

    values: Mapping[str, Any]
    saved_at: datetime
    lost: tuple[str, ...] = ()


class StartDrafts:
    """One's own start forms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, actor: Actor) -> dict[str, datetime]:
        """Process → when its start form was last kept."""
        with self._database.reading() as connection:
            return start_drafts.of_user(connection, actor.id)

    def get(self, actor: Actor, process_id: str) -> Draft | None:
        with self._database.reading() as connection:
            row = start_drafts.get(connection, actor.id, process_id)
            return draft(connection, actor, row) if row is not None else None


def draft(connection: Connection, actor: Actor, row: Any) -> Draft:
    """``row``: of a draft, of whatever kind."""
    lost = {str(file["sha256"]): str(file.get("name", "")) for _, file in forms.files(row.form_values)
            if queries.file(connection, actor, str(file["sha256"])) is None}
    return Draft(_without(row.form_values, lost), row.saved_at, tuple(lost.values()))


def _without(value: Any, lost: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(item, lost) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, lost) for item in value
                if not (isinstance(item, Mapping) and item.get("sha256") in lost)]
    return value
