"""A folder of this machine, or one that all nodes have mounted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.services.shelves.shelf import StorageDown

STAGING = "staging-"
"""How the names of files begin that are being written."""


class FolderShelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        target = self.path(name)
        with _told("keep a file"):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=STAGING)
            try:
                with os.fdopen(handle, "wb") as out:
                    for piece in pieces:
                        out.write(piece)
                    out.flush()
                    os.fsync(out.fileno())
                Path(temporary).replace(target)
            finally:
                Path(temporary).unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        with _told("give a file"):
            return self.path(name).open("rb")

    def exists(self, name: str) -> bool:
        return self.path(name).is_file()

    def remove(self, name: str) -> None:
        with _told("remove a file"):
            self.path(name).unlink(missing_ok=True)

    def names(self, under: str = "") -> Iterator[str]:
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if name.startswith(under) and not path.name.startswith(STAGING) and path.is_file():
                yield name


@contextmanager
def _told(action: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageDown(action=action, reason=error.strerror or str(error)) from error
