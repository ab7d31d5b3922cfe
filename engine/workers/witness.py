"""Has the newest anchor countersigned by a timestamp authority (RFC 3161), so that not even whoever owns the database
can write the trail anew unnoticed."""

from __future__ import annotations

from datetime import timedelta

import httpx
import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.services.proof.anchors import KeepTimestamp
from engine.services.proof.timestamps import Authority
from engine.services.runner import Runner
from engine.store import anchors
from engine.store.database import Database
from engine.workers.patience import Patience

REST = timedelta(minutes=1)
TIMEOUT, LARGEST = 15.0, 256 * 1024
_log = structlog.get_logger(__name__)


class Witness:
    name = "witness"

    def __init__(self, runner: Runner, database: Database, clock: Clock, authority: Authority,
                 transport: httpx.BaseTransport | None = None, rest: timedelta = REST) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._authority = authority
        self._transport = transport
        self._rest = rest
        self._patience = Patience()

    def poll(self) -> timedelta:
        """Only the newest anchor needs it: it stands for all before it."""
        now = self._clock.now()
        with self._database.reading() as connection:
            anchor = anchors.unsigned(connection)
        if anchor is None or not self._patience.allows("authority", now):
            return self._rest
        try:
            token = self._ask(anchor.hash)
            self._runner.run(KeepTimestamp(anchor.seq, self._authority.url, token), SYSTEM)
            self._patience.forget("authority")
        except Exception as error:  # the next anchor will stand for this one too
            attempts = self._patience.failed("authority", now)
            _log.warning("not_countersigned", anchor=anchor.seq, attempts=attempts, error=str(error))
        return self._rest

    def _ask(self, digest: str) -> bytes:
        """A token that has been checked. Raises what httpx does, or ``InvalidInput``."""
        query, check = self._authority.request(digest)
        with httpx.Client(transport=self._transport, timeout=TIMEOUT, follow_redirects=False) as client:
            answer = client.post(self._authority.url, content=query,
                                 headers={"Content-Type": "application/timestamp-query"})
        answer.raise_for_status()
        token = answer.content[:LARGEST]
        check(token)
        return token
