"""When to try a delivery again, and when to stop bothering an endpoint. Pure.

    circuit:  closed --5 failures in a row--> open --cool-down over--> half_open --success--> closed
                                               ^------------- failure, cool-down doubled -------'

The schedule is the one published by Svix and Standard Webhooks senders, stretched over three days, with full jitter
(any moment up to the scheduled delay), so that an endpoint that comes back is not hit by everyone at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol

SCHEDULE: Sequence[timedelta] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MAX_RETRY_AFTER = timedelta(hours=24)
TRIP_AFTER = 5
COOL_DOWN = timedelta(minutes=1)
MAX_COOL_DOWN = timedelta(hours=1)

_SECONDS = re.compile(r"[0-9]{1,9}")


class Random(Protocol):
    """What ``random.Random`` offers."""

    def uniform(self, a: float, b: float, /) -> float: ...


def next_attempt(
    attempt: int, now: datetime, rng: Random, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try again after the ``attempt``-th try (1, 2, …) failed at ``now``; None: dead letter.

    A ``retry_after`` that the receiver asked for is waited for, at most 24 h.
    """
    if attempt > len(SCHEDULE):
        return None
    jittered = timedelta(seconds=rng.uniform(0, SCHEDULE[attempt - 1].total_seconds()))
    return now + max(jittered, min(retry_after or timedelta(0), MAX_RETRY_AFTER))


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """``Retry-After`` in seconds or as an HTTP date (RFC 9110 10.2.3), from 0 to 24 h; None when it is neither."""
    if value is None or not value.isascii():
        return None
    if _SECONDS.fullmatch(value.strip()):
        wanted = timedelta(seconds=int(value))
    else:
        try:
            at = parsedate_to_datetime(value)
            wanted = at.replace(tzinfo=at.tzinfo or UTC) - now
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(wanted, timedelta(0)), MAX_RETRY_AFTER)


@dataclass(frozen=True)
class Circuit:
    """The state of one endpoint's breaker; each method returns the next state."""

    state: Literal["closed", "open", "half_open"] = "closed"
    failures: int = 0
    trips: int = 0
    until: datetime | None = None

    def ask(self, now: datetime) -> tuple["Circuit", bool]:
        """Whether a delivery may be tried at ``now``. Open and half-open let one probe through in each cool-down."""
        if self.until is None:
            return self, True
        if now < self.until:
            return self, False
        return replace(self, state="half_open", until=now + self.cool_down), True

    def succeeded(self) -> "Circuit":
        return Circuit()

    def failed(self, now: datetime) -> "Circuit":
        failures = self.failures + 1
        if self.state == "closed" and failures < TRIP_AFTER:
            return replace(self, failures=failures)
        tripped = replace(self, state="open", failures=failures, trips=self.trips + 1)
        return replace(tripped, until=now + tripped.cool_down)

    @property
    def cool_down(self) -> timedelta:
        """One minute, doubled with each trip in a row, at most one hour."""
        doublings = min(max(self.trips - 1, 0), 10)
        return min(COOL_DOWN * (1 << doublings), MAX_COOL_DOWN)
