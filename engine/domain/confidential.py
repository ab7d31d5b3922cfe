"""What an unpublished application asks of whatever keeps, lists or sends a case (专利法 21(3); DOMAIN §5.3).

Until publication its title and its parties are sealed at rest. Cases are found by blind words (keyed digests of pairs
of letters), and no index, mail or calendar feed holds what is not published in clear.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

UNPUBLISHED = "L3"
"""The level of a case whose application is not published; at publication it becomes ``L1``."""
CONFIDENTIAL = frozenset({"L2", UNPUBLISHED})
"""Levels of which each reading is on record (DOMAIN §5.4)."""
MOST_WORDS = 600


def may_be_indexed(level: str) -> bool:
    """Whether title, parties and documents of a case of this level may lie in clear, in a row, an index or a mail."""
    return level != UNPUBLISHED


def words_of(*texts: str) -> frozenset[str]:
    """The pairs of neighbouring letters or digits in some texts, width and case aside: what a search is asked for and
    what it is answered from. ``甲公司`` → ``甲公``, ``公司``. A single letter is no word."""
    found: set[str] = set()
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).casefold()
        runs = "".join(letter if letter.isalnum() else " " for letter in plain).split()
        found.update(first + second for run in runs for first, second in pairwise(run))
    return frozenset(sorted(found)[:MOST_WORDS])
