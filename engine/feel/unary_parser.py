"""Unary tests: the cells of decision tables (DMN clause 7.3.3 and 10.3.1.2, rules 12 to 17)."""

from engine.feel import lexer
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
    tests = Tests(start, _tests(parser))
    parser.finish()
    return tests


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
