"""Laws that hold for all values: arithmetic of 34 digits, calendars, ranges, texts, three-valued logic."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.feel import (
    FeelError,
    FeelSyntaxError,
    Range,
    YearsMonthsDuration,
    compile_expression,
    compile_unary_tests,
    to_json,
    to_text,
    wide,
)
from engine.feel.builtins import BUILTINS

NUMBERS = st.one_of(st.integers(-(10**33), 10**33), st.decimals(-(10**12), 10**12, places=6))
SMALL = st.integers(-1000, 1000)
DATES = st.dates(date(1000, 1, 1), date(3000, 1, 1))
SPANS = st.integers(-400_000, 400_000).map(lambda days: timedelta(days=days))
MONTHS = st.integers(-1200, 1200).map(YearsMonthsDuration)
THREE = st.sampled_from([True, False, None])
EXACT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)


def holds(*strategies: Any) -> Any:
    """``given`` a few examples, however slow the machine."""
    return lambda law: settings(max_examples=50, deadline=None)(given(*strategies)(law))


def run(text: str, **variables: Any) -> Any:
    return compile_expression(text).evaluate(variables).value


def rounded(exact: Fraction) -> Decimal:
    """The fraction to 34 digits, half even, computed without the package."""
    return EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


@holds(NUMBERS, NUMBERS)
def test_sums_and_products_round_once(a: Any, b: Any) -> None:
    one, other = Fraction(a), Fraction(b)
    assert run("a + b", a=a, b=b) == rounded(one + other)
    assert run("a - b", a=a, b=b) == rounded(one - other)
    assert run("a * b", a=a, b=b) == rounded(one * other)


@holds(NUMBERS, NUMBERS)
def test_quotients_round_once(a: Any, b: Any) -> None:
    assume(b != 0)
    assert run("a / b", a=a, b=b) == EXACT.divide(Decimal(a), Decimal(b))


@holds(SMALL, SMALL)
def test_int_and_decimal_are_the_same_number(a: int, b: int) -> None:
    for operator in ("+", "-", "*", "<", "=", ">="):
        assert run(f"a {operator} b", a=a, b=b) == run(f"a {operator} b", a=Decimal(a), b=Decimal(b))


@holds(SMALL, SMALL.filter(bool))
def test_modulo_has_the_sign_of_the_divisor(a: int, b: int) -> None:
    rest = run("modulo(a / 8, b / 8)", a=a, b=b)
    assert rest == Decimal(a % b) / 8
    assert run("floor(a / b) * b + modulo(a, b) = a", a=a, b=b) is True


@holds(NUMBERS, st.integers(0, 8))
def test_roundings_enclose_the_number(n: Any, scale: int) -> None:
    low, high = run("floor(n, s)", n=n, s=scale), run("ceiling(n, s)", n=n, s=scale)
    assert low <= n <= high
    assert high - low <= Decimal(1).scaleb(-scale)
    assert {run(f"{name}(n, s)", n=n, s=scale) for name in ("decimal", "round half up", "round up")} <= {low, high}


@holds(DATES, SPANS)
def test_adding_days_and_taking_the_difference(day: date, span: timedelta) -> None:
    later = run("d + s", d=day, s=span)
    if later is not None:
        assert run("x - d", x=later, d=day) == span
        assert run("x - s", x=later, s=span) == day


@holds(DATES, MONTHS)
def test_adding_months_keeps_the_day_or_ends_the_month(day: date, span: YearsMonthsDuration) -> None:
    later = run("d + s", d=day, s=span)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == span.months
    assert later.day == min(day.day, calendar.monthrange(later.year, later.month)[1])


@holds(DATES, DATES)
def test_months_between_is_the_most_that_fits(start: date, end: date) -> None:
    assume(start <= end)
    months = run("years and months duration(a, b)", a=start, b=end).months
    assert run("a + m <= b", a=start, b=end, m=YearsMonthsDuration(months)) is True
    following = date(end.year, end.month, 1) + timedelta(days=45)
    assert months <= (following.year - start.year) * 12 + following.month - start.month
    assert run("years and months duration(b, a)", a=start, b=end).months in (-months, -months - 1)


@holds(DATES, DATES)
def test_dates_order_as_their_difference(a: date, b: date) -> None:
    assert run("a < b", a=a, b=b) is (run("b - a", a=a, b=b) > timedelta())


@holds(st.datetimes(timezones=st.just(None)), st.timedeltas(timedelta(days=-9999), timedelta(days=9999)))
def test_moments_and_spans(moment: datetime, span: timedelta) -> None:
    later = run("m + s", m=moment, s=span)
    assert later is None or run("x - m", x=later, m=moment) == span


@holds(st.one_of(DATES, st.datetimes(), st.times(), st.timedeltas(), MONTHS))
def test_texts_of_temporal_values_read_back(value: Any) -> None:
    again = run(f'@"{to_text(value)}"')
    assert (again, type(again)) == (value, type(value))


@holds(st.timedeltas(timedelta(days=-9999), timedelta(days=9999)), st.integers(-50, 50).filter(bool))
def test_spans_scale(span: timedelta, factor: int) -> None:
    assert run("s * n", s=span, n=factor) == span * factor
    assert run("s * n / n", s=span, n=factor) == span
    assert span == timedelta() or run("s * n / s", s=span, n=factor) == factor


@holds(SMALL, SMALL, SMALL, st.booleans(), st.booleans())
def test_a_range_tests_its_ends(low: int, high: int, value: int, low_in: bool, high_in: bool) -> None:
    span = Range(low, high, low_in, high_in)
    inside = (low <= value if low_in else low < value) and (value <= high if high_in else value < high)
    assert run("v in r", v=value, r=span) is inside
    assert run("includes(r, v)", v=value, r=span) is inside or low > high
    text = f"{'[' if low_in else '('}{low}..{high}{']' if high_in else ')'}"
    assert compile_unary_tests(text).evaluate(value, {}).value is inside


@holds(st.tuples(SMALL, SMALL).map(sorted), st.tuples(SMALL, SMALL).map(sorted))
def test_two_intervals_lie_one_way(a: list[int], b: list[int]) -> None:
    one, other = Range(*a), Range(*b)
    ways = [run(f"{name}(a, b)", a=one, b=other) for name in ("before", "overlaps", "after")]
    assert ways.count(True) == 1


@holds(THREE, THREE)
def test_logic_is_kleenes(a: bool | None, b: bool | None) -> None:
    order = {False: 0, None: 1, True: 2}
    assert run("a and b", a=a, b=b) is min((a, b), key=order.__getitem__)
    assert run("a or b", a=a, b=b) is max((a, b), key=order.__getitem__)
    assert run("not(a and b)", a=a, b=b) is run("not(a) or not(b)", a=a, b=b)


@holds(st.lists(SMALL, max_size=12))
def test_lists(items: list[int]) -> None:
    assert run("sort(xs, function(a, b) a < b)", xs=items) == sorted(items)
    assert run("reverse(reverse(xs))", xs=items) == items
    assert run("distinct values(xs)", xs=items) == list(dict.fromkeys(items))
    assert run("xs[item > 0]", xs=items) == [item for item in items if item > 0]
    assert run("for x in xs return x * 2", xs=items) == [item * 2 for item in items]
    assert run("concatenate(xs, xs)", xs=items) == items * 2
    assert run("every x in xs satisfies x <= max(xs)", xs=items) is True


@holds(st.text(max_size=40))
def test_strings(text: str) -> None:
    assert run("string length(s)", s=text) == len(text)
    assert run('substring before(s + "|x", "|x")', s=text) == text.partition("|x")[0]
    escaped = "".join(f"\\U{ord(char):06X}" for char in text)
    assert run(f'"{escaped}"') == text


PATTERN = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "c?"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        inner.map(lambda one: f"({one})*"),
        inner.map(lambda one: f"({one})+?"),
        inner.map(lambda one: f"({one}){{1,2}}"),
    ),
    max_leaves=6,
)


@holds(PATTERN, st.text("abc1", max_size=12))
def test_patterns_match_as_python_does(pattern: str, text: str) -> None:
    expected = re.search(pattern, text) is not None
    assert run("matches(s, p)", s=text, p=pattern) is expected
    assert run("matches(s, p)", s=text, p=f"^({pattern})$") is (re.search(f"^({pattern})$", text) is not None)


@holds(st.text('0123456789abif thenelsr.,()[]{}"+-*/<>=@?:\\\n\'为(', max_size=30))
def test_any_text_is_feel_or_a_syntax_error(text: str) -> None:
    for compile_it in (compile_expression, compile_unary_tests):
        try:
            compiled = compile_it(text)
        except FeelSyntaxError as refusal:
            assert refusal.line >= 1
            assert refusal.column >= 1
        else:
            assert compiled.text == text


ZONES = st.one_of(st.none(), st.timezones(), st.just(UTC), st.just(timezone(timedelta(hours=-9, minutes=-30))))
ANY_DAY = st.builds(
    wide.make_date, st.integers(-wide.MAX_YEAR, wide.MAX_YEAR) | st.integers(-2, 10_002), st.integers(1, 12),
    st.integers(1, 28),
)  # fmt: skip
ANY_MOMENT = st.builds(wide.make_moment, ANY_DAY, st.integers(0, wide.DAY - 1), ZONES)
ANY_SPAN = st.builds(wide.make_span, st.integers(-(10**24), 10**24) | st.integers(-5, 5))


@holds(ANY_DAY, st.integers(-(10**6), 10**6))
def test_days_of_any_year_are_counted(day: Any, days: int) -> None:
    span = timedelta(days=days)
    later = run("day + span", day=day, span=span)
    assume(later is not None)
    assert run("later - day", later=later, day=day) == span
    assert run("later - span = day", later=later, span=span, day=day) is True
    assert (wide.day_number(day) + days - 1) % 7 == wide.twin(later).weekday()


@holds(ANY_MOMENT, ANY_SPAN)
def test_moments_of_any_year_are_counted_to_the_nanosecond(moment: Any, span: Any) -> None:
    later = run("moment + span", moment=moment, span=span)
    assume(later is not None)
    assert run("later - moment", later=later, moment=moment) == span
    assert run("later > moment", later=later, moment=moment) is (wide.span_nanos(span) > 0)


@holds(ANY_DAY | ANY_SPAN | ANY_MOMENT)
def test_a_value_of_any_year_is_what_its_text_says(value: Any) -> None:
    again = compile_expression(f'@"{to_text(value)}"').evaluate({}).value
    assert run("is(a, b)", a=again, b=value) is True
    assert type(again) is type(value)


@holds(ANY_DAY, ANY_DAY)
def test_days_of_any_year_are_in_order(one: Any, other: Any) -> None:
    earlier = (one.year, one.month, one.day) < (other.year, other.month, other.day)
    assert run("a < b", a=one, b=other) is earlier
    assert run("b - a > @\"PT0S\"", a=one, b=other) is earlier


@holds(st.dates(), st.dates())
def test_day_numbers_are_pythons(one: date, other: date) -> None:
    assert wide.day_number(one) == one.toordinal()
    assert wide.numbered_day(other.toordinal()) == other


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        NUMBERS,
        st.sampled_from([0, -1, 1, 2, Decimal("0.5"), Decimal("-1E+6000"), Decimal("1E-6000"), 10**33]),
        st.text("ab1(.*$\\-T:P🐎", max_size=6),
        st.sampled_from(["2026-01-01", "10:00:00@Asia/Shanghai", "P1D", "[1..2]", "s", ""]),
        st.dates(),
        st.datetimes(timezones=st.one_of(st.none(), st.timezones())),
        st.times(),
        st.timedeltas(),
        MONTHS,
        ANY_DAY,
        ANY_MOMENT,
        ANY_SPAN,
        st.builds(wide.make_time, st.integers(0, wide.DAY - 1), ZONES),
        st.builds(Range, SMALL, st.none() | SMALL, st.booleans(), st.booleans()),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "key", "value"]), inner),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(BUILTINS)), st.lists(ANYTHING, max_size=4))
def test_builtins_take_anything(name: str, arguments: list[Any]) -> None:
    """Any built-in over any values gives a value or a refusal of ours, and whatever it gives can be written."""
    variables = {f"v{index}": argument for index, argument in enumerate(arguments)}
    try:
        result = compile_expression(f"{name}({', '.join(variables)})").evaluate(variables)
        to_text(result.value)
        to_json(result.value)
    except FeelError as refusal:
        assert refusal.code.startswith("limit.")
    else:
        assert result.value is not None or result.warnings or name in NULL_IS_AN_ANSWER


ONE_OF_EACH: Any = run(
    """[null, true, 0, -2.5, 1e6000, "", "a", @"2024-02-29", @"-999999999-01-01", @"10:00:00@Asia/Shanghai",
    @"2024-02-29T10:00:00Z", @"P1D", -@"PT0.000000001S", -@"P1Y2M", [1..2], (< "b"), [], [1, null], {}, {a: 1},
    function(x) x, abs]"""
)


def test_builtins_take_one_of_every_kind_and_every_pair_of_kinds() -> None:
    for name in BUILTINS:
        of_one, of_two = compile_expression(f"{name}(v0)"), compile_expression(f"{name}(v0, v1)")
        for one in ONE_OF_EACH:
            to_text(of_one.evaluate({"v0": one}).value)
            for other in ONE_OF_EACH:
                to_text(of_two.evaluate({"v0": one, "v1": other}).value)


NULL_IS_AN_ANSWER = {
    "all", "any", "get or else", "get value", "max", "mean", "median", "min", "not", "product", "string", "sum",
}  # fmt: skip
OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in"]
FORMS = ["a between b and c", "a[b]", "a.b", "-a", "if a then b else c", "for x in a return x", "[a..b]"]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(OPERATORS), ANYTHING, ANYTHING, ANYTHING)
def test_operators_take_anything(operator: str, a: Any, b: Any, c: Any) -> None:
    for text in (f"a {operator} b", *FORMS):
        try:
            to_text(run(text, a=a, b=b, c=c))
        except FeelError as refusal:
            assert refusal.code.startswith("limit.")
