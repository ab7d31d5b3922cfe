"""Authenticated encryption at rest: AES-256-GCM (NIST SP 800-38D), or SM4-GCM (GB/T 32907) where national algorithms
are configured. Keys wrap keys: a master key wraps data keys, a data key seals content.

What is sealed names its data key, so keys can be changed without writing anything anew. Nonces are random (96 bits); a
data key is good for some 2³² of them. Where rows are found by what they hold, equal contents must stay equal: there the
nonce is a keyed digest of the content (synthetic, as in RFC 5297), or only the digest is kept.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import InvalidInput

AES, SM4 = "aes-256-gcm", "sm4-gcm"
KEY_BYTES: Mapping[str, int] = {AES: 32, SM4: 16}
NONCE, TAG, KEY_ID = 12, 16, 8
_FIELD, FILE = b"\x00KPK1", b"KAPOK\x00F1"
CHUNK = 1 << 20


class SealBroken(InvalidInput):
    """Expected sealed content of {where} that its key opens, but it was changed or the key is another."""

    code = "seal_broken"


class KeyMissing(InvalidInput):
    """Expected the key {key} to open {where}, but it is not in the key file."""

    code = "key_missing"


@dataclass(frozen=True, slots=True)
class Key:
    """``id``: 16 hex digits."""

    id: str
    algorithm: str
    secret: bytes

    def encrypt(self, content: bytes, purpose: bytes, nonce: bytes) -> bytes:
        """The ciphertext with its tag; ``purpose`` is authenticated with it."""
        if self.algorithm == AES:
            return AESGCM(self.secret).encrypt(nonce, content, purpose)
        writer = Cipher(algorithms.SM4(self.secret), modes.GCM(nonce)).encryptor()
        writer.authenticate_additional_data(purpose)
        return writer.update(content) + writer.finalize() + writer.tag

    def decrypt(self, sealed: bytes, purpose: bytes, nonce: bytes) -> bytes:
        """Raises ``SealBroken``."""
        try:
            if self.algorithm == AES:
                return AESGCM(self.secret).decrypt(nonce, sealed, purpose)
            reader = Cipher(algorithms.SM4(self.secret), modes.GCM(nonce, sealed[-TAG:])).decryptor()
            reader.authenticate_additional_data(purpose)
            return reader.update(sealed[:-TAG]) + reader.finalize()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(where=purpose.decode("ascii", "replace")) from error


def new_key(algorithm: str) -> Key:
    return Key(os.urandom(KEY_ID).hex(), algorithm, os.urandom(KEY_BYTES[algorithm]))


class FieldCipher:
    """Seals small contents with the newest data key; opens what any of its keys has sealed. ``keys``: oldest first."""

    def __init__(self, keys: Iterable[Key]) -> None:
        held = list(keys)
        self._keys = {key.id: key for key in held}
        self._oldest, self._newest = held[0], held[-1]
        self._head = _FIELD + bytes.fromhex(self._newest.id)

    def seal(self, content: bytes, purpose: str, *, same: bool = False) -> bytes:
        """``same``: equal contents of one purpose are sealed into equal bytes under one key, so that they can be
        compared."""
        nonce = _mac(self._newest, purpose, content)[:NONCE] if same else os.urandom(NONCE)
        return self._head + nonce + self._newest.encrypt(content, purpose.encode(), nonce)

    def blind(self, text: str, purpose: str) -> int:
        """What stands for a word in an index, 63 bits: nobody learns the word from it without the key. It stays the
        same as long as the first data key is there, whatever comes after it."""
        return int.from_bytes(_mac(self._oldest, purpose, text.encode())[:8], "big") >> 1

    def seal_text(self, text: str, purpose: str) -> str:
        return b64encode(self.seal(text.encode(), purpose)).decode()

    def open_text(self, sealed: str, purpose: str) -> str:
        """Raises ``SealBroken`` for what is not sealed, or for another purpose, ``KeyMissing`` without its key."""
        content = b64decode(sealed)
        if not content.startswith(_FIELD):
            raise SealBroken(where=purpose)
        return self.open(content, purpose).decode()

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The content; what is not sealed comes back as it is."""
        if not sealed.startswith(_FIELD):
            return sealed
        start = len(_FIELD) + KEY_ID
        key = self._keys.get(sealed[len(_FIELD):start].hex())
        if key is None:
            raise KeyMissing(key=sealed[len(_FIELD):start].hex(), where=purpose)
        return key.decrypt(sealed[start + NONCE:], purpose.encode(), sealed[start:start + NONCE])


def _mac(key: Key, purpose: str, content: bytes) -> bytes:
    """Under a key of its own, derived from the data key for this use alone."""
    derived = hmac.digest(key.secret, b"kapok blind " + purpose.encode(), "sha256")
    return hmac.digest(derived, content, "sha256")


def seal_stream(key: Key, content: BinaryIO) -> Iterator[bytes]:
    """A sealed file in pieces: what it is, which key, then chunks. Each chunk says its place and whether it is the
    last, so none can be moved, doubled or cut off."""
    head = FILE + bytes.fromhex(key.id) + os.urandom(NONCE - 4)
    yield head
    number, chunk = 0, content.read(CHUNK)
    while True:
        ahead = content.read(CHUNK)
        yield key.encrypt(chunk, *_chunk(head, number, last=not ahead))
        if not ahead:
            return
        number, chunk = number + 1, ahead


def key_of_stream(head: bytes) -> str | None:
    """The id of the key of a sealed file by its first bytes; None when the file is not sealed."""
    return head[len(FILE):len(FILE) + KEY_ID].hex() if head.startswith(FILE) else None


HEAD = len(FILE) + KEY_ID + NONCE - 4


def open_stream(key: Key, sealed: BinaryIO, head: bytes) -> Iterator[bytes]:
    """The content of a sealed file in chunks, whose first ``HEAD`` bytes have been read. Raises ``SealBroken``."""
    number, chunk = 0, sealed.read(CHUNK + TAG)
    while True:
        ahead = sealed.read(CHUNK + TAG)
        purpose, nonce = _chunk(head, number, last=not ahead)
        yield key.decrypt(chunk, purpose, nonce)
        if not ahead:
            return
        number, chunk = number + 1, ahead


def _chunk(head: bytes, number: int, last: bool) -> tuple[bytes, bytes]:
    """(what is authenticated with a chunk, its nonce)."""
    place = number.to_bytes(4, "big")
    return head + place + (b"\x01" if last else b"\x00"), head[-(NONCE - 4):] + place
