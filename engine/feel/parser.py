"""Text to syntax tree: recursive descent over the grammar of DMN clause 10.3.1.2, with names resolved as it goes."""

import re
from collections.abc import Callable
from itertools import count
from typing import Any

from engine.feel import lexer
from engine.feel import syntax as ast
from engine.feel.cursor import Cursor
from engine.feel.names import Names, key, normal
from engine.feel.temporal import parse_literal
from engine.feel.type_parser import read_type

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "==")
_CALLED = re.compile(
    rf"((?:(?!(?:{'|'.join(sorted(lexer.KEYWORDS))})\b)(?>{lexer.WORD}){lexer.SPACE}+)*(?>{lexer.WORD}))(?={lexer.SPACE}*\()"
)
_CONSTANTS = {"true": True, "false": False, "null": None}


class Parser(Cursor):
    """Parses one text once."""

    # expressions, loosest first

    def expression(self) -> ast.Node:
        with self.nested():
            return self.logic("or", lambda: self.logic("and", self.comparison))

    def logic(self, operator: str, operand: Callable[[], ast.Node]) -> ast.Node:
        start = self.token.start
        operands = [operand()]
        while self.at_word(operator):
            self.advance()
            operands.append(operand())
        return operands[0] if len(operands) == 1 else ast.Logic(start, operator, tuple(operands))

    def comparison(self) -> ast.Node:
        start = self.token.start
        if self.at_op(*_COMPARISONS):
            operator = self.advance().value
            return ast.UnaryComparison(start, operator, self.additive())
        left = self.additive()
        for turn in count():
            self.guard(turn, start)
            at = self.token.start
            if self.at_op(*_COMPARISONS):
                operator = self.advance().value
                left = ast.Comparison(at, operator, left, self.comparison_operand())
            elif self.at_word("between"):
                self.advance()
                low = self.additive()
                self.expect("and")
                left = ast.Between(at, left, low, self.additive())
            elif self.at_word("in"):
                self.advance()
                left = ast.In(at, left, self.in_tests())
            else:
                break
        return left

    def in_tests(self) -> tuple[ast.Node, ...]:
        """The right side of ``in``: one test, or several in round brackets."""
        if not self.at_op("("):
            return (self.comparison_operand(),)
        start = self.advance().start
        if self.at_op(".."):
            return (self.postfix(self.range_rest(start, None, False)),)
        first = self.expression()
        if self.at_op(".."):
            return (self.postfix(self.range_rest(start, first, False)),)
        tests = [first]
        while self.accept(","):
            tests.append(self.expression())
        self.expect(")")
        if len(tests) == 1:
            return (self.chain_from(self.postfix(tests[0])),)
        return tuple(tests)

    def comparison_operand(self) -> ast.Node:
        start = self.token.start
        if self.at_op(*_COMPARISONS):
            operator = self.advance().value
            return ast.UnaryComparison(start, operator, self.additive())
        return self.additive()

    def additive(self) -> ast.Node:
        return self.chain(("+", "-"), self.multiplicative)

    def multiplicative(self) -> ast.Node:
        return self.chain(("*", "/"), self.power)

    def power(self) -> ast.Node:
        return self.chain(("**",), self.negation)

    def chain(self, operators: tuple[str, ...], operand: Callable[[], ast.Node]) -> ast.Node:
        return self.chain_rest(operand(), operators, operand)

    def chain_rest(self, first: ast.Node, operators: tuple[str, ...], operand: Callable[[], ast.Node]) -> ast.Node:
        rest = []
        while self.at_op(*operators):
            token = self.advance()
            rest.append((str(token.value), operand(), token.start))
        return ast.Chain(first.at, first, tuple(rest)) if rest else first

    def chain_from(self, first: ast.Node) -> ast.Node:
        """Goes on with arithmetic after an operand that was read already."""
        first = self.chain_rest(first, ("**",), self.negation)
        first = self.chain_rest(first, ("*", "/"), self.power)
        return self.chain_rest(first, ("+", "-"), self.multiplicative)

    def negation(self) -> ast.Node:
        if self.at_op("+") and self.following().kind == "number":  # no operator: a sign that numbers of others carry
            self.advance()
        if not self.at_op("-"):
            return self.instance_of()
        start = self.advance().start
        with self.nested():
            operand = self.negation()
        if isinstance(operand, ast.Literal) and type(operand.value) is int and operand.value:
            return ast.Literal(start, -operand.value)
        return ast.Negation(start, operand)

    def instance_of(self) -> ast.Node:
        value = self.postfix(self.primary())
        while self.at_word("instance"):
            at = self.advance().start
            self.expect("of")
            value = ast.InstanceOf(at, value, read_type(self))
        return value

    # postfixes

    def postfix(self, source: ast.Node) -> ast.Node:
        for turn in count():
            self.guard(turn, source.at)
            at = self.token.start
            if self.accept("."):
                source = ast.Path(at, source, self.path_name())
            elif self.accept("..."):
                source = ast.Descendants(at, source, self.path_name())
            elif self.at_op("(") and not isinstance(source, ast.Literal):
                source = self.call(source)
            elif self.at_op("[") and not self.closes_range():
                self.advance()
                source = ast.Filter(at, source, self.expression())
                self.expect("]")
            else:
                break
        return source

    def call(self, function: ast.Node) -> ast.Node:
        at = self.advance().start
        arguments: list[ast.Node] = []
        names: list[str] = []
        named = self.token.kind in ("name", "keyword") and key(self.text, self.token.start) is not None
        while not self.at_op(")"):
            if named:
                names.append(self.key_name())
                self.expect(":")
            arguments.append(self.expression())
            if not self.accept(","):
                break
            if self.at_op(")"):
                raise self.unexpected("an expression")
        self.expect(")")
        return ast.Call(at, function, tuple(arguments), tuple(names) if named else None)

    # primaries

    def primary(self) -> ast.Node:
        token = self.token
        if token.kind in ("number", "string"):
            self.advance()
            return ast.Literal(token.start, token.value)
        if token.kind == "quoted":
            self.advance()
            return ast.Name(token.start, token.value)
        if token.kind == "at":
            return self.at_literal()
        if token.kind == "name":
            name, end = self.known_name()
            self.advance(end)
            if self.token.kind == "name":
                name = self.function_name(name)
            return ast.Name(token.start, name)
        if token.kind == "keyword":
            return self.keyword()
        with self.nested():
            if self.at_op("("):
                return self.parenthesis()
            if self.at_op("["):
                return self.list_or_range()
            if self.at_op("]"):
                return self.outward_range()
            if self.at_op("{"):
                return self.context()
        raise self.unexpected("an expression")

    def function_name(self, name: str) -> str:
        """A host's function whose name holds spaces and is not declared: words that stand side by side can be nothing
        else, if a bracket follows."""
        found = _CALLED.match(self.text, self.token.start)
        if found is None:
            return name
        self.advance(found.end(1))
        return f"{name} {normal(found.group(1))}"

    def at_literal(self) -> ast.Node:
        token = self.advance()
        value = parse_literal(token.value)
        return ast.Unreadable(token.start, token.value) if value is None else ast.Literal(token.start, value)

    def keyword(self) -> ast.Node:
        token = self.token
        if token.value in _CONSTANTS:
            self.advance()
            return ast.Literal(token.start, _CONSTANTS[token.value])
        found = self.known_name()
        if found[1] > token.end:
            self.advance(found[1])
            return ast.Name(token.start, found[0])
        forms: dict[str, Callable[[], ast.Node]] = {
            "if": self.if_then_else,
            "for": self.for_return,
            "some": self.quantified,
            "every": self.quantified,
            "function": self.function,
        }
        if token.value not in forms:
            raise self.unexpected("an expression")
        return forms[token.value]()

    def parenthesis(self) -> ast.Node:
        start = self.advance().start
        if self.at_op(".."):
            return self.range_rest(start, None, False)
        first = self.expression()
        if self.at_op(".."):
            return self.range_rest(start, first, False)
        self.expect(")")
        return first

    def outward_range(self) -> ast.Node:
        """A range written ``]low..high[``."""
        start = self.advance().start
        low = None if self.at_op("..") else self.expression()
        if not self.at_op(".."):
            raise self.unexpected("..")
        return self.range_rest(start, low, False)

    def list_or_range(self) -> ast.Node:
        start = self.advance().start
        items: list[ast.Node] = []
        while not self.at_op("]") or self.opens_range():
            items.append(self.expression())
            if len(items) == 1 and self.at_op(".."):
                return self.range_rest(start, items[0], True)
            if not self.accept(","):
                break
        self.expect("]")
        return ast.ListNode(start, tuple(items))

    def range_rest(self, start: int, low: ast.Node | None, low_included: bool) -> ast.Node:
        """A range from its dots on; an open end may be left out, which leaves it without bound."""
        unbounded: ast.Node = ast.Literal(self.advance().start, None)
        high = unbounded if low is not None and self.at_op(")", "[") else self.expression()
        if not self.at_op(")", "]", "["):
            raise self.unexpected("] ) [")
        return ast.RangeNode(start, low or unbounded, high, low_included, self.advance().value == "]")

    def context(self) -> ast.Node:
        start = self.advance().start
        entries: list[tuple[str, ast.Node]] = []
        names = Names()
        self.local.append(names)
        while not self.at_op("}"):
            at = self.token.start
            name = self.key_name()
            if any(name == known for known, _ in entries):
                raise lexer.error(self.text, at, "syntax.duplicate", name=name)
            self.expect(":")
            entries.append((name, self.expression()))
            names.add(name)
            self.keys.add(name)
            if not self.accept(","):
                break
        self.expect("}")
        self.local.pop()
        return ast.ContextNode(start, tuple(entries))

    def if_then_else(self) -> ast.Node:
        start = self.advance().start
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else")
        return ast.If(start, condition, then, self.expression())

    def for_return(self) -> ast.Node:
        start = self.advance().start
        self.local.append(Names(["partial"]))
        iterators = self.iterators()
        self.expect("return")
        body = self.expression()
        self.local.pop()
        return ast.For(start, iterators, body)

    def quantified(self) -> ast.Node:
        token = self.advance()
        self.local.append(Names())
        iterators = self.iterators()
        self.expect("satisfies")
        condition = self.expression()
        self.local.pop()
        return ast.Quantified(token.start, token.value == "every", iterators, condition)

    def iterators(self) -> tuple[ast.Iterator, ...]:
        found: list[ast.Iterator] = []
        while True:
            at = self.token.start
            name = self.binding_name("in")
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            found.append(ast.Iterator(at, name, source, end))
            self.local[-1].add(name)
            if not self.accept(","):
                return tuple(found)

    def function(self) -> ast.Node:
        start = self.advance().start
        self.expect("(")
        parameters: list[ast.Parameter] = []
        self.local.append(Names())
        while not self.at_op(")"):
            parameters.append(self.parameter())
            if not self.accept(","):
                break
        self.expect(")")
        external = self.at_word("external")
        if external:
            self.advance()
        body = self.expression()
        self.local.pop()
        return ast.FunctionNode(start, tuple(parameters), body, external)

    def parameter(self) -> ast.Parameter:
        at = self.token.start
        if key(self.text, at) is not None:
            name = self.key_name()
            self.expect(":")
            parameter = ast.Parameter(at, name, read_type(self))
        else:
            parameter = ast.Parameter(at, self.plain_parameter())
        self.local[-1].add(parameter.name)
        return parameter

    def plain_parameter(self) -> str:
        found = key(self.text, self.token.start, ",)")
        if found is not None and self.token.kind in ("name", "keyword"):
            self.advance(found[1])
            return found[0]
        words: list[Any] = []
        while self.token.kind in ("name", "keyword"):
            words.append(self.advance().value)
        if not words:
            raise self.unexpected("a name")
        return " ".join(words)

    def whole_expression(self) -> ast.Node:
        """The text as one expression."""
        node = self.expression()
        self.finish()
        return node
