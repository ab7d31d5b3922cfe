"""Receipts (回执): what somebody handed in, when, and the hashes by which it can be proved that it was.

A receipt is an entry of the case's own chain; its number is the case's with the place in the chain, its check value the
entry's hash. Nothing is kept beside it, so it says what the chain says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.definition.model import Definition
from engine.domain.actors import Actor
from engine.errors import NotFound
from engine.services.definitions import Definitions
from engine.services.views.witness import Witness, note
from engine.store import queries, trails
from engine.store.database import Connection, Database

SUBMISSIONS = ("StartCase", "AnswerWait", "CompleteUserTask")
"""Commands by which somebody hands something in."""
_ACTS = frozenset({"startEvent", "userTask", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


@dataclass(frozen=True, slots=True)
class Filed:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """``name``: what was handed in, as the diagram calls it; ``digest``: the check value."""

    case_id: str
    case_no: str | None
    title: str
    level: str
    seq: int
    number: str
    name: str
    by: str
    at: datetime
    files: Sequence[Filed]
    digest: str


class Receipts:
    """Wired by ``house``. Everybody sees the own ones."""

    def __init__(self, database: Database, definitions: Definitions, witness: Witness,
                 words: Callable[[Connection], Mapping[str, str]]) -> None:
        """``words``: of models, in the reader's language."""
        self._database = database
        self._definitions = definitions
        self._witness = witness
        self._words = words

    def one(self, actor: Actor, key: str, seq: int) -> Receipt:
        """Raises ``NotFound`` for what the actor does not see, or has not handed in."""
        with self._database.reading() as connection:
            case = queries.case(connection, actor, key)
            rows = trails.own_entries(connection, [case.id], actor.id, SUBMISSIONS, seq) if case is not None else ()
            found = self._receipts(connection, actor, case, rows)[0] if rows else None
        note(self._witness, actor, "ViewReceipt", key, case if found is not None else None)
        if found is None:
            raise NotFound(noun="receipt", key=f"{key}-{seq}")
        return found

    def listed(self, actor: Actor, key: str) -> list[Receipt]:
        """What the actor has handed in to one case, the last first."""
        with self._database.reading() as connection:
            case = queries.case(connection, actor, key)
            if case is None:
                return []
            return self._receipts(connection, actor, case, trails.own_entries(
                connection, [case.id], actor.id, SUBMISSIONS))

    def _receipts(self, connection: Connection, actor: Actor, case: Any, rows: Sequence[Any]) -> list[Receipt]:
        definition = self._definitions.get(connection, case.definition_key)
        told = queries.history_of(connection, case.id)
        own = [item for item in queries.documents_of(connection, actor, case.id)
               if item.added_by == actor.id and item.category != "document"]
        by, found = queries.user_names(connection, [actor.id]).get(actor.id, actor.id), []
        words = self._words(connection)
        for row in rows:
            entry = json.loads(row.entry)
            name = _name(definition, entry, told)
            files = {item.sha256: Filed(item.name, item.size or 0, item.sha256)
                     for item in own if item.sha256 in entry.get("files", ())}
            found.append(Receipt(
                case.id, case.case_no, case.title or "", case.level, row.seq,
                f"{case.case_no or case.id}-{row.seq:04d}", words.get(name, name), by, row.at,
                tuple(files.values()), row.hash))
        return found


def _name(definition: Definition, entry: Any, told: Iterable[Any]) -> str:
    """What the diagram calls the element that was answered."""
    first, last = entry.get("history") or (1, 0)
    inside = [row for row in told if first <= row.seq <= last and row.kind == "completed" and row.type in _ACTS]
    for row in sorted(inside, key=lambda item: item.seq):
        element = definition.processes[row.process].elements.get(row.element) if row.process else None
        if element is not None:
            return str(element.properties.get("action") or element.name or element.id)
    return definition.root.name
