"""Backups: one zip of all rows of one instant and all files, as they are kept. The master keys are not in it: whoever
finds a backup reads nothing, and whoever restores one needs the key file of its time.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from engine.errors import InvalidInput, Phrase
from engine.services.proof.keys import KeyRing
from engine.services.shelves.shelf import Shelf
from engine.store import keys, snapshots
from engine.store.database import Database

FORMAT = "kapok-backup-1"
CHUNK = 1 << 20
FILES = "files/"
_PLACE = re.compile(r"files/(?:keys/)?[0-9a-f]{2}/[0-9a-f]{16,64}")


def write(database: Database, shelf: Shelf, now: datetime, out: IO[bytes]) -> dict[str, Any]:
    """Write a backup; the files are on the shelf. Answers its manifest.

    Files are read after the rows: a file is there before any row names it, and none that a case names is ever removed.
    """
    hashes: dict[str, str] = {}
    counts: dict[str, int] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with database.reading() as connection:
            revision = snapshots.revision(connection)
            masters = sorted({row.master for row in keys.everything(connection)})
            for name in snapshots.TABLES:
                rows = (json.dumps(row, ensure_ascii=False).encode() + b"\n"
                        for row in snapshots.rows_of(connection, name))
                path = f"tables/{name}.jsonl"
                counts[name], hashes[path] = _member(archive, path, rows)
        for place in shelf.names():
            hashes[FILES + place] = _member(archive, FILES + place, _chunks(shelf, place))[1]
        manifest = {"format": FORMAT, "made_at": now.isoformat(), "revision": revision, "masters": masters,
                    "tables": {name: {"rows": counts[name], "columns": snapshots.columns_of(name)}
                               for name in snapshots.TABLES}, "sha256": hashes}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return manifest


def _member(archive: zipfile.ZipFile, name: str, pieces: Iterator[bytes]) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
            count += 1
    return count, digest.hexdigest()


def _chunks(shelf: Shelf, place: str) -> Iterator[bytes]:
    with shelf.open(place) as file:
        yield from _read(file)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def read_in(database: Database, shelf: Shelf, ring: KeyRing, source: Path) -> dict[str, Any]:
    """Restore into an empty database and onto an empty shelf; all or nothing of the rows. Answers the manifest.

    Raises ``InvalidInput`` for what is no whole backup of this version, ``KeyMissing`` without its master keys.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _checked(archive, source.name)
            _require_fit(database, shelf, ring, manifest)
            _files(archive, shelf, manifest)
            with database.writing() as connection:
                for name, table in manifest["tables"].items():
                    with archive.open(f"tables/{name}.jsonl") as rows:
                        snapshots.insert(connection, name, table["columns"], map(json.loads, rows))
    except (zipfile.BadZipFile, KeyError) as error:
        raise InvalidInput(expected="a backup of Kapok", found=str(error), where=source.name) from error
    return manifest


def _checked(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest["format"] != FORMAT:
        raise InvalidInput(expected=FORMAT, found=manifest["format"], where=where)
    for name, expected in manifest["sha256"].items():
        with archive.open(name) as member:
            digest = hashlib.sha256()
            while chunk := member.read(CHUNK):
                digest.update(chunk)
            if digest.hexdigest() != expected:
                raise InvalidInput(expected="content as the manifest says", found="another", where=name)
    return manifest


def _require_fit(database: Database, shelf: Shelf, ring: KeyRing, manifest: dict[str, Any]) -> None:
    with database.reading() as connection:
        revision, filled = snapshots.revision(connection), snapshots.filled(connection)
    if revision != manifest["revision"]:
        raise InvalidInput(expected=Phrase("a backup of schema {revision}", revision=revision),
                           found=manifest["revision"], where="revision")
    if filled:
        raise InvalidInput(expected="an empty database", found=f"rows in {', '.join(filled[:3])}", where="database")
    if next(shelf.names(), None) is not None:
        raise InvalidInput(expected="an empty storage of files", found="files", where="files")
    ring.require(manifest["masters"])


def _files(archive: zipfile.ZipFile, shelf: Shelf, manifest: dict[str, Any]) -> None:
    for name in manifest["sha256"]:
        if not name.startswith(FILES):
            continue
        if _PLACE.fullmatch(name) is None:
            raise InvalidInput(expected="a path below files/", found=name, where="manifest")
        with archive.open(name) as member:
            shelf.put(name.removeprefix(FILES), _read(member))
