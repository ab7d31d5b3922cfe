"""What models say, in English. Designers write Chinese; a file ``*.words`` beside the models (JSON: Chinese text →
English text) is deployed with them. Of several translations of one text that of the newest deployment holds, for every
version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.errors import InvalidInput, Phrase
from engine.store import definitions as rows
from engine.store.database import Connection

ENDING = ".words"


class Words:
    """The English texts of everything deployed, read anew after each deployment."""

    def __init__(self) -> None:
        self._read: tuple[int, Mapping[str, str]] = (0, MappingProxyType({}))

    def english(self, connection: Connection) -> Mapping[str, str]:
        count, known = self._read
        now = rows.count_of_deployments(connection)
        if now != count:
            found: dict[str, str] = {}
            for name, content in rows.contents(connection, "words"):
                found.update(read(name, content))
            known = MappingProxyType(found)
            self._read = now, known
        return known

    def of(self, language: Callable[[], str], connection: Connection) -> Mapping[str, str]:
        """In the reader's language: nothing to look up in the one that models are written in."""
        return self.english(connection) if language() == "en" else {}


def read(name: str, content: bytes) -> dict[str, str]:
    """One file. Raises ``InvalidInput`` for whatever is not an object of texts."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise InvalidInput(expected=Phrase("a JSON object of texts"), found=content[:40].decode(errors="replace"),
                           where=name)
    return found
