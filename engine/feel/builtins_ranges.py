"""Range built-ins: how points and intervals lie to each other (DMN clause 10.3.4.12, table 78, after Allen)."""

from engine.feel.diagnosis import Failure
from engine.feel.operators import equal, less
from engine.feel.registry import builtin
from engine.feel.runtime import Run
from engine.feel.values import Range, Value, kind

CLAUSE = "10.3.4.12"


def _less(one: Value, other: Value) -> bool:
    """``one < other`` for two known points. Raises ``Failure`` where they have no order."""
    found = less(one, other)
    if found is None:
        raise Failure("range.bounds", left=kind(one), right=kind(other))
    return found


def _same(run: Run, one: Value, other: Value) -> bool:
    if one is None or other is None:
        return one is other
    if kind(one) != kind(other):
        raise Failure("range.bounds", left=kind(one), right=kind(other))
    return equal(run, one, other) is True


def _starts_earlier(one: Value, other: Value) -> bool:
    """Order of two starts, of which None is unbounded."""
    if one is None or other is None:
        return one is None and other is not None
    return _less(one, other)


def _ends_earlier(one: Value, other: Value) -> bool:
    """Order of two ends, of which None is unbounded."""
    if one is None or other is None:
        return one is not None and other is None
    return _less(one, other)


def _end_before_start(end: Value, start: Value) -> bool:
    return end is not None and start is not None and _less(end, start)


def _touch(run: Run, end: Value, start: Value) -> bool:
    return end is not None and start is not None and _same(run, end, start)


@builtin("before(range1: range, range2: range)", CLAUSE)
def before_ranges(run: Run, one: Range, other: Range) -> Value:
    apart = not (one.end_included and other.start_included)
    return _end_before_start(one.end, other.start) or (apart and _touch(run, one.end, other.start))


@builtin("before(range: range, point: any)", CLAUSE)
def before_range_point(run: Run, span: Range, point: Value) -> Value:
    return before_ranges(run, span, Range(point, point))


@builtin("before(point: any, range: range)", CLAUSE)
def before_point_range(run: Run, point: Value, span: Range) -> Value:
    return before_ranges(run, Range(point, point), span)


@builtin("before(point1: any, point2: any)", CLAUSE)
def before_points(run: Run, one: Value, other: Value) -> Value:
    return _less(one, other)


@builtin("after(range1: range, range2: range)", CLAUSE)
def after_ranges(run: Run, one: Range, other: Range) -> Value:
    return before_ranges(run, other, one)


@builtin("after(range: range, point: any)", CLAUSE)
def after_range_point(run: Run, span: Range, point: Value) -> Value:
    return before_point_range(run, point, span)


@builtin("after(point: any, range: range)", CLAUSE)
def after_point_range(run: Run, point: Value, span: Range) -> Value:
    return before_range_point(run, span, point)


@builtin("after(point1: any, point2: any)", CLAUSE)
def after_points(run: Run, one: Value, other: Value) -> Value:
    return _less(other, one)


@builtin("meets(range1: range, range2: range)", CLAUSE)
def meets(run: Run, one: Range, other: Range) -> Value:
    return one.end_included and other.start_included and _touch(run, one.end, other.start)


@builtin("met by(range1: range, range2: range)", CLAUSE)
def met_by(run: Run, one: Range, other: Range) -> Value:
    return meets(run, other, one)


@builtin("overlaps(range1: range, range2: range)", CLAUSE)
def overlaps(run: Run, one: Range, other: Range) -> Value:
    return not before_ranges(run, one, other) and not before_ranges(run, other, one)


@builtin("overlaps before(range1: range, range2: range)", CLAUSE)
def overlaps_before(run: Run, one: Range, other: Range) -> Value:
    """``one`` starts earlier, reaches into ``other``, and ends no later."""
    earlier = _starts_earlier(one.start, other.start) or (
        _same(run, one.start, other.start) and one.start_included and not other.start_included
    )
    within = _ends_earlier(one.end, other.end) or (
        _same(run, one.end, other.end) and (not one.end_included or other.end_included)
    )
    return earlier and within and not before_ranges(run, one, other)


@builtin("overlaps after(range1: range, range2: range)", CLAUSE)
def overlaps_after(run: Run, one: Range, other: Range) -> Value:
    """``one`` starts later, within ``other``, and ends no earlier."""
    later = _starts_earlier(other.start, one.start) or (
        _same(run, other.start, one.start) and other.start_included and not one.start_included
    )
    beyond = _ends_earlier(other.end, one.end) or (
        _same(run, other.end, one.end) and (one.end_included or not other.end_included)
    )
    return later and beyond and not before_ranges(run, other, one)


@builtin("finishes(range1: range, range2: range)", CLAUSE)
def finishes_range(run: Run, one: Range, other: Range) -> Value:
    return (
        _same(run, one.end, other.end)
        and one.end_included == other.end_included
        and _starts_within(run, one, other)
    )


def _starts_within(run: Run, one: Range, other: Range) -> bool:
    """``one`` starts no earlier than ``other``."""
    return _starts_earlier(other.start, one.start) or (
        _same(run, one.start, other.start) and (not one.start_included or other.start_included)
    )


def _ends_within(run: Run, one: Range, other: Range) -> bool:
    """``one`` ends no later than ``other``."""
    return _ends_earlier(one.end, other.end) or (
        _same(run, one.end, other.end) and (not one.end_included or other.end_included)
    )


@builtin("finishes(point: any, range: range)", CLAUSE)
def finishes_point(run: Run, point: Value, span: Range) -> Value:
    return span.end_included and _same(run, span.end, point)


@builtin("finished by(range1: range, range2: range)", CLAUSE)
def finished_by_range(run: Run, one: Range, other: Range) -> Value:
    return finishes_range(run, other, one)


@builtin("finished by(range: range, point: any)", CLAUSE)
def finished_by_point(run: Run, span: Range, point: Value) -> Value:
    return finishes_point(run, point, span)


@builtin("includes(range1: range, range2: range)", CLAUSE)
def includes_range(run: Run, one: Range, other: Range) -> Value:
    return _starts_within(run, other, one) and _ends_within(run, other, one)


@builtin("includes(range: range, point: any)", CLAUSE)
def includes_point(run: Run, span: Range, point: Value) -> Value:
    return includes_range(run, span, Range(point, point)) if point is not None else None


@builtin("during(range1: range, range2: range)", CLAUSE)
def during_range(run: Run, one: Range, other: Range) -> Value:
    return includes_range(run, other, one)


@builtin("during(point: any, range: range)", CLAUSE)
def during_point(run: Run, point: Value, span: Range) -> Value:
    return includes_point(run, span, point)


@builtin("starts(range1: range, range2: range)", CLAUSE)
def starts_range(run: Run, one: Range, other: Range) -> Value:
    return (
        _same(run, one.start, other.start)
        and one.start_included == other.start_included
        and _ends_within(run, one, other)
    )


@builtin("starts(point: any, range: range)", CLAUSE)
def starts_point(run: Run, point: Value, span: Range) -> Value:
    return span.start_included and _same(run, span.start, point)


@builtin("started by(range1: range, range2: range)", CLAUSE)
def started_by_range(run: Run, one: Range, other: Range) -> Value:
    return starts_range(run, other, one)


@builtin("started by(range: range, point: any)", CLAUSE)
def started_by_point(run: Run, span: Range, point: Value) -> Value:
    return starts_point(run, point, span)


@builtin("coincides(range1: range, range2: range)", CLAUSE)
def coincides_ranges(run: Run, one: Range, other: Range) -> Value:
    included = (one.start_included, one.end_included) == (other.start_included, other.end_included)
    return included and _same(run, one.start, other.start) and _same(run, one.end, other.end)


@builtin("coincides(point1: any, point2: any)", CLAUSE)
def coincides_points(run: Run, one: Value, other: Value) -> Value:
    return _same(run, one, other)
