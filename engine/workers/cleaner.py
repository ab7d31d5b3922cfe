"""Sweeps what nobody needs any more, every ten minutes, in bounded batches."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.domain.actors import SYSTEM
from engine.services.cleaner import Sweep
from engine.services.runner import Runner

REST = timedelta(minutes=10)
_log = structlog.get_logger(__name__)


class Cleaner:
    name = "cleaner"

    def __init__(self, runner: Runner, rest: timedelta = REST) -> None:
        self._runner = runner
        self._rest = rest

    def poll(self) -> timedelta:
        sweep = Sweep()
        swept = self._runner.run(sweep, SYSTEM)
        if any(swept.values()):
            _log.info("swept", **swept)
        return timedelta(0) if max(swept.values()) >= sweep.limit else self._rest
