"""XPath regular expressions to programs of a small machine (XPath functions 3.1 clause 5.6.1)."""

from dataclasses import dataclass
from typing import Any

from engine.feel.diagnosis import Failure
from engine.feel.pattern_classes import ESCAPES, Matches, any_of, negated, one_char, property_class, span

CHAR, SPLIT, JUMP, SAVE, START, END, BACK, MATCH = range(8)
MAX_PROGRAM = 5000
MAX_NESTING = 50
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_SIGNS = frozenset("\\|.-^?*+{}()[]$")

Instruction = tuple[int, Any, Any]
"""CHAR(matches), SPLIT(first, second), JUMP(to), SAVE(slot), START(multiline), END(multiline), BACK(group), MATCH."""
Program = list[Instruction]


@dataclass(frozen=True, slots=True)
class Flags:
    """``s`` dot matches all, ``m`` multi-line, ``i`` ignore case, ``x`` ignore white space, ``q`` take literally."""

    dot_all: bool
    multi_line: bool
    ignore_case: bool
    extended: bool
    quoted: bool


class PatternParser:
    """Compiles one pattern. Programs use offsets relative to their own start, so that they can be put together."""

    def __init__(self, pattern: str, flags: Flags) -> None:
        self.pattern = _without_blanks(pattern) if flags.extended else pattern
        self.flags = flags
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.nesting = 0

    def parse(self) -> Program:
        if self.flags.quoted:
            program: Program = [self._char(char) for char in self.pattern]
        else:
            program = self._alternatives()
            if self.at < len(self.pattern):
                raise self._wrong(self.pattern[self.at])
        return self._sized([(SAVE, 0, None), *program, (SAVE, 1, None), (MATCH, None, None)])

    def _wrong(self, found: str) -> Failure:
        return Failure("pattern.invalid", reason=f"{found[:20]} ({self.at + 1})")

    def _sized(self, program: Program) -> Program:
        if len(program) > MAX_PROGRAM:
            raise Failure("pattern.invalid", reason=f"> {MAX_PROGRAM}")
        return program

    def _peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def _next(self) -> str:
        char = self.pattern[self.at : self.at + 1]
        if not char:
            raise self._wrong("…")
        self.at += 1
        return char

    def _char(self, char: str) -> Instruction:
        return (CHAR, one_char(char, self.flags.ignore_case), None)

    def _alternatives(self) -> Program:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self._wrong("(")
        branches = [self._branch()]
        while self._peek() == "|":
            self._next()
            branches.append(self._branch())
        self.nesting -= 1
        program = branches.pop()
        while branches:
            branch = branches.pop()
            program = self._sized(
                [(SPLIT, 1, len(branch) + 2), *branch, (JUMP, len(program) + 1, None), *program]
            )
        return program

    def _branch(self) -> Program:
        program: Program = []
        while self._peek() not in ("", "|", ")"):
            program = self._sized(program + self._piece())
        return program

    def _piece(self) -> Program:
        char = self._peek()
        if char in ("^", "$"):
            self._next()
            return [(START if char == "^" else END, self.flags.multi_line, None)]
        atom = self._atom()
        quantifier = self._quantifier()
        if quantifier is None:
            return atom
        low, high = quantifier
        lazy = self._peek() == "?"
        if lazy:
            self._next()
        return self._repeated(atom, low, high, lazy)

    def _quantifier(self) -> tuple[int, int | None] | None:
        char = self._peek()
        if char in ("?", "*", "+") and char:
            self._next()
            return {"?": (0, 1), "*": (0, None), "+": (1, None)}[char]
        if char != "{":
            return None
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at + 1 : end if end > 0 else None].partition(",")
        if end < 0 or not low.isdigit() or len(low) > 5 or len(high) > 5 or (high and not high.isdigit()):
            raise self._wrong("{")
        self.at = end + 1
        top = int(high) if high else None if comma else int(low)
        if top is not None and top < int(low):
            raise self._wrong("{")
        return int(low), top

    def _repeated(self, atom: Program, low: int, high: int | None, lazy: bool) -> Program:
        copies = high if high is not None else low + 1
        if len(atom) * max(copies, 1) > MAX_PROGRAM:
            raise self._wrong("{")
        program = atom * low
        if high is None:
            return program + self._split(len(atom) + 2, lazy) + atom + [(JUMP, -len(atom) - 1, None)]
        optional: Program = []
        for _ in range(high - low):
            optional = self._split(len(atom) + len(optional) + 1, lazy) + atom + optional
        return self._sized(program + optional)

    @staticmethod
    def _split(skip: int, lazy: bool) -> Program:
        return [(SPLIT, skip, 1) if lazy else (SPLIT, 1, skip)]

    def _atom(self) -> Program:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return [(CHAR, self._class(), None)]
        if char == ".":
            return [(CHAR, (lambda _: True) if self.flags.dot_all else (lambda found: found not in "\n\r"), None)]
        if char == "\\":
            return self._escaped()
        if char in "?*+{}])":
            self.at -= 1
            raise self._wrong(char)
        return [self._char(char)]

    def _group(self) -> Program:
        capture = not self.pattern.startswith("?:", self.at)
        if capture:
            self.groups += 1
        else:
            self.at += 2
        number = self.groups
        inner = self._alternatives()
        if self._peek() != ")":
            raise self._wrong("(")
        self._next()
        if not capture:
            return inner
        self.closed.add(number)
        return [(SAVE, 2 * number, None), *inner, (SAVE, 2 * number + 1, None)]

    def _escaped(self) -> Program:
        char = self.pattern[self.at : self.at + 1]
        if char.isdigit() and char in "123456789":
            number = int(self._next())
            if number not in self.closed:
                raise self._wrong(f"\\{number}")
            return [(BACK, number, self.flags.ignore_case)]
        return [(CHAR, self._escape_class(), None)]

    def _escape_class(self) -> Matches:
        char = self._next()
        if char in ESCAPES:
            return ESCAPES[char]
        if char in "pP":
            return self._property(char == "P")
        literal = _PLAIN_ESCAPES.get(char, char if char in _SIGNS else None)
        if literal is None:
            raise self._wrong(f"\\{char}")
        return one_char(literal, self.flags.ignore_case)

    def _property(self, inverted: bool) -> Matches:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end] if self.pattern.startswith("{", self.at) else ""
        found = property_class(name)
        if found is None:
            raise self._wrong(f"\\p{{{name}}}")
        self.at = end + 1
        return negated(found) if inverted else found

    def _class(self) -> Matches:
        """A class in square brackets, after its opening one: ``^`` negates, ``-[…]`` at the end subtracts."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self._wrong("[")
        inverted = self.pattern.startswith("^", self.at)
        self.at += inverted
        parts: list[Matches] = []
        without: Matches | None = None
        while not self.pattern.startswith("]", self.at):
            if parts and self.pattern.startswith("-[", self.at):
                self.at += 2
                without = self._class()
                break
            parts.append(self._class_part())
        if self._next() != "]" or not parts:
            raise self._wrong("[")
        self.nesting -= 1
        found = negated(any_of(parts)) if inverted else any_of(parts)
        if without is None:
            return found
        minus = without
        return lambda char: found(char) and not minus(char)

    def _class_part(self) -> Matches:
        low = self._next()
        if low == "\\":
            following = self.pattern[self.at : self.at + 1]
            if following in ESCAPES or following in ("p", "P"):
                return self._escape_class()
            low = self._class_literal()
        elif low == "[":
            raise self._wrong("[")
        rest = self.pattern[self.at : self.at + 2]
        if len(rest) < 2 or rest[0] != "-" or rest[1] in "[]":
            return one_char(low, self.flags.ignore_case)
        self.at += 1
        high = self._next()
        if high == "\\":
            high = self._class_literal()
        if high < low:
            raise self._wrong(f"{low}-{high}")
        return span(low, high, self.flags.ignore_case)

    def _class_literal(self) -> str:
        char = self._next()
        literal = _PLAIN_ESCAPES.get(char, char if char in _SIGNS else None)
        if literal is None:
            raise self._wrong(f"\\{char}")
        return literal


def _without_blanks(pattern: str) -> str:
    """The pattern without its white space, except inside character classes (flag ``x``)."""
    kept: list[str] = []
    depth = 0
    for index, char in enumerate(pattern):
        escaped = index > 0 and pattern[index - 1] == "\\"
        depth += (char == "[") - (char == "]") if not escaped else 0
        if depth > 0 or char not in " \t\n\r":
            kept.append(char)
    return "".join(kept)
