"""What columns are made of: instants, JSON, names and ids, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import DateTime, Dialect, MetaData, String, Text
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


metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})

ID = String(36)
NAME = String(255)
