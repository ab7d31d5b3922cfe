"""Where the parser is in the text: the current token, the names in scope, and the errors at this place."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from engine.feel import lexer
from engine.feel.diagnosis import FeelSyntaxError
from engine.feel.lexer import Token
from engine.feel.limits import MAX_NESTING, MAX_SOURCE, MAX_TOKENS
from engine.feel.names import Names, key

_CANNOT_START = frozenset([")", ",", "]", "}", ":", ".", "..", "=", "!=", "<=", ">=", "*", "/", "**"])


class Cursor:
    """Moves through one text once. ``names`` are the declared names that hold spaces or signs."""

    def __init__(self, text: str, names: Iterable[str], builtins: Names) -> None:
        if len(text) > MAX_SOURCE:
            raise FeelSyntaxError("syntax.size", {"limit": MAX_SOURCE})
        self.text = text
        self.builtins = builtins
        self.declared = Names(names)
        self.local: list[Names] = []
        self.keys = Names()
        self.nesting = 0
        self.read = 0
        self.token = lexer.read(text, 0)

    # tokens

    def advance(self, offset: int | None = None) -> Token:
        current = self.token
        self.read += 1
        if self.read > MAX_TOKENS:
            raise FeelSyntaxError("syntax.tokens", {"limit": MAX_TOKENS})
        self.token = lexer.read(self.text, current.end if offset is None else offset)
        return current

    def restart(self, offset: int) -> None:
        """Reads again from ``offset``, as if nothing had been read before."""
        self.nesting = 0
        self.local.clear()
        self.advance(offset)

    def at_op(self, *operators: str) -> bool:
        return self.token.kind == "op" and self.token.value in operators

    def at_word(self, *words: str) -> bool:
        return self.token.kind in ("keyword", "name") and self.token.value in words

    def accept(self, operator: str) -> bool:
        if self.token.kind == "op" and self.token.value == operator:
            self.advance()
            return True
        return False

    def expect(self, what: str) -> Token:
        if self.token.kind in ("op", "keyword", "name") and self.token.value == what:
            return self.advance()
        raise self.unexpected(what if not what.isalpha() else f"'{what}'")

    def unexpected(self, expected: str) -> FeelSyntaxError:
        token = self.token
        found = "the end of the expression" if token.kind == "end" else self.text[token.start : token.end][:40]
        return lexer.error(self.text, token.start, "syntax.unexpected", expected=expected, found=found)

    @contextmanager
    def nested(self) -> Iterator[None]:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise lexer.error(self.text, self.token.start, "syntax.nesting", limit=MAX_NESTING)
        yield
        self.nesting -= 1

    def following(self) -> Token:
        """The token after the current one."""
        return lexer.read(self.text, self.token.end)

    def opens_range(self) -> bool:
        """True if this ``]`` begins an interval such as ``]1..5[``: an operand follows, as it can nothing closed."""
        return self.following().kind in ("number", "string", "at", "name")

    def closes_range(self) -> bool:
        """True if this ``[`` ends an interval such as ``]1..5[``: nothing that follows could start a filter."""
        following = self.following()
        if following.kind == "end":
            return True
        if following.kind == "keyword":
            return following.value in ("and", "or", "then", "else", "in", "return", "satisfies", "between", "instance")
        return following.kind == "op" and following.value in _CANNOT_START

    def path_name(self) -> str:
        """A name after a dot; words that follow each other are one name, since nothing else could be meant."""
        if self.token.kind == "quoted":
            return str(self.advance().value)
        if self.token.kind not in ("name", "keyword"):
            raise self.unexpected("a name")
        start = self.token.start
        name, end = self.known_name()
        found = self.keys.match(self.token.value, self.text, start)
        if found and found[1] > end:
            name, end = found
        self.advance(end)
        if " " not in name:
            while self.token.kind == "name":
                name = f"{name} {self.advance().value}"
        return name

    # names

    def known_name(self) -> tuple[str, int]:
        """The name at the current word: the longest in scope, else the one word."""
        token = self.token
        best = (str(token.value), token.end)
        for names in (*self.local, self.declared, self.builtins):
            found = names.match(token.value, self.text, token.start)
            if found and found[1] > best[1]:
                best = found
        return best

    def binding_name(self, stop: str) -> str:
        """A new name, of any number of words, up to the keyword ``stop``."""
        start = end = self.token.start
        while self.token.kind == "name" or (self.token.kind != "end" and not self.at_word(stop) and end > start):
            end = self.advance().end
        if end == start:
            raise self.unexpected("a name")
        return " ".join(self.text[start:end].split())

    def key_name(self) -> str:
        """The key of a context entry, a named argument or a typed parameter: a string, or words before a colon."""
        if self.token.kind in ("string", "quoted"):
            return str(self.advance().value)
        found = key(self.text, self.token.start)
        if found is None or self.token.kind not in ("name", "keyword"):
            raise self.unexpected("a name")
        self.advance(found[1])
        return found[0]

    def guard(self, turns: int, start: int) -> None:
        """Refuses a chain of postfixes or comparisons as long as nesting may be deep, since it nests the same."""
        if turns > MAX_NESTING:
            raise lexer.error(self.text, start, "syntax.nesting", limit=MAX_NESTING)

    def finish(self) -> None:
        """Refuses whatever follows."""
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")
