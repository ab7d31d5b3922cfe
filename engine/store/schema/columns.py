"""What columns are made of: instants, JSON, names and ids, the same on both databases."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import msgspec
from sqlalchemy import BigInteger, DateTime, Dialect, LargeBinary, MetaData, String, Text
from sqlalchemy.types import TypeDecorator

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode_json(value: Any) -> str:
    """JSON text with exact decimals and sorted keys."""
    return _encoder.encode(value).decode()


def decode_json(text: str | bytes) -> Any:
    """The value of a JSON text; numbers with a fraction come back as ``Decimal``."""
    return _decoder.decode(text)


class Instant(TypeDecorator[datetime]):
    """An aware instant; SQLite forgets zones, so they are put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected an aware instant, but found {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON as text, the same on both databases, with exact decimals."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else encode_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else decode_json(value)


class Cipher(Protocol):
    """What seals columns at rest; a database that has none keeps them plain."""

    def seal(self, content: bytes, purpose: str, *, same: bool = False) -> bytes:
        """``same``: equal contents are sealed into equal bytes, so that a column can be compared."""

    def blind(self, text: str, purpose: str) -> int:
        """What stands for a text where only equality matters."""

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The content; what was written before there was a cipher comes back as it is."""


def set_cipher(dialect: Dialect, cipher: Cipher | None) -> None:
    """Sealed columns of the engine with this dialect object go through a cipher from now on."""
    vars(dialect)["kapok_cipher"] = cipher


def _cipher(dialect: Dialect) -> Cipher | None:
    found: Cipher | None = vars(dialect).get("kapok_cipher")
    return found


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that are unreadable to whoever has the database but not the key. ``purpose`` binds them to their column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else cipher.seal(bytes(value), self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else cipher.open(bytes(value), self.purpose)


_SEAL = "~"
"""How sealed text begins: no JSON text does."""


class SealedText(TypeDecorator[str]):
    """Text, sealed as ``SealedBytes`` are. ``same``: equal texts are equal rows too, so they can be keys."""

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str, same: bool = False) -> None:
        super().__init__()
        self.purpose = purpose
        self.same = same

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        cipher = _cipher(dialect)
        if value is None or cipher is None:
            return None if value is None else str(value)
        return _SEAL + b64encode(cipher.seal(value.encode(), self.purpose, same=self.same)).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        cipher = _cipher(dialect)
        if value is None or cipher is None or not value.startswith(_SEAL):
            return value
        return cipher.open(b64decode(value[1:]), self.purpose).decode()


class Secret(str):
    """A text that its row keeps sealed, in a column where others are plain."""

    __slots__ = ()


class SecretText(SealedText):
    """Text that is searched as it is, unless it is a ``Secret``: that is sealed. Both come back as plain text."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if isinstance(value, Secret) or (value is not None and value.startswith(_SEAL)):
            return super().process_bind_param(value, dialect)
        return None if value is None else str(value)


class Blind(TypeDecorator[int]):
    """A word that rows are found by and that cannot be read from them: a keyed digest of 63 bits."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        cipher = _cipher(dialect)
        if value is None or cipher is None:
            return None if value is None else int.from_bytes(hashlib.sha256(value.encode()).digest()[:8], "big") >> 1
        return cipher.blind(value, self.purpose)


class Sealed(SealedText):
    """JSON, sealed."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else super().process_bind_param(encode_json(value), dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        text = super().process_result_value(value, dialect)
        return None if text is None else decode_json(text)


metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})

ID = String(36)
NAME = String(255)
