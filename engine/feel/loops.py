"""The constructs that iterate: for, some, every and filters (DMN clause 10.3.2.5 and tables 48 to 50)."""

from collections.abc import Callable, Iterable

from engine.feel import syntax as ast
from engine.feel.analysis import free_names
from engine.feel.compiler import compile_node, register
from engine.feel.numbers import whole
from engine.feel.runtime import Evaluate, Run, Scope
from engine.feel.types import is_day
from engine.feel.values import NUMBERS, Range, Value, kind
from engine.feel.wide import day_number, numbered_day

Source = Callable[[Scope], Iterable[Value] | None]


def _source(iterator: ast.Iterator) -> Source:
    """What an iterator runs over: a list, ``low..high`` in either direction, a range; null for anything else."""
    first, at = compile_node(iterator.source), iterator.at
    last = compile_node(iterator.end) if iterator.end is not None else None

    def evaluate(scope: Scope) -> Iterable[Value] | None:
        value = first(scope)
        if last is not None:
            found = _steps(scope.run, value, last(scope))
        elif isinstance(value, Range):
            found = _inside(scope.run, value)
        elif value is None:
            found = None
        else:
            return value if isinstance(value, list) else [value]
        if found is None:
            scope.run.warn(at, "iteration.type", found=kind(value))
        return found

    return evaluate


def _steps(run: Run, low: Value, high: Value) -> Iterable[Value] | None:
    """Whole numbers or days from ``low`` to ``high``, upwards or downwards."""
    if type(low) in NUMBERS and type(high) in NUMBERS and whole(low) and whole(high):
        start, end = int(low), int(high)
        return range(start, end + 1) if start <= end else range(start, end - 1, -1)
    if is_day(low) and is_day(high):
        first, last = day_number(low), day_number(high)
        sign = 1 if first <= last else -1
        return _days(run, range(first, last + sign, sign))
    return None


def _days(run: Run, numbers: range) -> Iterable[Value]:
    for number in numbers:
        run.spend(3)
        yield numbered_day(number)


def _inside(run: Run, given: Range) -> Iterable[Value] | None:
    """The whole numbers or days of a range, without the ends that it leaves out."""
    found = _steps(run, given.start, given.end)
    if found is None:
        return None
    left_out = [end for end, included in ((given.start, given.start_included), (given.end, given.end_included))
                if not included]
    return (item for item in found if item not in left_out) if left_out else found


def _for(node: ast.For) -> Evaluate:
    iterators = [(iterator.name, _source(iterator)) for iterator in node.iterators]
    body = compile_node(node.body)
    wants_partial = "partial" in free_names(node.body, ())[0]

    def turn(scope: Scope, depth: int, results: list[Value]) -> bool:
        if depth == len(iterators):
            results.append(body(scope))
            scope.run.check_list(len(results) if len(results) > scope.run.limits.list else 1)
            return True
        name, source = iterators[depth]
        items = source(scope)
        if items is None:
            return False
        for item in items:
            scope.run.spend(1)
            names = {name: item}
            if wants_partial:
                scope.run.spend(len(results))
                names["partial"] = results.copy()
            if not turn(Scope(names, scope, scope.run), depth + 1, results):
                return False
        return True

    def evaluate(scope: Scope) -> Value:
        results: list[Value] = []
        return results if turn(scope, 0, results) else None

    return evaluate


def _quantified(node: ast.Quantified) -> Evaluate:
    """some is a disjunction, every a conjunction of the condition over all combinations, three-valued."""
    iterators = [(iterator.name, _source(iterator)) for iterator in node.iterators]
    condition, every, at = compile_node(node.condition), node.every, node.condition.at

    def turn(scope: Scope, depth: int) -> Iterable[bool | None]:
        if depth == len(iterators):
            value = condition(scope)
            if value is not None and type(value) is not bool:
                scope.run.warn(at, "condition", found=kind(value))
                value = None
            yield value
            return
        name, source = iterators[depth]
        items = source(scope)
        if items is None:
            raise _NothingToIterate
        for item in items:
            scope.run.spend(4)
            yield from turn(Scope({name: item}, scope, scope.run), depth + 1)

    def evaluate(scope: Scope) -> Value:
        result: bool | None = every
        try:
            for value in turn(scope, 0):
                if value is (not every):
                    return value
                if value is None:
                    result = None
        except _NothingToIterate:
            return None
        return result

    return evaluate


class _NothingToIterate(Exception):  # noqa: N818 - leaves the nested generators at once
    """The source of an iterator is no list."""


def _filter(node: ast.Filter) -> Evaluate:
    source, at = compile_node(node.source), node.at
    if isinstance(node.condition, ast.Literal) and type(node.condition.value) is int:
        index = node.condition.value
        return lambda scope: _element(scope, _as_list(source(scope)), index, at)
    condition = compile_node(node.condition)
    return lambda scope: _filtered(scope, _as_list(source(scope)), condition, at)


def _as_list(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _element(scope: Scope, items: list[Value], index: Value, at: int) -> Value:
    """The element at a 1-based index, from the end if negative."""
    if whole(index) and 0 < abs(index) <= len(items):
        return items[int(index) - 1 if index > 0 else int(index)]
    return scope.run.warn(at, "index.outside", index=index, size=len(items))


def _filtered(scope: Scope, items: list[Value], condition: Evaluate, at: int) -> Value:
    run = scope.run
    kept: list[Value] = []
    for position, item in enumerate(items):
        run.spend(3)
        inner = Scope({"item": item}, scope, run)
        if isinstance(item, dict):
            inner = Scope(item, inner, run)
        value = condition(inner)
        if value is True:
            kept.append(item)
        elif position == 0 and type(value) in NUMBERS:
            return _element(scope, items, value, at)
        elif value is not False and value is not None:
            run.warn(at, "filter.type", found=kind(value))
    if not items and type(condition(scope)) in NUMBERS:
        return run.warn(at, "index.outside", index=condition(scope), size=0)
    return kept


register(ast.For, _for)
register(ast.Quantified, _quantified)
register(ast.Filter, _filter)
