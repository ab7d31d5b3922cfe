"""Case numbers (案号): recognising, checking and writing every form that people here quote.

Each object has one pattern and one canonical writing; half-width and full-width brackets, spaces and small letters are
understood, nothing else is guessed. Numbers are recognised for people to confirm, never taken over silently.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import InvalidInput, Phrase

SERIES: Mapping[str, tuple[str, int]] = {
    "YS": ("专利预审", 6),
    "WX": ("复审无效", 5),
    "LH": ("联合审理", 5),
    "TJ": ("调解", 5),
    "TP": ("特派专员", 5),
    "DB": ("地理标志", 5),
    "KX": ("开放许可", 5),
    "ZY": ("质押融资", 5),
    "HW": ("海外纠纷", 5),
    "WQ": ("维权援助", 5),
    "DH": ("专利导航", 5),
    "PP": ("商标品牌", 5),
    "EY": ("恶意商标", 5),
    "ZD": ("站点认定", 5),
    "GX": ("个人信息", 5),
    "PL": ("批量预审", 5),
    "PG": ("申请前预评估", 5),
}
"""The Center's own series with the width of their serial."""
KIND_CODES: Mapping[str, str] = {"invention": "FM", "utility_model": "XX", "design": "WG"}
FIRST_YEAR = 1985
PATENT_KINDS = {
    "1": "invention", "2": "utility_model", "3": "design", "8": "pct_invention", "9": "pct_utility_model",
}
PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
INVALIDATION_KINDS = {"4": "invention", "5": "utility_model", "6": "design"}


@dataclass(frozen=True)
class Match:
    """A number found in a text. ``start``/``end`` are its place; ``valid`` is False when a check character is wrong,
    and ``expected`` then names the right one; ``parts`` are its named pieces."""

    kind: str
    canonical: str
    start: int
    end: int
    valid: bool = True
    expected: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)


def recognise(text: str) -> tuple[Match, ...]:
    """Every number in a text, in order, none inside another. A longer reading wins over a shorter one."""
    found = sorted(_all(text), key=lambda match: (match.start, match.start - match.end))
    kept: list[Match] = []
    for match in found:
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return tuple(kept)


def check(kind: str, text: str) -> Match:
    """The one number that a text consists of. Raises ``InvalidInput`` when it is another thing or its check character
    is wrong."""
    stripped = text.strip()
    match = next((m for m in recognise(stripped) if m.kind == kind and m.end - m.start == len(stripped)), None)
    if match is None:
        raise InvalidInput(expected=Phrase("a number of the kind {kind}", kind=kind), found=repr(text), where="number")
    if not match.valid:
        raise InvalidInput(expected=Phrase("the check character {check}", check=match.expected),
                           found=repr(text), where="number")
    return match


def format_case_no(series: str, year: int, n: int, kind: str | None = None) -> str:
    """The Center's own number: ``YS-2026-FM-000001``, ``TJ-2026-00042``. Only ``YS`` names the kind of patent."""
    if series not in SERIES:
        raise InvalidInput(expected=Phrase("a series out of {names}", names=', '.join(SERIES)),
                           found=repr(series), where="series")
    width = SERIES[series][1]
    if not FIRST_YEAR <= year <= 9999:
        raise InvalidInput(expected="a year of four digits", found=str(year), where="year")
    if not 1 <= n < 10**width:
        raise InvalidInput(expected=Phrase("a serial from 1 to {highest}", highest=10**width - 1),
                           found=str(n), where=Phrase("serial of {series}", series=series))
    if series != "YS":
        if kind is not None:
            raise InvalidInput(expected=Phrase("no kind in the series {series}", series=series),
                               found=repr(kind), where="kind")
        return f"{series}-{year}-{n:0{width}d}"
    if kind is None or kind not in KIND_CODES:
        raise InvalidInput(expected=Phrase("one of {names}", names=', '.join(KIND_CODES)),
                           found=repr(kind), where="kind")
    return f"{series}-{year}-{KIND_CODES[kind]}-{n:0{width}d}"


def patent_check_digit(digits: str) -> str:
    """The character after the point, for the 8 or 12 digits before it: weighted sum modulo 11, ten being X."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, PATENT_WEIGHTS, strict=False))
    return "0123456789X"[total % 11]


def uscc_check_character(first_17: str) -> str:
    """The last character of a unified social credit code (GB 32100-2015)."""
    total = sum(USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first_17))
    return USCC_ALPHABET[-total % 31]


def _all(text: str) -> Iterator[Match]:
    plain = text.translate(_HALF_WIDTH)
    for pattern, read in _FORMS:
        for found in pattern.finditer(plain):
            if match := read(found):
                yield match


def _checked(kind: str, found: re.Match[str], canonical: str, right: str, **parts: str) -> Match:
    valid = canonical[-1] == right
    return Match(kind, canonical, *found.span(), valid, None if valid else right, parts)


def _patent(found: re.Match[str]) -> Match | None:
    digits = re.sub(r"\s", "", found["digits"])
    year, kind = (digits[:4], digits[4]) if len(digits) == 12 else ("", digits[2])
    if year and int(year) < FIRST_YEAR:
        return None
    granted = (found["prefix"] or "").upper() == "ZL"
    canonical = f"{'ZL ' if granted else ''}{digits}.{found['check'].upper()}"
    parts = {"patent_kind": PATENT_KINDS[kind], "digits": digits, "status": "granted" if granted else "application"}
    return _checked("patent", found, canonical, patent_check_digit(digits), **parts)


def _uscc(found: re.Match[str]) -> Match | None:
    """An all-digit code with a wrong check is left alone: it is rather somebody's identity number."""
    code = found[0].upper()
    match = _checked("uscc", found, code, uscc_check_character(code[:17]))
    return match if match.valid or not code.isdigit() else None


def _invalidation(found: re.Match[str]) -> Match:
    code = found[0].upper()
    return Match("cnipa_invalidation", code, *found.span(), parts={"patent_kind": INVALIDATION_KINDS[code[0]]})


def _plain(kind: str, template: str) -> Callable[[re.Match[str]], Match]:
    """Reads a number that consists of its named pieces, none of which can be checked."""

    def read(found: re.Match[str]) -> Match:
        parts = {name: value for name, value in found.groupdict().items() if value}
        return Match(kind, template.format_map(defaultdict(str, parts)), *found.span(), parts=parts)

    return read


def _document(found: re.Match[str]) -> Match:
    """A number with 〔year〕: an adjudication when its series says 裁, else another official document."""
    authority = _LEADING_WORDS.sub("", found["authority"]) or found["authority"]
    start = found.end("authority") - len(authority)
    parts = {"authority": authority, "year": found["year"], "n": found["n"]}
    kind = "adjudication" if "裁" in authority else "document"
    return Match(kind, f"{authority}〔{found['year']}〕{found['n']}号", start, found.end(), parts=parts)


def _center(found: re.Match[str]) -> Match | None:
    series, year, serial = found["series"].upper(), found["year"], found["serial"]
    code = (found["code"] or "").upper()
    if (series == "YS") is not bool(code) or len(serial) != SERIES[series][1]:
        return None
    parts = {"series": series, "year": year, "serial": serial}
    if code:
        parts["patent_kind"] = next(kind for kind, short in KIND_CODES.items() if short == code)
    return Match("center", "-".join(filter(None, (series, year, code, serial))), *found.span(), parts=parts)


_HALF_WIDTH = {code: code - 0xFEE0 for span in ("０９", "ＡＺ", "ａｚ", "．．", "－－")
               for code in range(ord(span[0]), ord(span[1]) + 1)}
_LEADING_WORDS = re.compile(r"^.*(?:根据|依据|按照|参见|文号|案号|如|见|的|与|和|及|以)")
_YEAR = r"[（(]\s*(?P<year>(?:19|20)[0-9]{2})\s*[）)]\s*"
_SQUARE_YEAR = r"[〔\[［]\s*(?P<year>(?:19|20)[0-9]{2})\s*[〕\]］]\s*"
_HAN = r"[\u4e00-\u9fff]"
_NUMBERED = r"第\s*(?P<n>[0-9]{1,7})\s*号"
_ALONE, _END = r"(?<![0-9A-Za-z.-])", r"(?![0-9A-Za-z])"
_TRIBUNAL = rf"(?P<court>最高法|{_HAN}[0-9]{{2,4}}|{_HAN})(?P<type>(?:(?!第){_HAN}){{2,6}})"

_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Match | None]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (
            rf"{_ALONE}(?P<prefix>ZL|CN)?\s*(?P<digits>[0-9]{{4}}\s?[12389]\s?[0-9]{{7}}|[0-9]{{2}}[12389][0-9]{{5}})"
            rf"\.(?P<check>[0-9X]){_END}",
            _patent,
        ),
        (rf"{_ALONE}[1-9ANY][{USCC_ALPHABET}][0-9]{{6}}[{USCC_ALPHABET}]{{10}}{_END}", _uscc),
        (rf"{_ALONE}[456]W[0-9]{{6}}{_END}", _invalidation),
        (
            rf"{_ALONE}(?P<series>{'|'.join(SERIES)})-(?P<year>[0-9]{{4}})-(?:(?P<code>FM|XX|WG)-)?"
            rf"(?P<serial>[0-9]{{5,6}}){_END}",
            _center,
        ),
        (rf"{_YEAR}{_TRIBUNAL}(?P<n>[0-9]{{1,7}})号(?P<part>之[一二三四五六七八九十]+)?",
         _plain("court", "（{year}）{court}{type}{n}号{part}")),
        (rf"{_YEAR}(?P<body>{_HAN}{{1,8}}?)案字{_NUMBERED}", _plain("arbitration", "（{year}）{body}案字第{n}号")),
        (rf"{_YEAR}(?P<office>(?:(?!字){_HAN}){{2,10}}?)(?P<word>证(?:(?!字){_HAN}){{0,3}}字)?{_NUMBERED}",
         _plain("notary", "（{year}）{office}{word}第{n}号")),
        (rf"(?P<authority>{_HAN}{{2,16}}){_SQUARE_YEAR}(?P<n>[0-9]{{1,6}})\s*号", _document),
        (r"第\s*(?P<n>[0-9]{5,6})\s*号", _plain("cnipa_decision", "第{n}号")),
    )
)
