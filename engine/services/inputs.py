"""What people typed, as commands want it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import InvalidInput, Phrase


def required(value: str, where: str, most: int = 500) -> str:
    """A text that says something. Raises ``InvalidInput`` for an empty or too long one."""
    clean = value.strip()
    if not clean or len(clean) > most:
        raise InvalidInput(expected=Phrase("a text of 1 to {most} letters", most=most), found=str(len(clean)),
                           where=where)
    return clean


def one_of(value: str, names: Iterable[str], where: str) -> str:
    """Raises ``InvalidInput`` for what is not among the names."""
    known = tuple(names)
    if value not in known:
        raise InvalidInput(expected=Phrase("one of {names}", names=", ".join(known)), found=value, where=where)
    return value
