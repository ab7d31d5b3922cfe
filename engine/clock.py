"""Who owns time: the only place that asks the system what time it is. Everyone else is handed a ``Clock``."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
"""Legal days are days of Beijing time (民法典 200–204 are applied there)."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; for measuring, never for deciding legal time."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class VirtualClock:
    """A clock that a test, a scenario or a sandbox run moves by hand. It never goes backwards."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def advance(self, by: timedelta) -> None:
        self.move_to(self._now + by)

    def move_to(self, instant: datetime) -> None:
        if instant < self._now:
            raise ValueError(f"expected an instant not before {self._now.isoformat()}, but found {instant.isoformat()}")
        self._now = instant.astimezone(UTC)


def local_date(instant: datetime) -> date:
    """The legal day (Asia/Shanghai) on which an aware instant falls."""
    return instant.astimezone(LOCAL_ZONE).date()
