"""How long to leave alone what has just failed: a second, doubled with each failure in a row, at most five minutes.

Kept in memory: after a restart everything due is tried once more, which harms nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=5)


@dataclass(slots=True)
class Patience:
    """Failures by the key of the row; ``len`` is how many rows are out of favour."""

    _failures: dict[Hashable, tuple[int, datetime]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._failures)

    def allows(self, key: Hashable, now: datetime) -> bool:
        return key not in self._failures or now >= self._failures[key][1]

    def failed(self, key: Hashable, now: datetime) -> int:
        """Note a failure. Returns how many there were in a row."""
        count = self._failures.get(key, (0, now))[0] + 1
        self._failures[key] = count, now + min(FIRST * (1 << min(count - 1, 16)), LONGEST)
        return count

    def forget(self, key: Hashable) -> None:
        self._failures.pop(key, None)
