"""What a form-js form accepts, decided again where nobody can bend it.

``validate`` reads the same schema that the browser draws (form-js schema 1–19) and accepts what form-js submits:
empty texts as ``""``, empty choices as ``None`` or ``[]``, numbers as JSON numbers or (``serializeToString``) as text,
dates as ISO 8601. Files are lists of ``{"sha256", "name", "size", "media"}`` as staged by the upload. Hidden and
disabled fields are dropped, computed ones are computed again, anything the schema does not know is a problem. Lengths
are counted in UTF-16 units, as browsers do.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.domain.form_values import READERS, Component, Refused
from engine.errors import InvalidInput
from engine.feel import FeelLimitExceeded, FeelSyntaxError, compile_expression, to_json

Path = tuple[str | int, ...]
Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""FEEL: an expression without its leading ``=`` and the form's values give a value (``None`` when it has none)."""

MAX_ROWS = 1_000
MAX_DEPTH = 40


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field; ``field`` is its dotted key (``rows[0].name`` inside a list)."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def feel(expression: str, variables: Mapping[str, Any]) -> Any:
    """The JSON value of a FEEL expression; None when it has none, as in the browser."""
    try:
        return to_json(compile_expression(expression, variables).evaluate(variables).value)
    except (FeelSyntaxError, FeelLimitExceeded):
        return None


def validate(
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
    evaluate: Evaluate = feel,
) -> tuple[dict[str, Any], list[Problem]]:
    """The values that may enter the case, and what is wrong with them (field order of the schema).

    ``context`` is what the form was shown with; expressions and option lists may speak of it. Raises InvalidInput when
    the schema itself cannot be read.
    """
    reading = _Reading(values, {**(context or {}), **values}, evaluate)
    clean = reading.container(schema.get("components", []), ())
    reading.refuse_unknown()
    return clean, reading.problems


def files(clean: Any, role: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every file in validated values with the key of its field: what a command has to name as its files."""
    if isinstance(clean, Mapping) and "sha256" in clean:
        yield role, clean
    elif isinstance(clean, Mapping):
        for name, value in clean.items():
            yield from files(value, name)
    elif isinstance(clean, list):
        for value in clean:
            yield from files(value, role)


def keys(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The dotted keys of all fields that carry a value, in schema order (list members as ``rows[].name``)."""
    return tuple(_keys(schema.get("components", []), ""))


def names(schema: Mapping[str, Any]) -> frozenset[str]:
    """The variables that a form may show: those of its fields, and whatever its texts and expressions speak of."""
    fields = {key.split(".")[0].split("[")[0] for key in keys(schema)}
    return frozenset(fields) | beside(schema)


def beside(schema: Mapping[str, Any]) -> frozenset[str]:
    """Those that it takes from the case and does not ask for: of texts, of expressions, of lists of options."""
    return frozenset().union(*(_NAME.findall(text) for text in _spoken(schema.get("components", []))))


_NAME = re.compile(r"[^\W\d]\w*")


def _spoken(value: Any) -> Iterator[str]:
    """Texts with ``{{ }}`` in them, and FEEL after ``=``, wherever they stand."""
    if isinstance(value, str):
        if value.startswith("=") or "{{" in value:
            yield value
    elif isinstance(value, Mapping):
        yield from filter(None, [value.get("valuesKey")])
        for item in value.values():
            yield from _spoken(item)
    elif isinstance(value, list):
        for item in value:
            yield from _spoken(item)


def _keys(components: Sequence[Component], prefix: str) -> Iterator[str]:
    for component in components:
        inner = component.get("components")
        if inner is not None:
            path = prefix + ".".join(str(part) for part in _split(component.get("path")))
            mark = "[]" if component.get("isRepeating") else ""
            yield from _keys(inner, f"{path}{mark}." if path else prefix)
        elif component.get("key"):
            yield prefix + component["key"]


class _Reading:
    """One pass over a schema and the values beside it."""

    def __init__(self, values: Mapping[str, Any], variables: Mapping[str, Any], evaluate: Evaluate) -> None:
        self.values = values
        self.variables = variables
        self.evaluate = evaluate
        self.problems: list[Problem] = []
        self.known: set[Path] = set()

    def container(self, components: Sequence[Component], base: Path) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for component in components:
            if component.get("components") is not None:
                self._inner(component, base, clean)
            elif component.get("key"):
                self._keyed(component, base, clean)
        return clean

    def _inner(self, component: Component, base: Path, clean: dict[str, Any]) -> None:
        relative = _split(component.get("path"))
        path = base + relative
        if self._hidden(component):
            self._skip(component["components"], path)
        elif component.get("isRepeating") and relative:
            _put(clean, relative, self._rows(component, path))
        else:
            _merge(clean, relative, self.container(component["components"], path))

    def _skip(self, components: Sequence[Component], base: Path) -> None:
        """Fields inside a hidden group are known, and dropped."""
        for component in components:
            if component.get("key") or component.get("isRepeating"):
                self.known.add(base + _split(component.get("key") or component.get("path")))
            self._skip(component.get("components", []), base + _split(component.get("path")))

    def _rows(self, component: Component, path: Path) -> list[dict[str, Any]]:
        rows = _get(self.values, path)
        if rows in (None, []):
            self.known.add(path)
            return []
        if not isinstance(rows, list) or len(rows) > MAX_ROWS or not all(isinstance(row, dict) for row in rows):
            self._problem(path, "not_rows", max=MAX_ROWS)
            self.known.add(path)
            return []
        return [self.container(component["components"], (*path, index)) for index in range(len(rows))]

    def _keyed(self, component: Component, base: Path, clean: dict[str, Any]) -> None:
        relative = _split(component["key"])
        path = base + relative
        self.known.add(path)
        if component.get("disabled") or self._hidden(component):
            return
        if component.get("type") == "expression":
            _put(clean, relative, self._value_of(component.get("expression")))
            return
        reader = READERS.get(component.get("type", ""))
        if reader is None:
            raise InvalidInput(expected="a form field type", found=repr(component.get("type")), where=_dotted(path))
        try:
            value = reader(self._resolved(component), _get(self.values, path))
        except Refused as refusal:
            self._problem(path, refusal.code, **refusal.params)
        else:
            _put(clean, relative, value)

    def _hidden(self, component: Component) -> bool:
        hide = (component.get("conditional") or {}).get("hide")
        return bool(hide) and self._value_of(hide) is True

    def _value_of(self, expression: Any) -> Any:
        if not isinstance(expression, str) or not expression.startswith("="):
            return expression
        return self.evaluate(expression[1:], self.variables)

    def _resolved(self, component: Component) -> Component:
        """The component with its FEEL bounds and options replaced by their values; unknown ones are left out."""
        rules = {name: self._value_of(rule) for name, rule in (component.get("validate") or {}).items()}
        resolved = {**component, "validate": {name: rule for name, rule in rules.items() if rule not in (None, "")}}
        if component.get("valuesExpression"):
            resolved["values"] = self._value_of(component["valuesExpression"])
        elif component.get("valuesKey"):
            resolved["values"] = _get(self.variables, _split(component["valuesKey"]), [])
        return resolved

    def refuse_unknown(self) -> None:
        for path in _leaves(self.values, ()):
            if not any(path[:size] in self.known for size in range(1, len(path) + 1)):
                self._problem(path, "unknown_field")

    def _problem(self, path: Path, code: str, **params: Any) -> None:
        self.problems.append(Problem(_dotted(path), code, params))


def _split(key: Any) -> Path:
    return tuple(key.split(".")) if key else ()


def _get(values: Any, path: Path, default: Any = None) -> Any:
    for part in path:
        row = isinstance(values, list) and isinstance(part, int) and part < len(values)
        if not row and not (isinstance(values, Mapping) and part in values):
            return default
        values = values[part]
    return values


def _put(into: dict[str, Any], path: Path, value: Any) -> None:
    for part in path[:-1]:
        into = into.setdefault(str(part), {})
    into[str(path[-1])] = value


def _merge(into: dict[str, Any], path: Path, values: Mapping[str, Any]) -> None:
    for part in path:
        into = into.setdefault(str(part), {})
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into, (name,), value)
        else:
            into[name] = value


def _leaves(values: Any, path: Path) -> Iterator[Path]:
    inner: Sequence[tuple[str | int, Any]] = ()
    if len(path) > MAX_DEPTH:
        inner = ()
    elif isinstance(values, Mapping):
        inner = [(str(name), value) for name, value in values.items()]
    elif isinstance(values, list):
        inner = list(enumerate(values))
    for part, value in inner:
        yield from _leaves(value, (*path, part))
    if not inner and path and values != {}:
        yield path


def _dotted(path: Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
