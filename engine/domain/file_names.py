"""What a file is called where people see it and where they save it: the client's name without its traps."""

from __future__ import annotations

import re
import unicodedata

LONGEST, LONGEST_ENDING = 200, 20
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
"""Names that Windows keeps for itself, with any ending."""


def plain(name: str) -> str:
    """The last part of a path, in composed letters, without what cannot be seen (control and bidi characters), at most
    ``LONGEST`` letters with its ending kept; never empty, never the name of a device. What it already is, it stays."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in last)
    shown = " ".join(seen.split()).rstrip(". ")
    stem, dot, ending = shown.rpartition(".")
    if dot and stem.strip(". ") and len(ending) < LONGEST_ENDING:
        shown = f"{stem[:LONGEST - len(ending) - 1].rstrip()}.{ending}"
    else:
        shown = shown[:LONGEST].rstrip(". ")
    if not shown.strip(". "):
        return "file"
    return f"_{shown}"[:LONGEST] if _DEVICES.match(shown) else shown
