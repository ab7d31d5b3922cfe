"""What the pollers that find due rows and carry them out one by one stand on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import timedelta

from engine.clock import Clock
from engine.services.runner import Runner
from engine.store.database import Database
from engine.workers.patience import Patience


class Poller:
    """``rest``: how long to leave the table alone when nothing was due."""

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest
        self._patience = Patience()

    def _attempt(self, key: Hashable, act: Callable[[], object], failed: Callable[[int, Exception], None]) -> bool:
        """Whether it succeeded. One poisoned row spoils nothing else: it stays due, and is tried ever more rarely.

        ``failed`` is told how often in a row it has failed, and why.
        """
        try:
            act()
        except Exception as error:
            failed(self._patience.failed(key, self._clock.now()), error)
            return False
        self._patience.forget(key)
        return True
