"""Types: which values conform to one, and the implicit conversions to one (DMN clauses 10.3.2.9.1 and 10.3.2.9.4)."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.names import Names
from engine.feel.runtime import Test
from engine.feel.syntax import ContextNode, Literal, Node, TypeNode
from engine.feel.temporal import midnight
from engine.feel.values import Function, Range, Value, kind

SIMPLE = frozenset(
    (
        "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
        "years and months duration",
    )
)  # fmt: skip
_ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "any": "Any",
    "null": "Null",
}
DURATIONS = ("days and time duration", "years and months duration")
TYPE_NAMES = Names(SIMPLE)
ANY = TypeNode(0, "Any")


Types = Mapping[str, Test] | None


class UnknownType(Exception):  # noqa: N818 - becomes a diagnosis
    """No such type; the argument is its name."""


Spend = Callable[[int], None]
"""Pays for so many steps of looking into a value."""


def free(steps: int) -> None:
    """Looking into values that a host vouches for costs nothing."""


def conforms(value: Value, node: TypeNode, types: Types = None, spend: Spend = free) -> bool:
    """True if the value is of the type; null is only of type ``Null``. Raises ``UnknownType``.

    ``types`` tells types defined outside FEEL, such as DMN item definitions, by name.
    """
    name = _ALIASES.get(node.name, node.name)
    if types and node.name in types:
        return types[node.name](value)
    if name == "Any":
        return value is not None
    if name == "Null":
        return value is None
    if name in SIMPLE:
        return kind(value) == name
    if name == "duration":  # of either kind, a name that other engines know
        return kind(value) in DURATIONS
    if name == "list":
        inner = node.arguments
        return isinstance(value, list) and all(fits(item, inner[0], types, spend) for item in value if inner)
    if name == "context":
        return isinstance(value, dict) and all(
            key in value and fits(value[key], part, types, spend)
            for key, part in zip(node.names, node.arguments, strict=True)
        )
    if name == "range":
        return isinstance(value, Range) and all(
            fits(end, node.arguments[0], types, spend) for end in (value.start, value.end) if node.arguments
        )
    if name == "function":
        return isinstance(value, Function) and _function_conforms(value, node)
    raise UnknownType(node.name)


def fits(value: Value, node: TypeNode, types: Types = None, spend: Spend = free) -> bool:
    """As ``conforms``, but null fits every type, as it does for parameters and elements."""
    spend(3)
    return value is None or conforms(value, node, types, spend)


def _function_conforms(function: Function, node: TypeNode) -> bool:
    """Same number of parameters, each takes what the type says it is given, and the result is what the type says."""
    if node.result is None and not node.arguments:
        return True
    declared = [kind_ for _, kind_ in function.parameters]
    if len(declared) != len(node.arguments):
        return False
    if not all(type_conforms(given, takes) for given, takes in zip(node.arguments, declared, strict=True)):
        return False
    return function.result is None or node.result is None or type_conforms(function.result, node.result)


def type_conforms(narrow: TypeNode, wide: Any) -> bool:
    """True if every value of ``narrow`` is one of ``wide`` (clause 10.3.2.9.2)."""
    if not isinstance(wide, TypeNode) or _ALIASES.get(wide.name, wide.name) == "Any":
        return True
    if _ALIASES.get(narrow.name, narrow.name) != _ALIASES.get(wide.name, wide.name):
        return False
    if wide.name == "context":
        inner = dict(zip(narrow.names, narrow.arguments, strict=True))
        return all(
            name in inner and type_conforms(inner[name], part)
            for name, part in zip(wide.names, wide.arguments, strict=True)
        )
    return all(type_conforms(one, other) for one, other in zip(narrow.arguments, wide.arguments, strict=False))


def static_type(node: Node) -> TypeNode | None:
    """The type of what a node always gives, where it can be read off the text; None where not."""
    if isinstance(node, Literal):
        return TypeNode(node.at, "Null" if node.value is None else kind(node.value))
    if isinstance(node, ContextNode):
        entries = [(name, static_type(value)) for name, value in node.entries]
        known = [(name, found) for name, found in entries if found is not None]
        names = tuple(name for name, _ in known)
        return TypeNode(node.at, "context", tuple(found for _, found in known), names)
    return None


def convert(value: Value, node: TypeNode, types: Types = None, spend: Spend = free) -> tuple[bool, Value]:
    """Whether the value can be of the type, and as what: itself, or implicitly converted (clause 10.3.2.9.4)."""
    if value is None or conforms(value, node, types, spend):
        return True, value
    if isinstance(value, list):
        if len(value) == 1 and node.name != "list" and conforms(value[0], node, types, spend):
            return True, value[0]
        return False, None
    if node.name == "list" and (not node.arguments or conforms(value, node.arguments[0], types, spend)):
        return True, [value]
    if _ALIASES.get(node.name, node.name) == "date and time" and kind(value) == "date":
        return True, midnight(value)
    return False, None


def is_day(value: Value) -> bool:
    """True for a date that is not a date and time."""
    return kind(value) == "date"
