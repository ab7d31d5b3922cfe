"""What the calendar does to files: unpublished applications become public, files past their time are destroyed. And
what was decided on master keys is done, should a process have died over it."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.domain.actors import SYSTEM
from engine.errors import KapokError
from engine.services.proof.retention import BATCH, KeepFiles
from engine.services.proof.rotation import RotationFailed, WrapAnew
from engine.services.runner import Runner

REST = timedelta(hours=1)
_log = structlog.get_logger(__name__)


class Keeper:
    name = "keeper"

    def __init__(self, runner: Runner, rest: timedelta = REST) -> None:
        self._runner = runner
        self._rest = rest

    def poll(self) -> timedelta:
        self._rotate()
        done = self._runner.run(KeepFiles(), SYSTEM)
        for kind, found in done.items():
            if found:
                _log.info(kind, cases=len(found))
        return timedelta(0) if max(map(len, done.values())) >= BATCH else self._rest

    def _rotate(self) -> None:
        """A failure is put on record, for whoever allowed it believes it done; the files are kept all the same."""
        try:
            self._runner.run(WrapAnew(), SYSTEM)
        except (KapokError, OSError) as error:
            _log.warning("keys_not_rotated", error=str(error))
            self._runner.run(RotationFailed(repr(error)), SYSTEM)
