"""Built-ins that users of Camunda 8 know and DMN lacks: over texts and lists, and one that checks."""

from __future__ import annotations

from base64 import b64decode, b64encode
from uuid import UUID

from engine.feel import numbers
from engine.feel.diagnosis import Failure
from engine.feel.numbers import Number
from engine.feel.patterns import compile_pattern
from engine.feel.registry import BUILTINS, builtin
from engine.feel.runtime import Run
from engine.feel.values import Value

CLAUSE = "Camunda"


@builtin("trim(string: string)", CLAUSE)
def trim(run: Run, string: str) -> Value:
    """Without white space at either end."""
    run.check_string(len(string))
    return string.strip()


@builtin("is blank(string: string)", CLAUSE)
def is_blank(run: Run, string: str) -> Value:
    """Whether there is nothing but white space."""
    run.check_string(len(string))
    return not string.strip()


@builtin("extract(input: string, pattern: string)", CLAUSE)
def extract(run: Run, string: str, pattern: str) -> Value:
    """Every part that matches the pattern."""
    return run.sized(compile_pattern(pattern, "").extract(run, string))


@builtin("to base64(value: string)", CLAUSE)
def to_base64(run: Run, string: str) -> Value:
    """The UTF-8 of a text in base 64 (RFC 4648)."""
    run.check_string(len(string) * 6)
    return b64encode(string.encode()).decode()


@builtin("from base64(value: string)", CLAUSE)
def from_base64(run: Run, string: str) -> Value:
    """The text whose UTF-8 a base 64 stands for; null for what is none."""
    run.check_string(len(string))
    try:
        return b64decode(string, validate=True).decode()
    except ValueError as problem:
        raise Failure("value.invalid", function="from base64", found=f'"{string[:60]}"') from problem


@builtin("string join(list: list, delimiter: any, prefix: string, suffix: string)", CLAUSE)
def string_join_between(run: Run, items: list[Value], delimiter: Value, prefix: str, suffix: str) -> Value:
    """As ``string join``, between a prefix and a suffix."""
    joined = BUILTINS["string join"].call(run, [items, delimiter])
    run.check_string(len(joined) + len(prefix) + len(suffix))
    return f"{prefix}{joined}{suffix}"


@builtin("uuid()", CLAUSE)
def uuid(run: Run) -> Value:
    """A random identifier (RFC 9562, version 4), only from the source the host passes."""
    if run.host.random is None:
        raise Failure("random.absent")
    drawn = sum(int(run.host.random() * 2**32) << (32 * part) for part in range(4))
    return str(UUID(int=drawn, version=4))


@builtin("is empty(list: list)", CLAUSE)
def is_empty(run: Run, items: list[Value]) -> Value:
    return not items


@builtin("partition(list: list, size: number)", CLAUSE)
def partition(run: Run, items: list[Value], size: Number) -> Value:
    """Lists of so many items, the last one of what is left."""
    if not numbers.whole(size) or size < 1:
        raise Failure("value.invalid", function="partition", found=numbers.to_text(size))
    step = int(min(size, max(1, len(items))))
    run.check_list(len(items))
    return [items[at : at + step] for at in range(0, len(items), step)]


@builtin("assert(value: any, condition: any, cause?: string)", CLAUSE)
def assert_that(run: Run, value: Value, condition: Value, cause: str = "") -> Value:
    """The value, if the condition holds; else null with the cause as its diagnosis."""
    if condition is not True:
        raise Failure("assert.failed", cause=cause or "assert")
    return value
