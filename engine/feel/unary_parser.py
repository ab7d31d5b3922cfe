"""Unary tests: the cells of decision tables (DMN clause 7.3.3 and 10.3.1.2, rules 12 to 17)."""

from engine.feel import lexer
from engine.feel.diagnosis import FeelSyntaxError
from engine.feel.parser import Parser
from engine.feel.syntax import Node, Tests


def read_tests(parser: Parser) -> Tests:
    """``-``, ``not(…)`` or tests separated by commas, as the whole text."""
    start = parser.token.start
    if parser.at_op("-") and lexer.read(parser.text, parser.token.end).kind == "end":
        return Tests(start)
    negated = _negated(parser)
    if negated is not None:
        return negated
    try:
        tests = _tests(parser)
        parser.finish()
    except FeelSyntaxError as refusal:
        bracketed = _bracketed(parser, start)
        if bracketed is None:
            raise refusal from None
        return bracketed
    return Tests(start, tests)


def _bracketed(parser: Parser, start: int) -> Tests | None:
    """Several tests in round brackets as the whole text, as they may stand after ``in``; None if it is not that."""
    parser.restart(start)
    if not parser.accept("("):
        return None
    try:
        tests = _tests(parser)
        parser.expect(")")
        parser.finish()
    except FeelSyntaxError:
        return None
    return Tests(start, tests)


def _negated(parser: Parser) -> Tests | None:
    """``not(…)`` when it is the whole text; else it is an expression that begins with the function ``not``."""
    token = parser.token
    if not parser.at_word("not") or lexer.read(parser.text, token.end).value != "(":
        return None
    parser.advance()
    parser.advance()
    tests = _tests(parser)
    parser.expect(")")
    if parser.token.kind == "end":
        return Tests(token.start, tests, True)
    parser.advance(token.start)
    return None


def _tests(parser: Parser) -> tuple[Node, ...]:
    tests = [parser.expression()]
    while parser.accept(","):
        tests.append(parser.expression())
    return tuple(tests)
