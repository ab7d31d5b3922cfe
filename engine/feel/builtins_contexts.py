"""Context built-ins (DMN clause 10.3.4.10), and Camunda's conveniences over null."""

from engine.feel.diagnosis import Failure
from engine.feel.registry import builtin
from engine.feel.runtime import Run
from engine.feel.values import Value

CLAUSE = "10.3.4.10"
Entries = dict[str, Value]


@builtin("get value(m: context, key: string)", CLAUSE)
def get_value(run: Run, m: Entries, key: str) -> Value:
    return m.get(key)


@builtin("get value(m: context, keys: list)", "Camunda")
def get_value_deep(run: Run, m: Entries, keys: list[Value]) -> Value:
    value: Value = m
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key) if isinstance(key, str) else None
    return value


@builtin("get entries(m: context)", CLAUSE)
def get_entries(run: Run, m: Entries) -> Value:
    return run.sized([{"key": key, "value": value} for key, value in m.items()])


@builtin("context(entries: list)", CLAUSE)
def context(run: Run, entries: list[Value]) -> Value:
    """Contexts with ``key`` and ``value`` put together; null if a key is missing, no string, or there twice."""
    made: Entries = {}
    for entry in run.sized(entries):
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(key, str) or "value" not in entry or key in made:
            raise Failure("value.invalid", function="context", found=key if isinstance(key, str) else "entries")
        made[key] = entry["value"]
    return made


@builtin("context put(context: context, key: string, value: any)", CLAUSE)
def context_put(run: Run, before: Entries, key: str, value: Value) -> Value:
    run.check_list(len(before))
    return {**before, key: value}


@builtin("context put(context: context, keys: list, value: any)", CLAUSE)
def context_put_deep(run: Run, before: Entries, keys: list[Value], value: Value) -> Value:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Failure("value.invalid", function="context put", found="keys")
    run.check_list(len(before) + len(keys))
    first, rest = keys[0], keys[1:]
    if not rest:
        return {**before, first: value}
    inner = before.get(first)
    if inner is not None and not isinstance(inner, dict):
        raise Failure("value.invalid", function="context put", found=first)
    if len(rest) > run.limits.depth:
        raise Failure("value.invalid", function="context put", found="keys")
    return {**before, first: context_put_deep(run, inner or {}, rest, value)}


@builtin("context merge(contexts: list)", CLAUSE)
def context_merge(run: Run, contexts: list[Value]) -> Value:
    """All entries, later contexts over earlier ones."""
    made: Entries = {}
    for one in contexts:
        if not isinstance(one, dict):
            raise Failure("value.invalid", function="context merge", found="contexts")
        run.check_list(len(one))
        made.update(one)
    return made


@builtin("is defined(value: any)", "Camunda")
def is_defined(run: Run, value: Value) -> Value:
    """Camunda tells a missing variable from a null one; DMN has only null, so this is ``value != null``."""
    return value is not None


@builtin("get or else(value: any, default: any)", "Camunda")
def get_or_else(run: Run, value: Value, default: Value) -> Value:
    return default if value is None else value
