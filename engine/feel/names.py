"""Names that hold spaces or signs: which of them are in scope, and where one ends in the text (clause 10.3.1.2)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from engine.feel.lexer import NOT_PART, PUNCTUATION, SPACE, WORD

_WORD = re.compile(WORD)
_PIECE = re.compile(rf"{PUNCTUATION}|(?:(?!{SPACE})(?!{PUNCTUATION}).)+")
# Possessive throughout: a text that is no key is given up at once instead of being split in every possible way.
_KEYS = {
    ends: re.compile(
        rf"((?>{WORD})(?:(?:{SPACE}|{PUNCTUATION})*+[^\s:.,\-+*/'’(){{}}\[\]\"<>=]++)*+)(?={SPACE}*+[{ends}])"
    )
    for ends in (":", ",)")
}
_SIMPLE = re.compile(rf"{WORD}{NOT_PART}\Z")
_BLANKS = re.compile(rf"{SPACE}+")


def normal(name: str) -> str:
    """A name with each run of white space as one space."""
    return _BLANKS.sub(" ", name).strip()


@lru_cache(maxsize=4096)
def simple(name: str) -> bool:
    """True if the name is one word, which needs no declaring."""
    return _SIMPLE.match(name) is not None


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    """The text forms of a name: white space may vary, and stand around signs."""
    pieces = _PIECE.findall(name)
    joined = re.escape(pieces[0])
    for before, piece in zip(pieces, pieces[1:], strict=False):
        sign = re.fullmatch(PUNCTUATION, before) or re.fullmatch(PUNCTUATION, piece)
        joined += f"{SPACE}{'*' if sign else '+'}{re.escape(piece)}"
    ending = "" if re.fullmatch(PUNCTUATION, pieces[-1]) else NOT_PART
    return re.compile(joined + ending)


class Names:
    """The special names in scope, found by their first word, the longest first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_word: dict[str, list[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Declares ``name``; one-word names and ones that no text can start are left out."""
        name = normal(name)
        word = _WORD.match(name)
        if word is None or simple(name):
            return
        known = self._by_word.setdefault(word.group(), [])
        if name not in known:
            known.append(name)
            known.sort(key=len, reverse=True)

    def match(self, word: str, text: str, start: int) -> tuple[str, int] | None:
        """The longest declared name at ``start``, whose first word is ``word``, and where it ends."""
        for name in self._by_word.get(word, ()):
            found = _pattern(name).match(text, start)
            if found:
                return name, found.end()
        return None


def key(text: str, start: int, ends: str = ":") -> tuple[str, int] | None:
    """A name at ``start`` right before a colon, or before another of the signs of ``_KEYS``, however many words it has,
    and where it ends."""
    found = _KEYS[ends].match(text, start)
    return (normal(found.group(1)), found.end(1)) if found else None
