"""String built-ins (DMN clause 10.3.4.3). Positions count code points from 1."""

from engine.feel import numbers
from engine.feel.diagnosis import Failure
from engine.feel.numbers import Number
from engine.feel.patterns import compile_pattern
from engine.feel.registry import builtin
from engine.feel.runtime import Run
from engine.feel.values import Value

CLAUSE = "10.3.4.3"


@builtin("substring(string: string, start position: number, length?: number)", CLAUSE)
def substring(run: Run, string: str, start: Number, length: Number | None = None) -> Value:
    """From a position (from the end if negative) for so many code points; null for position 0 or beyond the string."""
    if not numbers.whole(start) or start == 0 or numbers.magnitude(start) > len(string):
        raise Failure("value.invalid", function="substring", found=numbers.to_text(start))
    if length is not None and length < 1:
        raise Failure("value.invalid", function="substring", found=numbers.to_text(length))
    first = int(start) - 1 if start > 0 else len(string) + int(start)
    return string[first:] if length is None else string[first : first + int(min(length, len(string)))]


@builtin("string length(string: string)", CLAUSE)
def string_length(run: Run, string: str) -> Value:
    return len(string)


@builtin("upper case(string: string)", CLAUSE)
def upper_case(run: Run, string: str) -> Value:
    run.check_string(len(string) * 3)
    return string.upper()


@builtin("lower case(string: string)", CLAUSE)
def lower_case(run: Run, string: str) -> Value:
    run.check_string(len(string))
    return string.lower()


@builtin("substring before(string: string, match: string)", CLAUSE)
def substring_before(run: Run, string: str, match: str) -> Value:
    run.check_string(len(string))
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after(string: string, match: string)", CLAUSE)
def substring_after(run: Run, string: str, match: str) -> Value:
    run.check_string(len(string))
    return string.partition(match)[2] if match else string


@builtin("contains(string: string, match: string)", CLAUSE)
def contains(run: Run, string: str, match: str) -> Value:
    run.check_string(len(string))
    return match in string


@builtin("starts with(string: string, match: string)", CLAUSE)
def starts_with(run: Run, string: str, match: str) -> Value:
    return string.startswith(match)


@builtin("ends with(string: string, match: string)", CLAUSE)
def ends_with(run: Run, string: str, match: str) -> Value:
    return string.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: string)", CLAUSE)
def matches(run: Run, string: str, pattern: str, flags: str = "") -> Value:
    return compile_pattern(pattern, flags).search(run, string, 0) is not None


@builtin("matches(input: string, pattern: string, flags: any)", CLAUSE)
def matches_null_flags(run: Run, string: str, pattern: str, flags: Value) -> Value:
    if flags is not None:
        raise Failure("value.invalid", function="matches", found="flags")
    return matches(run, string, pattern)


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string)", CLAUSE)
def replace(run: Run, string: str, pattern: str, replacement: str, flags: str = "") -> Value:
    return compile_pattern(pattern, flags).replace(run, string, replacement)


@builtin("replace(input: string, pattern: string, replacement: string, flags: any)", CLAUSE)
def replace_null_flags(run: Run, string: str, pattern: str, replacement: str, flags: Value) -> Value:
    if flags is not None:
        raise Failure("value.invalid", function="replace", found="flags")
    return replace(run, string, pattern, replacement)


@builtin("split(string: string, delimiter: string)", CLAUSE)
def split(run: Run, string: str, delimiter: str) -> Value:
    return run.sized(compile_pattern(delimiter, "").split(run, string))


@builtin("string join(list: list, delimiter?: string)", CLAUSE)
def string_join(run: Run, items: list[Value], delimiter: str = "") -> Value:
    """The strings of a list, nulls left out, with the delimiter between."""
    texts = [item for item in run.sized(items) if item is not None]
    if not all(isinstance(text, str) for text in texts):
        raise Failure("value.invalid", function="string join", found="list")
    run.check_string(sum(len(text) for text in texts) + len(delimiter) * len(texts))
    return delimiter.join(texts)


@builtin("string join(list: list, delimiter: any)", CLAUSE)
def string_join_null(run: Run, items: list[Value], delimiter: Value) -> Value:
    if delimiter is not None:
        raise Failure("value.invalid", function="string join", found="delimiter")
    return string_join(run, items)
