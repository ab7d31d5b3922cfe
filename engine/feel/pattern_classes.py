"""Character classes of XPath regular expressions (XML Schema part 2, appendix F)."""

from collections.abc import Callable
from unicodedata import category

Matches = Callable[[str], bool]

_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Thai": (0x0E00, 0x0E7F),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_CATEGORIES = {"L": "ultmo", "M": "nce", "N": "dlo", "P": "cdseifo", "Z": "slp", "S": "mcko", "C": "cfosn"}


def negated(matches: Matches) -> Matches:
    return lambda char: not matches(char)


def one_char(wanted: str, ignore_case: bool) -> Matches:
    if not ignore_case or wanted.lower() == wanted.upper():
        return lambda char: char == wanted
    forms = frozenset((wanted, wanted.lower(), wanted.upper()))
    return lambda char: char in forms or char.lower() in forms


def span(low: str, high: str, ignore_case: bool) -> Matches:
    if not ignore_case:
        return lambda char: low <= char <= high
    return lambda char: low <= char <= high or low <= char.lower() <= high or low <= char.upper() <= high


def any_of(parts: list[Matches]) -> Matches:
    if len(parts) == 1:
        return parts[0]
    return lambda char: any(part(char) for part in parts)


def _word(char: str) -> bool:
    return category(char)[0] not in "PZC"


def _name_start(char: str) -> bool:
    return char in "_:" or category(char)[0] == "L"


def _name_char(char: str) -> bool:
    return char in "_:-.·" or category(char)[0] in "LM" or category(char) == "Nd"


ESCAPES: dict[str, Matches] = {
    "d": lambda char: category(char) == "Nd",
    "s": lambda char: char in " \t\n\r",
    "w": _word,
    "i": _name_start,
    "c": _name_char,
}
ESCAPES |= {letter.upper(): negated(matches) for letter, matches in tuple(ESCAPES.items())}


def property_class(name: str) -> Matches | None:
    """The class of ``\\p{name}``: a general category such as ``Lu`` or a block such as ``IsGreek``; None if unknown."""
    if name.startswith("Is"):
        block = _BLOCKS.get(name[2:])
        return span(chr(block[0]), chr(block[1]), False) if block else None
    if name in _CATEGORIES:
        return lambda char: category(char)[0] == name
    if len(name) == 2 and name[0] in _CATEGORIES and name[1] in _CATEGORIES[name[0]]:
        return lambda char: category(char) == name
    return None
