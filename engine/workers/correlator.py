"""Tells receivers of pending matches again: what a crash left between a message's transaction and its receiver's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.commands import StartByEvent
from engine.services import steps
from engine.services.runner import Runner
from engine.store import definitions, messages
from engine.store.database import Database

BATCH = 100
_log = structlog.get_logger(__name__)


class Correlator:
    name = "correlator"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest

    def poll(self) -> timedelta:
        with self._database.reading() as connection:
            pending = [match for match in messages.pending(connection, BATCH)
                       if self._clock.now() - match.matched_at >= self._rest]
            commands = [command for match in pending if (command := self._command(connection, match)) is not None]
        for command in commands:
            try:
                self._runner.run(command, SYSTEM)
            except Exception as error:  # stays pending; a suspended or locked case is told later
                _log.warning("delivery_failed", command=type(command).__name__, error=str(error))
        return self._rest

    def _command(self, connection: sa.Connection, match: sa.Row[Any]) -> Any:
        if match.kind != "start":
            return steps.follow_up(match)
        message = messages.get(connection, match.message_id)
        start = definitions.start_of(connection, match.process.removeprefix("start:"), message.name) if message else None
        if message is None or start is None:
            return None
        return StartByEvent(start.definition_key, start.element, message.variables, message.id, message.key,
                            message.legal_on)
