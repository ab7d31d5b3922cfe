"""What every shelf can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

from engine.errors import KapokError

CHUNK = 1 << 20


class StorageDown(KapokError):
    """Expected the storage of files to {action}, but it did not: {reason}. Nothing was kept half."""

    code = "storage_down"


class Shelf(Protocol):
    """Contents by name; names have ``/`` in them. Whatever the storage itself fails with is ``StorageDown``."""

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Whole or not at all, in place of what was there."""

    def open(self, name: str) -> BinaryIO:
        """To be read once, from the beginning. Raises ``FileNotFoundError``."""

    def exists(self, name: str) -> bool: ...

    def remove(self, name: str) -> None:
        """Also what is not there."""

    def names(self, under: str = "") -> Iterator[str]:
        """All that begin with ``under``, in order."""
