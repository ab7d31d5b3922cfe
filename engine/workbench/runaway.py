"""When a model moves without end: repeated timers and loops of tasks become an incident, as too long a step does."""

from __future__ import annotations

from collections.abc import Callable

MOST_MOVES = 10_000
"""Moves without the script after which a model counts as a runaway."""
MOST_REPEATS = 400
"""Moves in a row that lead to nothing new. A year of days may pass before a model that only repeats is a runaway."""
MOST_CASES = 200
"""Open cases that a model may start by itself."""


class Runaway:
    """Counts moves. ``element``: what the last move was about."""

    def __init__(self) -> None:
        self.element = ""
        self._moves = self._repeats = 0
        self._seen: set[int] = set()
        self._caught = False

    def caught(self, frontier: Callable[[], tuple[int, int]]) -> bool:
        """Whether there were too many moves; asked before each."""
        cases, digest = frontier()
        self._moves += 1
        self._repeats = self._repeats + 1 if digest in self._seen else 0
        self._seen.add(digest)
        self._caught = self._moves > MOST_MOVES or self._repeats > MOST_REPEATS or cases > MOST_CASES
        return self._caught

    def incidents(self) -> list[dict[str, str]]:
        if not self._caught:
            return []
        return [{"element": self.element, "code": "step_limit",
                 "message": f"Expected the model to come to an end or to a rest, but '{self.element}' goes on without "
                            f"end; {self._moves - 1} moves were made"}]
