"""Claim → work → rest. APScheduler with a memory job store only ticks; a tick that is missed is no loss, because due
rows are still there at the next one.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import Clock

_log = structlog.get_logger(__name__)


class Poller(Protocol):
    """One kind of background work."""

    name: str

    def poll(self) -> timedelta:
        """Do what is due now, in bounded batches. Returns how long to rest before the next poll."""


class Loop:
    """Runs pollers until it is stopped; ``drain`` on stop lets each finish the batch it is in."""

    def __init__(self, pollers: Sequence[Poller], clock: Clock) -> None:
        self._pollers = pollers
        self._clock = clock
        self._stopped = threading.Event()
        self._scheduling = threading.Lock()
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})

    def start(self) -> None:
        for poller in self._pollers:
            self._schedule(poller, timedelta(0))
        self._scheduler.start()

    def stop(self) -> None:
        """No new batch is begun; returns when those under way are done.

        The scheduler holds its own lock while it waits for them, so none of them may be about to schedule itself then.
        """
        with self._scheduling:
            self._stopped.set()
        self._scheduler.shutdown(wait=True)

    def _schedule(self, poller: Poller, rest: timedelta) -> None:
        with self._scheduling:
            if not self._stopped.is_set():
                self._scheduler.add_job(self._tick, "date", args=[poller], id=poller.name, replace_existing=True,
                                        run_date=self._clock.now() + rest)

    def _tick(self, poller: Poller) -> None:
        rest = timedelta(seconds=5)
        try:
            rest = poller.poll()
        except Exception:  # a poller that fails once must not be the last of its kind
            _log.exception("poll_failed", poller=poller.name)
        if not self._stopped.is_set():
            self._schedule(poller, rest)


def run_until_idle(pollers: Sequence[Poller], rounds: int = 1_000) -> None:
    """Poll in turn until nobody has anything to do at this instant; for tests, scenarios and sandbox runs."""
    for _ in range(rounds):
        if all(poller.poll() > timedelta(0) for poller in pollers):
            return
