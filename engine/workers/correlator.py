"""Tells receivers of pending matches again: what a crash left between a message's transaction and its receiver's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from engine.domain.actors import SYSTEM
from engine.domain.commands import StartByEvent
from engine.errors import NotFound
from engine.services import steps
from engine.store import definitions, messages
from engine.store.database import Connection, Row
from engine.workers.poller import Poller

BATCH = 100
_log = structlog.get_logger(__name__)


class Correlator(Poller):
    name = "correlator"

    def poll(self) -> timedelta:
        """Tell one batch. What was matched a moment ago is left to the command that matched it."""
        now = self._clock.now()
        with self._database.reading() as connection:
            found = messages.pending(connection, BATCH + len(self._patience))
            due = [match for match in found if now - match.matched_at >= self._rest
                   and self._patience.allows(_key(match), now)]
            commands = [(match, self._command(connection, match)) for match in due]
        told = sum(self._tell(match, command) for match, command in commands)
        return timedelta(0) if told >= BATCH else self._rest

    def _tell(self, match: Row[Any], command: Any) -> bool:
        """Tell one; what fails stays pending, and a locked case is told later."""
        def tell() -> None:
            if command is None:
                raise NotFound(noun="start event", key=match.process)
            self._runner.run(command, SYSTEM)

        return self._attempt(_key(match), tell, lambda attempts, error: _log.warning(
            "delivery_failed", message=match.message_id, receiver=match.process, attempts=attempts, error=str(error)))

    def _command(self, connection: Connection, match: Row[Any]) -> Any:
        if match.kind != "start":
            return steps.follow_up(match)
        message = messages.get(connection, match.message_id)
        process_id, _, element = match.process.removeprefix("start:").partition(":")
        start = definitions.start_of(connection, process_id, message.name, element) if message else None
        if message is None or start is None:
            return None
        return StartByEvent(start.definition_key, start.element, message.variables, message.id, message.key,
                            message.legal_on)


def _key(match: Row[Any]) -> tuple[str, str]:
    return match.message_id, match.process
