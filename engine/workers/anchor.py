"""Anchors the heads of the audit chains, every minute in which something has happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.services.proof.anchors import MOST_HEADS, AnchorHeads
from engine.services.runner import Runner

REST = timedelta(minutes=1)
MARGIN = timedelta(minutes=15)
"""An entry bears the time at which its command began; none takes longer than this to commit."""


class Anchorer:
    name = "anchor"

    def __init__(self, runner: Runner, clock: Clock, rest: timedelta = REST) -> None:
        self._runner = runner
        self._clock = clock
        self._rest = rest
        self._since: datetime | None = None

    def poll(self) -> timedelta:
        """The first poll of a process looks at all chains, later ones at those with a new entry."""
        began = self._clock.now()
        made = self._runner.run(AnchorHeads(self._since), SYSTEM)
        if made["heads"] >= MOST_HEADS:
            return timedelta(0)
        self._since = began - MARGIN
        return self._rest
