"""What people type into a search box: numbers, however they are written, and words.

A number is kept and looked for without brackets, points, spaces, width, case and the prefix of a patent, so that
``ZL 2023 1 0123456.7``, ``CN202310123456.7`` and ``2023101234567`` are one, and so are ``（2026）粤73知民初1号`` and
``(2026)粤73知民初1号``. Every form of ``case_numbers`` (DOMAIN §3) comes out of it as people write it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.domain.case_numbers import patent_check_digit, recognise
from engine.domain.confidential import words_of

LONGEST = 64
MOST_TYPED = 200
_UNCHECKED = re.compile(r"(?:(?:19|20)\d\d[12389]\d{7}|\d\d[12389]\d{5})\Z", re.ASCII)
_PATENT = re.compile(r"^(?:zl|cn)(?=\d{8})")


@dataclass(frozen=True, slots=True)
class Terms:
    """``numbers``: what may be a number of a case, as it is kept; ``words``: pairs of characters of the text;
    ``checks``: numbers with a wrong check character, each with the right one. Without numbers and words nothing is
    found: a single character says too little."""

    typed: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    checks: tuple[tuple[str, str], ...] = ()

    @property
    def too_short(self) -> bool:
        return bool(self.typed) and not self.numbers and not self.words


def terms(typed: str) -> Terms:
    text = typed.strip()[:MOST_TYPED]
    known = recognise(text)
    numbers = {bare(text), *(bare(match.canonical) for match in known), *_completed(bare(text))}
    held = tuple(sorted(number for number in numbers if len(number) > 1 and any(map(str.isdigit, number))))
    wrong = tuple((match.canonical, match.expected or "") for match in known if not match.valid)
    return Terms(text, held, tuple(sorted(words_of(text))), wrong)


def _completed(number: str) -> tuple[str, ...]:
    """An application number that was typed without its check character, with it."""
    return (number + patent_check_digit(number).casefold(),) if _UNCHECKED.match(number) else ()


def numbers_of(*texts: str) -> frozenset[str]:
    """What a case with these numbers is found by; a text that holds no digit is no number."""
    return frozenset(number for text in texts if (number := bare(text)) and any(map(str.isdigit, number)))


def bare(text: str) -> str:
    """A number without what people write differently."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(letter for letter in plain if letter.isalnum())
    return _PATENT.sub("", letters)[:LONGEST]
