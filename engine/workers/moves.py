"""Carries out bulk moves of deadlines, batch by batch: loaded calendars, shifts under an announcement."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.deadline_commands import ContinueMove
from engine.services.runner import Runner
from engine.store import moves
from engine.store.database import Database


class MovePoller:
    name = "moves"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._rest = rest

    def poll(self) -> timedelta:
        """One batch of the oldest move. Two nodes share a move by turns: its row is locked, each batch begins where the
        last one ended."""
        with self._database.reading() as connection:
            ahead = moves.unfinished(connection)
        if not ahead:
            return self._rest
        self._runner.run(ContinueMove(ahead[0]), SYSTEM)
        return timedelta(0)
