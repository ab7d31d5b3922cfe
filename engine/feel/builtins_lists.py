"""List built-ins (DMN clause 10.3.4.4). Positions count from 1, or from the end if negative."""

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from engine.feel import numbers
from engine.feel.calls import apply
from engine.feel.diagnosis import Failure
from engine.feel.numbers import CONTEXT, Number
from engine.feel.operators import add as plus
from engine.feel.operators import equal, less
from engine.feel.registry import builtin
from engine.feel.runtime import Run
from engine.feel.values import NUMBERS, Function, Value, kind

CLAUSE = "10.3.4.4"
Items = list[Value]


@builtin("list contains(list: list, element: any)", CLAUSE)
def list_contains(run: Run, items: Items, element: Value) -> Value:
    run.check_list(len(items))
    return any(equal(run, item, element) is True for item in items)


@builtin("count(list: list)", CLAUSE)
def count(run: Run, items: Items) -> Value:
    return len(items)


@builtin("min(list: list)", CLAUSE)
def minimum(run: Run, items: Items) -> Value:
    return _extreme(run, "min", items, lambda one, best: less(one, best))


@builtin("min(c...: any)", CLAUSE)
def minimum_of(run: Run, *items: Value) -> Value:
    return minimum(run, list(items))


@builtin("max(list: list)", CLAUSE)
def maximum(run: Run, items: Items) -> Value:
    return _extreme(run, "max", items, lambda one, best: less(best, one))


@builtin("max(c...: any)", CLAUSE)
def maximum_of(run: Run, *items: Value) -> Value:
    return maximum(run, list(items))


def _extreme(run: Run, function: str, items: Items, better: Callable[[Value, Value], bool | None]) -> Value:
    run.check_list(len(items))
    if not items:
        return None
    best = items[0]
    if less(best, best) is None:
        raise _mixed(function, items)
    for item in items[1:]:
        wins = better(item, best)
        if wins is None:
            raise _mixed(function, items)
        best = item if wins else best
    return best


def _mixed(function: str, items: Items) -> Failure:
    found = ", ".join(dict.fromkeys(kind(item) for item in items[:50]))
    return Failure("value.invalid", function=function, found=found)


def _numbers(run: Run, function: str, items: Items) -> list[Number]:
    run.check_list(len(items))
    if not all(type(item) in NUMBERS for item in items):
        raise _mixed(function, items)
    return items


def _result(value: Value) -> Value:
    if value is None:
        raise Failure("number.range")
    return value


@builtin("sum(list: list)", CLAUSE)
def total(run: Run, items: Items) -> Value:
    run.check_list(len(items))
    if not items:
        return None
    result = items[0]
    if kind(result) not in ("number", "days and time duration", "years and months duration"):
        raise _mixed("sum", items)
    for item in items[1:]:
        result = plus(run, result, item) if kind(item) == kind(result) else None
        if result is None:
            raise _mixed("sum", items)
    return result


@builtin("sum(n...: any)", CLAUSE)
def total_of(run: Run, *items: Value) -> Value:
    return total(run, list(items))


@builtin("mean(list: list)", CLAUSE)
def mean(run: Run, items: Items) -> Value:
    found = _numbers(run, "mean", items)
    return _result(numbers.divide(total(run, found), len(found))) if found else None


@builtin("mean(n...: any)", CLAUSE)
def mean_of(run: Run, *items: Value) -> Value:
    return mean(run, list(items))


@builtin("median(list: list)", CLAUSE)
def median(run: Run, items: Items) -> Value:
    found = sorted(_numbers(run, "median", items))
    middle = len(found) // 2
    if not found:
        return None
    if len(found) % 2:
        return found[middle]
    return _result(numbers.divide(_result(numbers.add(found[middle - 1], found[middle])), 2))


@builtin("median(n...: any)", CLAUSE)
def median_of(run: Run, *items: Value) -> Value:
    return median(run, list(items))


@builtin("stddev(list: list)", CLAUSE)
def standard_deviation(run: Run, items: Items) -> Value:
    """The sample standard deviation; null for fewer than two numbers."""
    found = [numbers.wide(item) for item in _numbers(run, "stddev", items)]
    if len(found) < 2:
        raise Failure("value.invalid", function="stddev", found=str(len(found)))
    middle = CONTEXT.divide(_decimal_sum(found), len(found))
    squares = [CONTEXT.power(CONTEXT.subtract(item, middle), 2) for item in found]
    return _result(numbers.finite(CONTEXT.sqrt(CONTEXT.divide(_decimal_sum(squares), len(found) - 1))))


def _decimal_sum(items: list[Any]) -> Any:
    result = items[0]
    for item in items[1:]:
        result = CONTEXT.add(result, item)
    return result


@builtin("stddev(n...: any)", CLAUSE)
def standard_deviation_of(run: Run, *items: Value) -> Value:
    return standard_deviation(run, list(items))


@builtin("mode(list: list)", CLAUSE)
def mode(run: Run, items: Items) -> Value:
    """All numbers that occur most often, ascending."""
    counts: dict[Number, int] = {}
    for item in _numbers(run, "mode", items):
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


@builtin("mode(n...: any)", CLAUSE)
def mode_of(run: Run, *items: Value) -> Value:
    return mode(run, list(items))


@builtin("product(list: list)", CLAUSE)
def product(run: Run, items: Items) -> Value:
    found = _numbers(run, "product", items)
    if not found:
        return None
    result = found[0]
    for item in found[1:]:
        result = _result(numbers.multiply(result, item))
    return result


@builtin("product(n...: any)", CLAUSE)
def product_of(run: Run, *items: Value) -> Value:
    return product(run, list(items))


@builtin("all(list: list)", CLAUSE)
def every(run: Run, items: Items) -> Value:
    """False if any is false, else true if all are true, else null."""
    return _settled(run, items, False)


@builtin("all(b...: any)", CLAUSE)
def every_of(run: Run, *items: Value) -> Value:
    return every(run, list(items))


@builtin("any(list: list)", CLAUSE)
def some(run: Run, items: Items) -> Value:
    """True if any is true, else false if all are false, else null."""
    return _settled(run, items, True)


@builtin("any(b...: any)", CLAUSE)
def some_of(run: Run, *items: Value) -> Value:
    return some(run, list(items))


def _settled(run: Run, items: Items, decisive: bool) -> bool | None:
    run.check_list(len(items))
    if any(item is decisive for item in items):
        return decisive
    return (not decisive) if all(item is (not decisive) for item in items) else None


@builtin("sublist(list: list, start position: number, length?: number)", CLAUSE)
def sublist(run: Run, items: Items, start: Number, length: Number | None = None) -> Value:
    first = _position("sublist", items, start)
    if length is None:
        return run.sized(items[first:])
    if length < 0 or not numbers.whole(length) or first + length > len(items):
        raise Failure("value.invalid", function="sublist", found=numbers.to_text(length))
    return run.sized(items[first : first + int(length)])


def _position(function: str, items: Items, position: Number) -> int:
    """The 0-based index of a position. Raises ``Failure`` if there is no such element."""
    if not numbers.whole(position) or position == 0 or numbers.magnitude(position) > len(items):
        raise Failure("index.outside", index=numbers.to_text(position), size=len(items))
    return int(position) - 1 if position > 0 else len(items) + int(position)


@builtin("append(list: list, item...: any)", CLAUSE)
def append(run: Run, items: Items, *more: Value) -> Value:
    return run.sized([*items, *more])


@builtin("concatenate(list...: list)", CLAUSE)
def concatenate(run: Run, *lists: Items) -> Value:
    run.check_list(sum(len(one) for one in lists))
    return [item for one in lists for item in one]


@builtin("insert before(list: list, position: number, newItem: any)", CLAUSE)
def insert_before(run: Run, items: Items, position: Number, new: Value) -> Value:
    index = _position("insert before", items, position)
    return run.sized([*items[:index], new, *items[index:]])


@builtin("remove(list: list, position: number)", CLAUSE)
def remove(run: Run, items: Items, position: Number) -> Value:
    index = _position("remove", items, position)
    return run.sized(items[:index] + items[index + 1 :])


@builtin("list replace(list: list, position: number, newItem: any)", CLAUSE)
def list_replace(run: Run, items: Items, position: Number, new: Value) -> Value:
    index = _position("list replace", items, position)
    return run.sized([*items[:index], new, *items[index + 1 :]])


@builtin("list replace(list: list, match: function, newItem: any)", CLAUSE)
def list_replace_matching(run: Run, items: Items, match: Function, new: Value) -> Value:
    replaced: Items = []
    for item in run.sized(items):
        found = apply(run, match, [item, new])
        if not isinstance(found, bool):
            raise Failure("type.expected", expected="boolean", found=kind(found))
        replaced.append(new if found else item)
    return replaced


@builtin("reverse(list: list)", CLAUSE)
def reverse(run: Run, items: Items) -> Value:
    return run.sized(items[::-1])


@builtin("index of(list: list, match: any)", CLAUSE)
def index_of(run: Run, items: Items, match: Value) -> Value:
    run.check_list(len(items))
    return [index for index, item in enumerate(items, 1) if equal(run, item, match) is True]


@builtin("union(list...: list)", CLAUSE)
def union(run: Run, *lists: Items) -> Value:
    return _distinct(run, concatenate(run, *lists))


@builtin("distinct values(list: list)", CLAUSE)
def distinct_values(run: Run, items: Items) -> Value:
    return _distinct(run, run.sized(items))


@builtin("duplicate values(list: list)", "Camunda")
def duplicate_values(run: Run, items: Items) -> Value:
    """Each value that occurs more than once, in order of first occurrence."""
    seen: Items = []
    repeated: Items = []
    for item in run.sized(items):
        if not _found(run, seen, item):
            seen.append(item)
        elif not _found(run, repeated, item):
            repeated.append(item)
    return [item for item in seen if _found(run, repeated, item)]


def _distinct(run: Run, items: Items) -> Items:
    kept: Items = []
    for item in items:
        if not _found(run, kept, item):
            kept.append(item)
    return kept


def _found(run: Run, items: Items, wanted: Value) -> bool:
    run.spend(1 + len(items) // 4)
    return any(equal(run, item, wanted) is True for item in items)


@builtin("flatten(list: list)", CLAUSE)
def flatten(run: Run, items: Items) -> Value:
    flat: Items = []
    _flatten(run, items, flat)
    return run.sized(flat)


def _flatten(run: Run, items: Items, flat: Items) -> None:
    run.spend(1 + len(items))
    for item in items:
        if isinstance(item, list):
            _flatten(run, item, flat)
        else:
            flat.append(item)


@builtin("sort(list: list, precedes: function)", "10.3.4.9")
def sort(run: Run, items: Items, precedes: Function) -> Value:
    """Stable; ``precedes`` tells whether its first argument comes first. Null if it ever tells no boolean."""

    def order(one: Value, other: Value) -> int:
        return -1 if _precedes(run, precedes, one, other) else 1 if _precedes(run, precedes, other, one) else 0

    return sorted(run.sized(items), key=cmp_to_key(order))


def _precedes(run: Run, precedes: Function, one: Value, other: Value) -> bool:
    found = apply(run, precedes, [one, other])
    if not isinstance(found, bool):
        raise Failure("type.expected", expected="boolean", found=kind(found))
    return found


@builtin("sort(list: list)", "Camunda")
def sort_ascending(run: Run, items: Items) -> Value:
    def order(one: Value, other: Value) -> int:
        before, after = less(one, other), less(other, one)
        if before is None:
            raise _mixed("sort", items)
        return -1 if before else 1 if after else 0

    return sorted(run.sized(items), key=cmp_to_key(order))


