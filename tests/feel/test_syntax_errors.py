"""What is no FEEL is refused with the place and with what was expected, in both languages."""

from time import process_time

import pytest

from engine.feel import FeelSyntaxError, compile_expression, describe


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("1 +", 1, 4, "an expression"),
        ("", 1, 1, "an expression"),
        ("if true then 1", 1, 15, "'else'"),
        ("[1, 2", 1, 6, "]"),
        ("{a: 1", 1, 6, "}"),
        ("a b", 1, 3, "an operator or the end"),
        ("1\n+ )", 2, 3, "an expression"),
        ("for x 1", 1, 8, "'in'"),
        ("some x in [1] return x", 1, 15, "'satisfies'"),
        ("f(1", 1, 4, ")"),
        ("f(1,)", 1, 5, "an expression"),
        ("1 instance 2", 1, 12, "'of'"),
        ("1 instance of", 1, 14, "a type"),
        ("a.", 1, 3, "a name"),
        ("a.1", 1, 2, "an operator or the end"),
        ("1 between 2", 1, 12, "'and'"),
        ("{1: 2}", 1, 2, "a name"),
        ("[1..2", 1, 6, "] ) ["),
        ("count（[1]）", 1, 6, "("),
        ("1 == 2 =", 1, 9, "an expression"),
    ],
)
def test_place_and_expectation(text: str, line: int, column: int, expected: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert (caught.value.line, caught.value.column, caught.value.expected) == (line, column, expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"abc', "syntax.string"),
        ("/* abc", "syntax.comment"),
        ('"\\uD800"', "syntax.escape"),
        ('"\\UFFFFFF"', "syntax.escape"),
        ("1 $ 2", "syntax.character"),
        ("{a: 1, a: 2}", "syntax.duplicate"),
        ("“abc”", "syntax.fullwidth"),
    ],
)
def test_code(text: str, code: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.code == code


def test_said_in_chinese_and_english() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression("1 +")
    assert caught.value.message == "Expected an expression, but found the end of the expression"
    assert describe(caught.value, "zh") == "此处应为表达式，但遇到表达式结尾"
    assert describe(caught.value, "en") == caught.value.message


def test_diagnosis_points_at_its_part() -> None:
    result = compile_expression('[1,\n  2 + "a"]').evaluate({})
    assert [(one.code, one.line, one.column) for one in result.warnings] == [("operands", 2, 5)]
    assert describe(result.warnings[0], "zh") == "运算符 + 不适用于数字与字符串"
    assert result.warnings[0].message == "Expected operands that fit '+', but they are number and string"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing", "name.unknown"),
        ("{a: 1}.b", "entry.unknown"),
        ("[1][2]", "index.outside"),
        ("1 / 0", "number.division"),
        ("10 ** 9999", "number.range"),
        ("sqrt(-1)", "number.domain"),
        ("if 1 then 2 else 3", "condition"),
        ("1 and true", "operand"),
        ("for i in null return i", "iteration.type"),
        ('[1.."a"]', "range.bounds"),
        ("{a: 5, b: a(1)}", "function.type"),
        ("count()", "function.arguments"),
        ('floor("a")', "function.argument"),
        ('date("x")', "value.invalid"),
        ('matches("a", "(")', "pattern.invalid"),
        ("1 instance of tX", "type.unknown"),
        ("now()", "now.absent"),
        ("today()", "now.absent"),
        ("random number()", "random.absent"),
        ("(function(a) external {java: {}})(1)", "function.external"),
    ],
)
def test_null_says_why(text: str, code: str) -> None:
    result = compile_expression(text).evaluate({})
    assert code in [warning.code for warning in result.warnings]
    assert all(describe(warning, "zh") != describe(warning, "en") for warning in result.warnings)
    assert all("{" not in describe(warning, language) for warning in result.warnings for language in ("zh", "en"))


def test_warnings_are_bounded() -> None:
    result = compile_expression("for i in 1..1000 return nothing").evaluate({})
    assert len(result.warnings) == 50


def test_a_long_word_is_read_in_time_that_grows_with_its_length() -> None:
    """A name that turns out not to be a key once was split in every possible way: 26 letters took a minute."""
    assert compile_expression(f"count({'abcdefghijklmnopqrstuvwxyz' * 40})").names


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "1", "1.", "(", "[", "{", "]", '"', "\\", "-", "- ", "*", "/*", "a.", "..", '@"', "a'", "a+b ", "a or ",
     "if ", "not(", "{a b:", "a instance of ", "list<", " "],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "{a: ", "f(", "function("])
def test_no_long_text_is_read_in_more_than_linear_time(before: str, piece: str) -> None:
    """Ten times the text may cost ten times as much or be refused; a pattern that backtracks would cost 100 times."""
    small, large = (before + (piece * size)[:size] + "!" for size in (2_000, 20_000))
    cost = _cost(small)
    assert any(_cost(large) < 0.1 + 40 * cost for _ in range(3))  # a busy machine may hold up one of them


def _cost(text: str) -> float:
    started = process_time()
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)
    return process_time() - started
