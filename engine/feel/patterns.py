"""Regular expressions that cannot run away: a backtracking machine that never tries the same state twice.

The cost is at most the length of the program times the length of the text (with back-references it is bounded by the
step limit instead), so no pattern blows up as it would in Python's ``re``.
"""

from functools import lru_cache

from engine.feel.diagnosis import Failure
from engine.feel.pattern_parser import BACK, CHAR, END, JUMP, MATCH, SAVE, SPLIT, START, Flags, PatternParser, Program
from engine.feel.runtime import Run

Saved = tuple[int, ...]
"""Where the groups begin and end, two places a group, the whole match first; -1 where a group took no part."""

_CHUNK = 256
_DIGITS = frozenset("0123456789")


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_groups", "_memo", "_program")

    def __init__(self, program: Program, groups: int) -> None:
        self._program = program
        self._groups = groups
        self._memo = all(operation != BACK for operation, _, _ in program)

    def search(self, run: Run, text: str, start: int) -> Saved | None:
        """The first match at or after ``start``."""
        visited: set[int] = set()
        for begin in range(start, len(text) + 1):
            found = self._match(run, text, begin, visited)
            if found is not None:
                return found
        return None

    def _match(self, run: Run, text: str, begin: int, visited: set[int]) -> Saved | None:
        program, size = self._program, len(text)
        width = size + 1
        stack: list[tuple[int, int, Saved]] = [(0, begin, (-1,) * (2 * self._groups + 2))]
        turns = 0
        while stack:
            at, place, saved = stack.pop()
            while True:
                turns += 1
                if turns > _CHUNK:
                    run.spend(turns)
                    turns = 0
                operation, one, other = program[at]
                if operation == CHAR:
                    if place == size or not one(text[place]):
                        break
                    place += 1
                    at += 1
                elif operation == SPLIT:
                    if self._memo:
                        state = at * width + place
                        if state in visited:
                            break
                        visited.add(state)
                    stack.append((at + other, place, saved))
                    at += one
                elif operation == JUMP:
                    at += one
                elif operation == SAVE:
                    saved = (*saved[:one], place, *saved[one + 1 :])
                    at += 1
                elif operation == MATCH:
                    run.spend(turns)
                    return saved
                elif operation == BACK:
                    again = self._again(text, place, saved, one, other)
                    if again is None:
                        break
                    place = again
                    at += 1
                elif _at_edge(operation, one, text, place):
                    at += 1
                else:
                    break
        run.spend(turns)
        return None

    @staticmethod
    def _again(text: str, place: int, saved: Saved, group: int, ignore_case: bool) -> int | None:
        """Where what the group took is over, if the text goes on with it."""
        start, end = saved[2 * group], saved[2 * group + 1]
        wanted = text[start:end] if start >= 0 else ""
        found = text[place : place + len(wanted)]
        same = found == wanted or (ignore_case and found.lower() == wanted.lower())
        return place + len(wanted) if same else None

    def _all(self, run: Run, text: str) -> list[Saved]:
        """All matches, none of them empty. Raises ``Failure`` for a pattern that matches the empty string."""
        if self._match(run, "", 0, set()) is not None:
            raise Failure("pattern.invalid", reason='""')
        found: list[Saved] = []
        start = 0
        while (saved := self.search(run, text, start)) is not None:
            if saved[1] > saved[0]:
                found.append(saved)
                run.check_list(1)
            start = saved[1] if saved[1] > saved[0] else saved[1] + 1
            if start > len(text):
                break
        return found

    def extract(self, run: Run, text: str) -> list[str]:
        """Each match."""
        return [text[saved[0] : saved[1]] for saved in self._all(run, text)]

    def replace(self, run: Run, text: str, replacement: str) -> str:
        """Each match replaced; ``$1`` is what group 1 took, ``\\$`` and ``\\\\`` are themselves."""
        template = _template(replacement, self._groups)
        parts: list[str] = []
        end = size = 0
        for saved in self._all(run, text):
            parts.append(text[end : saved[0]])
            for piece in template:
                parts.append(piece if isinstance(piece, str) else _taken(text, saved, piece))
                size += len(parts[-1])
            end = saved[1]
            run.check_string(size)
        parts.append(text[end:])
        run.check_string(size + len(text))
        return "".join(parts)

    def split(self, run: Run, text: str) -> list[str]:
        """The pieces between matches."""
        pieces: list[str] = []
        end = 0
        for saved in self._all(run, text):
            pieces.append(text[end : saved[0]])
            end = saved[1]
        return [*pieces, text[end:]]


def _taken(text: str, saved: Saved, group: int) -> str:
    start = saved[2 * group]
    return text[start : saved[2 * group + 1]] if start >= 0 else ""


def _at_edge(operation: int, multi_line: bool, text: str, place: int) -> bool:
    if operation == START:
        return place == 0 or (multi_line and text[place - 1] == "\n" and place < len(text))
    assert operation == END
    return place == len(text) or (multi_line and text[place] == "\n")


def _template(replacement: str, groups: int) -> list[str | int]:
    """The replacement as literal pieces and group numbers. Raises ``Failure`` for a stray ``$`` or backslash."""
    pieces: list[str | int] = []
    at = 0
    while at < len(replacement):
        char, following = replacement[at], replacement[at + 1 : at + 2]
        if char == "\\":
            if following not in ("\\", "$") or not following:
                raise Failure("pattern.invalid", reason=replacement[:60])
            pieces.append(following)
            at += 2
        elif char == "$":
            if following not in _DIGITS:
                raise Failure("pattern.invalid", reason=replacement[:60])
            at += 2
            number = int(following)
            while replacement[at : at + 1] in _DIGITS and number * 10 + int(replacement[at]) <= groups:
                number = number * 10 + int(replacement[at])
                at += 1
            pieces.append(number if number <= groups else "")
        else:
            pieces.append(char)
            at += 1
    return pieces


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """Compiles a pattern. Raises ``Failure`` for one that is no XPath regular expression, or an unknown flag."""
    if set(flags) - set("smixq"):
        raise Failure("pattern.invalid", reason=flags[:20])
    parser = PatternParser(pattern, Flags(*(letter in flags for letter in "smixq")))
    program = parser.parse()
    return Pattern(program, parser.groups)
