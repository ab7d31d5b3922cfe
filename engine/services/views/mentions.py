"""Whom a note in a case can call by ``@``: colleagues who see the case, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.actors import Actor
from engine.domain.permissions import is_staff
from engine.errors import NotFound
from engine.services.desk.comments import MENTION, is_told
from engine.store import queries, users
from engine.store.database import Database

SHOWN, LOOKED_AT = 8, 60


@dataclass(frozen=True, slots=True)
class Colleague:
    """``mention``: what is written behind the ``@``: the name, where it is one person's alone."""

    mention: str
    id: str
    name: str


class Mentions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, actor: Actor, case: str, text: str) -> list[Colleague]:
        """At most ``SHOWN`` whose name or account holds the text. A case that the actor does not see as one of the
        house is not there."""
        wanted = text.strip().casefold()
        with self._database.reading() as connection:
            row = queries.case(connection, actor, case) if is_staff(actor) else None
            if row is None:
                raise NotFound(noun="case", key=case)
            everybody = users.all_users(connection)
            names = [one.name for one in everybody]
            found = [one for one in everybody if one.id != actor.id and one.kind == "person" and (
                wanted in one.name.casefold() or wanted in one.id.casefold())]
            found.sort(key=lambda one: (not one.name.casefold().startswith(wanted), one.name))
            there = (one for one in found[:LOOKED_AT] if is_told(connection, row.id, one))
            shown = [one for one, _ in zip(there, range(SHOWN), strict=False)]
        return [Colleague(one.name if names.count(one.name) == 1 and MENTION.fullmatch(f"@{one.name}") else one.id,
                          one.id, one.name) for one in shown]
