"""What one evaluation may cost. Steps stand in for time, so that the same expression always ends the same way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation; going over one raises ``FeelLimitExceeded``.

    ``steps`` counts loop turns, calls and list elements touched, the dearer ones several times: a step is about a
    microsecond, so that the default ends whatever it is within some 50 milliseconds. ``depth`` counts nested function
    calls and nested values, ``string`` code points of one string, ``list`` elements of one list, ``warnings`` how many
    diagnoses are kept (later ones are dropped, not refused).
    """

    steps: int = 50_000
    depth: int = 60
    string: int = 1_000_000
    list: int = 100_000
    warnings: int = 50


DEFAULT_LIMITS = Limits()

MAX_SOURCE = 100_000
"""Longest expression text, in code points."""

MAX_TOKENS = 4_000
"""Most words, signs and literals in one expression text, so that reading it takes some tens of milliseconds at most."""

MAX_NESTING = 60
"""Deepest nesting of brackets, keywords and postfixes in one expression text."""
