"""Keys at rest: master keys in a file (or a setting) outside the database, data keys wrapped by them beside what they
seal. Changing the master key wraps the data keys anew and touches no content.

A key file has one line a key, ``<id> <algorithm> <base64>``; the last is the present one, older ones open what they
have wrapped (backups too), so a line is never taken out while something of its time is kept.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.domain.ciphers import AES, KEY_BYTES, NONCE, SM4, FieldCipher, Key, KeyMissing, new_key
from engine.errors import ConfigurationError
from engine.store import keys as rows
from engine.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by id; the last is the present one. ``path`` is None when they come from a setting."""

    keys: Mapping[str, Key]
    path: Path | None = None

    @property
    def present(self) -> Key:
        return list(self.keys.values())[-1]

    def wrap(self, key: Key) -> tuple[str, str]:
        """(id of the master key, the wrapped secret in base64)."""
        nonce = os.urandom(NONCE)
        return self.present.id, b64encode(nonce + self.present.encrypt(key.secret, _purpose(key), nonce)).decode()

    def require(self, masters: Iterable[str]) -> None:
        """Raises ``KeyMissing`` for the first master key that is not here."""
        for master in masters:
            if master not in self.keys:
                raise KeyMissing(key=master, where="the backup")

    def unwrap(self, key_id: str, algorithm: str, master: str, wrapped: str) -> Key:
        """Raises ``KeyMissing`` without the master key, ``SealBroken`` when it is another."""
        if master not in self.keys:
            raise KeyMissing(key=master, where=f"data key {key_id}")
        content, shell = b64decode(wrapped), Key(key_id, algorithm, b"")
        return Key(key_id, algorithm, self.keys[master].decrypt(content[NONCE:], _purpose(shell), content[:NONCE]))


def _purpose(key: Key) -> bytes:
    return f"data key {key.id} {key.algorithm}".encode()


def algorithm(national: bool) -> str:
    return SM4 if national else AES


def load(text: str, path: Path, national: bool, make: bool = True) -> KeyRing:
    """The ring of a setting, else of a file, which is made with a first key and readable by its owner alone.

    Raises ``ConfigurationError`` for lines that are no keys, or for a file that is not there and is not to be made.
    """
    if text:
        return KeyRing(_parse(text.replace(",", "\n"), "KAPOK_MASTER_KEYS"))
    if not path.exists():
        if not make:
            raise _bad(str(path), "no such file")
        _append(path, new_key(algorithm(national)))
    return KeyRing(_parse(path.read_text("ascii"), str(path)), path)


def read_again(ring: KeyRing) -> KeyRing:
    """The ring as its file has it now."""
    return ring if ring.path is None else KeyRing(_parse(ring.path.read_text("ascii"), str(ring.path)), ring.path)


def _parse(text: str, where: str) -> dict[str, Key]:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            key_id, kind, secret = line.split()
            key = Key(key_id, kind, b64decode(secret, validate=True))
            bytes.fromhex(key_id)
        except ValueError as error:
            raise _bad(where, "a line that is none") from error
        if KEY_BYTES.get(kind) != len(key.secret):
            raise _bad(where, f"{len(key.secret)} bytes of {kind}")
        found[key_id] = key
    if not found:
        raise _bad(where, "no key")
    return found


def _bad(where: str, found: str) -> ConfigurationError:
    return ConfigurationError(setting=where, expected="lines of <id> <algorithm> <base64 key>", found=found)


def _append(path: Path, key: Key) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as out:
        out.write(f"{key.id} {key.algorithm} {b64encode(key.secret).decode()}\n")
        out.flush()
        os.fsync(out.fileno())


def with_new_master(ring: KeyRing, national: bool) -> KeyRing:
    """The ring with a fresh present key, kept in its file. Raises ``ConfigurationError`` when it is a setting."""
    if ring.path is None:
        raise ConfigurationError(setting="KAPOK_MASTER_KEYS", expected="a key file, which can be added to",
                                 found="keys in the setting itself")
    _append(ring.path, new_key(algorithm(national)))
    return read_again(ring)


def for_rotation(connection: Connection, ring: KeyRing, national: bool) -> KeyRing:
    """The ring with a present key that wraps no data key of the columns yet: a new one, else the one that an attempt
    which failed has left, so failing again and again does not lengthen the file."""
    ring = read_again(ring)
    used = {row.master for row in rows.everything(connection)}
    return with_new_master(ring, national) if ring.present.id in used else ring


def field_cipher(database: Database, ring: KeyRing, national: bool, now: datetime) -> FieldCipher:
    """What seals the columns of a database; its first data key is made now."""
    with database.writing() as connection:
        database.lock_name(connection, "data_key")
        known = [ring.unwrap(row.id, row.algorithm, row.master, row.wrapped) for row in rows.everything(connection)]
        if not known or known[-1].algorithm != algorithm(national):
            known.append(add_data_key(connection, ring, national, now))
    return FieldCipher(known)


def add_data_key(connection: Connection, ring: KeyRing, national: bool, now: datetime) -> Key:
    key = new_key(algorithm(national))
    master, wrapped = ring.wrap(key)
    rows.add(connection, {"id": key.id, "algorithm": key.algorithm, "master": master, "wrapped": wrapped,
                          "made_at": now})
    return key


def wrap_anew(connection: Connection, ring: KeyRing) -> int:
    """Wrap the data keys of the columns by the present master key. Returns how many there are."""
    found = rows.everything(connection)
    for row in found:
        key = ring.unwrap(row.id, row.algorithm, row.master, row.wrapped)
        rows.wrap_anew(connection, row.id, *ring.wrap(key))
    return len(found)
