"""The door of the package: names, host functions, Python values in and out, types."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import (
    FeelSyntaxError,
    Function,
    HostFunction,
    Range,
    YearsMonthsDuration,
    coerce,
    compile_expression,
    is_instance,
    narrowed,
    to_json,
    to_text,
)


def value(text: str, variables: Mapping[str, Any] | None = None, **options: Any) -> Any:
    names = [*(variables or {}), *options.get("functions", {})]
    return compile_expression(text, names).evaluate(variables or {}, **options).value


class Deadline(datetime):
    """A host's own kind of instant, which takes more than its numbers to make."""

    key: str

    @classmethod
    def of(cls, key: str, moment: datetime) -> "Deadline":
        made = cls(moment, key)
        made.key = key
        return made

    def __new__(cls, moment: datetime, key: str) -> "Deadline":
        return super().__new__(cls, moment.year, moment.month, moment.day, moment.hour, tzinfo=moment.tzinfo)


def test_compiled_once() -> None:
    assert compile_expression("a + 1") is compile_expression("a + 1", ["a", "b"])
    assert compile_expression("a + 1", ["x y"]) is not compile_expression("a + 1")


@pytest.mark.parametrize(
    ("text", "names", "inside"),
    [
        ("a + b.c", {"a", "b"}, set()),
        ("count(parties) >= n", {"parties", "n"}, set()),
        ("items[price > limit]", {"items", "price", "limit"}, {"price", "limit"}),
        ("limit + count(items[price > limit])", {"items", "price", "limit"}, {"price"}),
        ("for x in xs return x * k", {"xs", "k"}, set()),
        ("{a: b, c: a}", {"b"}, set()),
        ("(function(a) a + z)(1)", {"z"}, set()),
        ("some x in xs satisfies x = item", {"xs", "item"}, set()),
        ("count > 1", {"count"}, set()),
        ("f(1)", {"f"}, set()),
        ("x instance of number and y in [lo..hi]", {"x", "y", "lo", "hi"}, set()),
    ],
)
def test_free_names(text: str, names: set[str], inside: set[str]) -> None:
    expression = compile_expression(text)
    assert (expression.names, expression.filter_names) == (names, inside)


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("full name", {"full name": "A"}, "A"),
        ("full   name", {"full name": "A"}, "A"),
        ("person.full name", {"person": {"full name": "A"}}, "A"),
        ("a-b", {"a-b": 1, "a": 5, "b": 2}, 1),
        ("a - c", {"a-b": 1, "a": 5, "c": 2}, 3),
        ("days and time", {"days and time": 7}, 7),
        ("if x then in time else 0", {"x": True, "in time": 4}, 4),
        ("date of birth", {"date": 1, "date of birth": 2}, 2),
        ("申请人 + 案号", {"申请人": "甲", "案号": "一"}, "甲一"),
        ("申请 日", {"申请 日": 3}, 3),
        ("count", {"count": 3}, 3),
        ("count([1,2]) + count", {"count": 3}, 5),
        ("_a1 + ?x", {"_a1": 1, "?x": 2}, 3),
    ],
)
def test_names_in_scope(text: str, variables: dict[str, Any], expected: Any) -> None:
    assert value(text, variables) == expected


def test_undeclared_name_with_space_is_refused() -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression("full name > 3")


class Level(IntEnum):
    LOW = 1


class Kind(StrEnum):
    INVENTION = "invention"


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (1.1, Decimal("1.1")),
        (0.1 + 0.2, Decimal("0.30000000000000004")),
        (10**40 + 1, Decimal(10**40)),
        (Level.LOW, 1),
        (Kind.INVENTION, "invention"),
        ((1, 2.5), [1, Decimal("2.5")]),
        (OrderedDict(a=1.5), {"a": Decimal("1.5")}),
        (MappingProxyType({"a": [1.5]}), {"a": [Decimal("1.5")]}),
        ([{"a": 0.5}, 1], [{"a": Decimal("0.5")}, 1]),
        (float("nan"), None),
        (float("inf"), None),
        (object(), None),
        ({1: 2}, None),
        (b"x", None),
        ({1, 2}, None),
        (1j, None),
    ],
)
def test_python_values_in(given: Any, seen: Any) -> None:
    found = value("x", {"x": given})
    assert (found, type(found)) == (seen, type(seen))


def test_feel_values_pass_untouched() -> None:
    moment = Deadline(datetime(2026, 1, 1), "x")
    for given in ([1, {"a": "b"}], {"a": [None, True]}, moment, Range(1, 2), YearsMonthsDuration(3)):
        assert value("x", {"x": given}) is given


def test_host_function_result_is_the_very_object() -> None:
    moment = Deadline.of("dl.inv.answer", datetime(2026, 5, 1, 23, tzinfo=timezone(timedelta(hours=8))))
    assert value('deadline("dl.inv.answer")', functions={"deadline": lambda key: moment}) is moment
    assert value("d", {"d": moment}) is moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d.month", "5"),
        ('d + @"P1D"', "2026-05-02T23:00:00+08:00"),
        ('d - @"P1M"', "2026-04-01T23:00:00+08:00"),
        ('d - @"2026-05-01T00:00:00Z"', "PT15H"),
        ('d > @"2026-05-01T15:00:01Z"', "false"),
        ('d = @"2026-05-01T15:00:00Z"', "true"),
        ('d in [@"2026-05-01T00:00:00Z"..@"2026-05-02T00:00:00Z"]', "true"),
        ("date(d)", "2026-05-01"),
        ("time(d)", "23:00:00+08:00"),
        ("max(d, d) = d", "true"),
        ("string(d)", "2026-05-01T23:00:00+08:00"),
        ("date and time(d, @\"10:00:00\")", "2026-05-01T10:00:00"),
        ("years and months duration(d, d)", "P0M"),
        ("d instance of date and time", "true"),
        ("day of week(d)", "Friday"),
    ],
)
def test_host_moments_are_moments(text: str, expected: str) -> None:
    moment = Deadline.of("x", datetime(2026, 5, 1, 23, tzinfo=timezone(timedelta(hours=8))))
    assert to_text(value(text, {"d": moment})) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('f(@"2026-03-02T01:02:03.1234567Z")', datetime(2026, 3, 2, 1, 2, 3, 123456, UTC)),
        ('f(@"01:02:03.000000001")', time(1, 2, 3)),
        ('f(@"-PT0.000001001S")', timedelta(microseconds=-2)),
        ('f(@"2026-03-02")', date(2026, 3, 2)),
        ("f([1])", [1]),
    ],
)
def test_host_functions_get_pythons_own_moments(text: str, expected: Any) -> None:
    seen: list[Any] = []
    compile_expression(text).evaluate({}, functions={"f": seen.append})
    assert seen == [expected]
    assert compile_expression(text).evaluate({}, functions={"f": HostFunction("f", ("x",), narrowed)}).value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('working days between("a", "b")', 1),
        ("1 + working  days\n between (1, 2) * 2", 3),
        ("if working days between(from: 1, to: 2) > 0 then case number() else null", "YS-1"),
        ("[case number()][1]", "YS-1"),
        ("x between (1) and (2)", True),
        ('string lenght("a")', None),
    ],
)
def test_host_functions_with_spaces_need_no_declaring(text: str, expected: Any) -> None:
    functions = {
        "working days between": HostFunction("working days between", ("from", "to"), lambda one, other: 1),
        "case number": lambda: "YS-1",
    }
    assert compile_expression(text).evaluate({"x": 1}, functions=functions).value == expected


@pytest.mark.parametrize(
    "text", ["a b", "a b and f(x)", "a b in c(1)", "a if (1)", "a " * 3000 + "b", "a " * 3000 + "("]
)
def test_words_side_by_side_are_no_name_without_a_bracket(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


def test_host_functions_by_name_and_position() -> None:
    def between(start: date, end: date, calendar_key: str = "cn") -> str:
        return f"{start} {end} {calendar_key}"

    functions = {"working days between": between}
    days = {"a": date(2026, 1, 1), "b": date(2026, 1, 9)}
    assert value("working days between(a, b)", days, functions=functions) == "2026-01-01 2026-01-09 cn"
    assert value("working days between(a, b, \"x\")", days, functions=functions) == "2026-01-01 2026-01-09 x"
    named = "working days between(end: b, start: a)"
    assert compile_expression(named, functions).evaluate(days, functions=functions).value == "2026-01-01 2026-01-09 cn"
    declared = HostFunction("number of", ("thing",), lambda thing: 4)
    assert value('number of(thing: "x")', functions={"number of": declared}) == 4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("f()", "function.arguments"),
        ("f(1, 2, 3)", "function.arguments"),
        ("f(c: 1)", "function.arguments"),
        ('f("a")', "function.failed"),
        ("g(1)", "value.foreign"),
    ],
)
def test_host_function_that_gives_no_value(text: str, code: str) -> None:
    result = compile_expression(text).evaluate({}, functions={"f": lambda a, b=0: a + b, "g": lambda a: object()})
    assert (result.value, [warning.code for warning in result.warnings]) == (None, [code])


def test_host_function_shadows_a_builtin_and_goes_as_value() -> None:
    assert value("count([1])", functions={"count": lambda xs: 99}) == 99
    assert value("sort([1,3,2], later)", functions={"later": lambda a, b: a > b}) == [3, 2, 1]


def test_a_bug_in_a_host_function_is_not_hidden() -> None:
    def broken() -> None:
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError):
        value("f()", functions={"f": broken})


def test_now_is_given() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert value("now()", now=noon) is noon
    assert value("today()", now=noon) == date(2026, 3, 2)


def test_random_is_given() -> None:
    assert value("random number()", random=lambda: 0.25) == Decimal("0.25")
    assert value("uuid()", random=lambda: 0.25) == "40000000-4000-4000-8000-000040000000"


@pytest.mark.parametrize(
    ("given", "text", "json"),
    [
        (None, None, None),
        (True, "true", True),
        (Decimal("2.00"), "2.00", 2),
        (Decimal("2.5"), "2.5", Decimal("2.5")),
        (Decimal("1E+3"), "1000", 1000),
        ("a", "a", "a"),
        (date(2026, 1, 2), "2026-01-02", "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05", "2026-01-02T03:04:05"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
        (
            datetime(2026, 1, 2, tzinfo=ZoneInfo("Asia/Shanghai")),
            "2026-01-02T00:00:00@Asia/Shanghai",
            "2026-01-02T00:00:00@Asia/Shanghai",
        ),
        (time(1, 2, 3, 500000), "01:02:03.5", "01:02:03.5"),
        (timedelta(days=-1, hours=-2), "-P1DT2H", "-P1DT2H"),
        (YearsMonthsDuration(-14), "-P1Y2M", "-P1Y2M"),
        (Range(1, 5, True, False), "[1..5)", "[1..5)"),
        (Range(5, None, False, False), ">5", ">5"),
        ([1, "a", None], '[1, "a", null]', [1, "a", None]),
        ({"a": {"b c": [Decimal("1.0")]}}, "{a: {b c: [1.0]}}", {"a": {"b c": [1]}}),
        (Function("f", (("a", None),)), "function(a)", None),
    ],
)
def test_values_out(given: Any, text: str | None, json: Any) -> None:
    assert to_text(given) == text
    assert to_json(given) == json
    assert type(to_json(given)) is type(json)


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        (1, "number", 1),
        ([1], "number", 1),
        (1, "list<number>", [1]),
        ("a", "list<number>", None),
        ([1, "a"], "list<number>", None),
        (date(2026, 1, 1), "date and time", datetime(2026, 1, 1, tzinfo=UTC)),
        ({"a": 1, "b": 2}, "context<a: number>", {"a": 1, "b": 2}),
        ({"b": 2}, "context<a: number>", None),
        (None, "number", None),
        ("x", "tName", "x"),
        (5, "tName", None),
        (5, "tUnknown", None),
        (object(), "number", None),
    ],
)
def test_coerce(given: Any, wanted: str, expected: Any) -> None:
    result = coerce(given, wanted, {"tName": lambda found: isinstance(found, str)})
    assert result.value == expected
    assert bool(result.warnings) == (expected is None and given is not None)


def test_named_types_are_told_by_the_host() -> None:
    types = {"tAdult": lambda found: isinstance(found, int) and found >= 18}
    assert value("20 instance of tAdult", types=types) is True
    assert value("(function(a: tAdult) a)(5)", types=types) is None


def test_one_expression_many_variables() -> None:
    expression = compile_expression("amount > 100 and kind = \"a\"")
    assert expression.evaluate({"amount": 200, "kind": "a"}).value is True
    assert expression.evaluate({"amount": 50, "kind": "a"}).value is False
    assert expression.evaluate({"kind": "a"}).value is None


def test_instance_of_asks_shapes_and_parameters_ask_types() -> None:
    types = {"tAdult": lambda found: isinstance(found, int) and found >= 18}
    shapes = {"tAdult": lambda found: isinstance(found, int)}
    assert value("5 instance of tAdult", types=types, shapes=shapes) is True
    assert value("(function(a: tAdult) a)(5)", types=types, shapes=shapes) is None


def test_a_function_keeps_the_variables_it_was_made_with() -> None:
    made = compile_expression("function(b) a * b").evaluate({"a": 100}).value
    assert compile_expression("f(2)").evaluate({"f": made, "a": 10}).value == 200
    lost = compile_expression("f(2)").evaluate({"f": compile_expression("function(b) gone").evaluate({}).value})
    assert (lost.value, lost.warnings[0].code) == (None, "name.unknown")


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [(1, "number", True), ([1], "number", False), (1, "list<number>", False), (None, "number", False), (1, "t", False)],
)
def test_is_instance_converts_nothing(given: Any, wanted: str, expected: bool) -> None:
    assert is_instance(given, wanted) is expected
