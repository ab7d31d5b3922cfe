"""Tokens of FEEL (DMN clause 10.3.1.2), read one at a time because where a name ends depends on the names in scope."""

import re
from typing import Any, NamedTuple

from engine.feel.diagnosis import FeelSyntaxError
from engine.feel.numbers import literal as number_literal

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3005-\u3007\u3021-\ud7ff\uf900-\ufaff\ufdf0-\ufeff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
    "\U00010000-\U000effff"
)
"""Name start characters, without the full-width punctuation that the standard's blocks from U+3001 and U+FDF0 hold: a
full-width bracket is always a slip of the keyboard, and is reported as one."""
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
WORD = f"[{_START}][{_PART}]*"
NOT_PART = f"(?![{_PART}])"
SPACE = "[\\s\u0085\u180e\u200b\ufeff]"
PUNCTUATION = "[.\\-+*/'\u2019]"
"""What may stand inside a name besides words (clause 10.3.1.2, additional name symbols)."""

_BLANK = re.compile(rf"(?:{SPACE}+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{WORD})"
    r"|(?P<quoted>`[^`\n]+`)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r'|(?P<at>@\s*"(?:[^"\\]|\\.)*")'
    r"|(?P<op>\.\.\.|\.\.|\*\*|<=|>=|!=|->|==|[-+*/=<>(){}\[\],:.])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/"}
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_LONE = re.compile("[\ud800-\udfff]")
_FULL_WIDTH = dict(zip("（）［］｛｝，：；．＝＜＞＋－＊／“”【】、。", '()[]{},:;.=<>+-*/""[],.', strict=True))

KEYWORDS = frozenset(
    (
        "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between", "instance",
        "of", "function", "external", "true", "false", "null",
    )
)  # fmt: skip


class Token(NamedTuple):
    """``kind`` is number, name, quoted (a name between backticks), keyword, string, at, op or end; ``value`` what it
    stands for."""

    kind: str
    value: Any
    start: int
    end: int


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def error(text: str, offset: int, code: str, **params: Any) -> FeelSyntaxError:
    line, column = position(text, offset)
    return FeelSyntaxError(code, params, line, column)


def skip(text: str, offset: int) -> int:
    """The offset after white space and comments."""
    found = _BLANK.match(text, offset)
    end = found.end() if found else offset
    if end < len(text) and text[end] == "/" and text.startswith("/*", end):
        raise error(text, end, "syntax.comment")
    return end


def read(text: str, offset: int) -> Token:
    """The token at or after ``offset``. Raises ``FeelSyntaxError`` when there is none."""
    start = skip(text, offset)
    if start >= len(text):
        return Token("end", None, start, start)
    found = _TOKEN.match(text, start)
    if found is None:
        raise _stray(text, start)
    kind, raw = str(found.lastgroup), found.group()
    value: Any = raw
    if kind == "name":
        kind = "keyword" if raw in KEYWORDS else kind
    elif kind == "number":
        value = number_literal(raw)
        if value is None:
            raise error(text, start, "number.range")
    elif kind == "quoted":
        value = " ".join(raw[1:-1].split())
    elif kind != "op":
        value = _unescape(text, start, raw[raw.index('"') + 1 : -1])
    return Token(kind, value, start, found.end())


def _stray(text: str, start: int) -> FeelSyntaxError:
    found = text[start]
    if found == '"':
        return error(text, start, "syntax.string")
    if found in _FULL_WIDTH:
        return error(text, start, "syntax.fullwidth", found=found, expected=_FULL_WIDTH[found])
    return error(text, start, "syntax.character", found=found)


def _unescape(text: str, start: int, body: str) -> str:
    if "\\" not in body:
        return body

    def one(found: re.Match[str]) -> str:
        four, six, plain = found.groups()
        if plain is None:
            code = int(four or six, 16)
            if code > 0x10FFFF:
                raise error(text, start, "syntax.escape", found=found.group())
            return chr(code)
        return _PLAIN.get(plain, found.group())

    joined = _PAIR.sub(_join, _ESCAPE.sub(one, body))
    lone = _LONE.search(joined)
    if lone:
        raise error(text, start, "syntax.escape", found=f"\\u{ord(lone.group()):04X}")
    return joined


def _join(pair: re.Match[str]) -> str:
    high, low = (ord(half) for half in pair.groups())
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
