"""Fetches what messages refer to: through the partner's guarded transport, no longer than announced, and only if the
hash agrees; what is no kind of file that we take is refused."""

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO, cast

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.wire_commands import KeepAttachment
from engine.errors import InvalidInput
from engine.services.files import FileStore
from engine.services.runner import Runner
from engine.store import inbound_files, partners
from engine.store.database import Database
from engine.workers.dispatcher import TransportFor
from engine.workers.poller import Poller
from webhooks.attachments import Attachment, AttachmentError, fetch
from webhooks.retry import next_attempt

BATCH = 20
IN_MEMORY = 1 << 20
_log = structlog.get_logger(__name__)


class AttachmentPoller(Poller):
    name = "attachments"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta, transport_for: TransportFor,
                 store: FileStore) -> None:
        super().__init__(runner, database, clock, rest)
        self._transport_for = transport_for
        self._store = store
        self._random = random.Random()

    def poll(self) -> timedelta:
        """Fetch a batch, one after the other."""
        now = self._clock.now()
        with self._database.reading() as connection:
            due = inbound_files.due(connection, now, BATCH + len(self._patience))
            senders = {code: partners.get(connection, code) for code in {row.partner for row in due}}
        ready = [row for row in due if self._patience.allows(_key(row), now)][:BATCH]
        for row in ready:
            self._attempt(_key(row), partial(self._fetch, row, senders[row.partner]), partial(_not_recorded, row))
        return timedelta(0) if len(ready) == BATCH else self._rest

    def _fetch(self, row: Any, partner: Any) -> None:
        try:
            kept = self._stage(row, partner)
        except AttachmentError as error:
            self._failed(row, f"{error.code}: {error.message}", error.permanent)
        except InvalidInput as error:
            self._failed(row, f"kind: {error.message}", True)
        else:
            self._runner.run(KeepAttachment(row.partner, row.message_id, row.position, kept.sha256, kept.media,
                                            kept.size), SYSTEM)

    def _stage(self, row: Any, partner: Any) -> Any:
        """The bytes are unproven until ``fetch`` returns; only then they are stored, by their hash."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as content:
            fetch(Attachment.of(row.source), content, self._transport_for(partner), self._clock.now(),
                  self._store.limit)
            content.seek(0)
            return self._store.stage(cast(BinaryIO, content), row.name)

    def _failed(self, row: Any, detail: str, permanent: bool) -> None:
        again = None if permanent else next_attempt(row.attempts + 1, self._clock.now(), self._random)
        self._runner.run(KeepAttachment(row.partner, row.message_id, row.position, detail=detail, next_at=again),
                         SYSTEM)
        _log.info("attachment_failed", id=row.message_id, name=row.name, detail=detail, again=again is not None)


def _not_recorded(row: Any, attempts: int, error: Exception) -> None:
    _log.warning("attachment_not_recorded", id=row.message_id, attempts=attempts, error=str(error))


def _key(row: Any) -> tuple[str, str, int]:
    return row.partner, row.message_id, row.position
