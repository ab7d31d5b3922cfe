"""Has the newest anchor and each piece of evidence countersigned by a timestamp authority (RFC 3161), so that not even
whoever owns the database can write the trail anew unnoticed, and anybody can tell that a file was there by then."""

from __future__ import annotations

from datetime import timedelta

import httpx
import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.services.papers.evidence import KeepStamp
from engine.services.proof.anchors import KeepTimestamp
from engine.services.proof.timestamps import Authority, of_anchor, of_file
from engine.services.runner import Runner
from engine.store import anchors, papers
from engine.store.database import Database
from engine.workers.patience import Patience

REST = timedelta(minutes=1)
BATCH = 20
TIMEOUT, LARGEST = 15.0, 256 * 1024
_log = structlog.get_logger(__name__)


class Witness:
    name = "witness"

    def __init__(self, runner: Runner, database: Database, clock: Clock, authority: Authority, evidence: bool = True,
                 transport: httpx.BaseTransport | None = None, rest: timedelta = REST) -> None:
        """``evidence``: it is stamped too, and not only the trail."""
        self._runner = runner
        self._database = database
        self._clock = clock
        self._authority = authority
        self._evidence = evidence
        self._transport = transport
        self._rest = rest
        self._patience = Patience()

    def poll(self) -> timedelta:
        """Only the newest anchor needs it: it stands for all before it. Evidence needs it piece by piece."""
        now = self._clock.now()
        if not self._patience.allows("authority", now):
            return self._rest
        with self._database.reading() as connection:
            anchor = anchors.unsigned(connection)
            evidence = papers.unstamped(connection, BATCH) if self._evidence else ()
        try:
            if anchor is not None:
                token = self._ask(of_anchor(anchor.hash))
                self._runner.run(KeepTimestamp(anchor.seq, self._authority.url, token), SYSTEM)
            for row in evidence:
                token = self._ask(of_file(row.sha256))
                self._runner.run(KeepStamp(row.case_id, row.document, self._authority.url, token), SYSTEM)
            self._patience.forget("authority")
        except Exception as error:  # the next anchor will stand for this one too, and evidence waits for its stamp
            attempts = self._patience.failed("authority", now)
            _log.warning("not_countersigned", attempts=attempts, error=str(error))
            return self._rest
        return timedelta(0) if len(evidence) == BATCH else self._rest

    def _ask(self, imprint: bytes) -> bytes:
        """A token that has been checked. Raises what httpx does, or ``InvalidInput``."""
        query, check = self._authority.request(imprint)
        with httpx.Client(transport=self._transport, timeout=TIMEOUT, follow_redirects=False) as client:
            answer = client.post(self._authority.url, content=query,
                                 headers={"Content-Type": "application/timestamp-query"})
        answer.raise_for_status()
        token = answer.content[:LARGEST]
        check(token)
        return token
