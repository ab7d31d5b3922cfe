"""Waiting for a condition of another process: bounded, and as short as can be."""

import threading
from collections.abc import Callable
from typing import TypeVar

from engine.clock import SystemClock

Found = TypeVar("Found")
_PAUSE = threading.Event()
_CLOCK = SystemClock()


def wait_until(condition: Callable[[], Found], timeout: float = 10.0, what: str = "") -> Found:
    """The first true answer of ``condition``; ``AssertionError`` with its last answer after ``timeout`` seconds."""
    end = _CLOCK.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        assert _CLOCK.monotonic() < end, f"Expected {what or condition} within {timeout} s, but found {found!r}"
        _PAUSE.wait(0.05)


def stopwatch() -> Callable[[], float]:
    """Seconds since now."""
    start = _CLOCK.monotonic()
    return lambda: _CLOCK.monotonic() - start
