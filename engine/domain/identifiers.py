"""Where ids come from: UUIDv7 (RFC 9562 §5.7), from an injected source, so that the same commands at the same virtual
times give the same history, ids included.
"""

from __future__ import annotations

import random
import secrets
from datetime import datetime
from typing import Protocol
from uuid import UUID


class IdSource(Protocol):
    def new(self, at: datetime) -> str:
        """A fresh UUIDv7 text whose leading 48 bits are the milliseconds of ``at``."""


def _uuid7(at: datetime, noise: int) -> str:
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    high, low = (noise >> 62) & 0xFFF, noise & ((1 << 62) - 1)
    return str(UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low))


class RandomIds:
    """Ids of production: 74 bits of the system's randomness."""

    def new(self, at: datetime) -> str:
        return _uuid7(at, secrets.randbits(74))


class SeededIds:
    """Ids of tests, scenarios and replays: the same seed gives the same ids in the same order."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def new(self, at: datetime) -> str:
        return _uuid7(at, self._random.getrandbits(74))
