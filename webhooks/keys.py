"""A stored key row as a ``Key``: a row has ``id``, ``algorithm``, ``use`` (shared | verify | sign), ``secret`` and
``expires_at`` (aware, or None)."""

from datetime import datetime
from typing import Protocol

from webhooks.signature import Algorithm, Key


class KeyRow(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def algorithm(self) -> Algorithm: ...

    @property
    def use(self) -> str: ...

    @property
    def secret(self) -> str: ...

    @property
    def expires_at(self) -> datetime | None: ...


def key_of(row: KeyRow) -> Key:
    """The key: a public one only verifies, every other signs as well."""
    if row.use == "verify":
        return Key(id=row.id, algorithm=row.algorithm, public=row.secret, expires_at=row.expires_at)
    return Key(id=row.id, algorithm=row.algorithm, secret=row.secret, expires_at=row.expires_at)
