"""How a task stands to somebody who has it open: still theirs to do, or who has it, did it or ended it, and when."""

from __future__ import annotations

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.errors import KapokError
from engine.services import user_tasks
from engine.services.context import Context, Parts
from engine.store.database import Database


class Standing:
    def __init__(self, database: Database, clock: Clock, parts: Parts) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts

    def of(self, actor: Actor, key: str) -> KapokError | None:
        """Why the actor could do nothing with a task now, as a command would be refused; None: nothing is in the way.
        To whom it was never offered it is not there."""
        with self._database.reading() as connection:
            context = Context(connection, self._database, self._clock.now(), actor, self._parts, "read")
            try:
                user_tasks.require_mine(context, key)
            except KapokError as error:
                return error
        return None
