"""Item definitions: whether a value is of a type, and as what (DMN 7.3.3, 10.3.2.9.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.definition.decisions.model import ItemDefinition, Tests
from engine.feel import FeelSyntaxError, coerce, is_instance

SIMPLE = frozenset({"number", "string", "boolean", "date", "time", "date and time", "dateTime", "dayTimeDuration",
                    "days and time duration", "yearMonthDuration", "years and months duration"})
CAMUNDA = {"integer": "number", "long": "number", "double": "number"}
"""Names that Camunda's modeler offers for Camunda 7; they are numbers here."""
ANY = ("Any", "any", "")


class Types:
    """The named types of a model and of what it imports (``import.name``)."""

    def __init__(self, named: Mapping[str, ItemDefinition]) -> None:
        self.named = named
        self.tests: dict[str, Callable[[Any], bool]] = {name: self._test(name) for name in named}
        self.shapes: dict[str, Callable[[Any], bool]] = {name: self._shape(item) for name, item in named.items()}
        """What ``instance of`` asks: the type as it stands, without conversion or allowed values (DMN 10.3.2.9.1)."""

    def find(self, wanted: str | None) -> ItemDefinition | None:
        return self.named.get(_plain(wanted))

    def _test(self, name: str) -> Callable[[Any], bool]:
        return lambda value: value is not None and self.conform(value, name)[0]

    def _shape(self, item: ItemDefinition) -> Callable[[Any], bool]:
        return lambda value: value is not None and self._shaped(value, item)

    def _shaped(self, value: Any, item: ItemDefinition) -> bool:
        items = value if item.collection and isinstance(value, list) else [value]
        return (isinstance(value, list) or not item.collection) and all(
            one is None or self._of_base(one, item) for one in items)

    def _of_base(self, value: Any, item: ItemDefinition) -> bool:
        if item.function:
            takes = ", ".join(_plain(part.type) or "Any" for part in item.components)
            return is_instance(value, f"function<{takes}>->{_plain(item.result) or 'Any'}", self.shapes)
        if item.components:
            return isinstance(value, dict) and all(
                part.name in value and self._shaped(value[part.name], part) for part in item.components)
        name = _plain(item.type)
        return name in ANY or is_instance(value, CAMUNDA.get(name, name), self.shapes)

    def conform(self, value: Any, wanted: str | None) -> tuple[bool, Any]:
        """Whether ``value`` is of the type, and the value after implicit conversion; null is of every type."""
        name = _plain(wanted)
        if value is None or name in ANY:
            return True, value
        if name in self.named:
            return self._named(value, self.named[name])
        try:
            result = coerce(value, CAMUNDA.get(name, name), self.tests)
        except FeelSyntaxError:
            return True, value
        if result.value is None and result.warnings and result.warnings[0].code == "type.unknown":
            return True, value
        if result.value is None and isinstance(value, list) and len(value) == 1:
            return self.conform(value[0], wanted)
        return result.value is not None, result.value

    def result_of(self, wanted: str | None) -> str | None:
        """What a function's variable says of its result: a function type says it apart, DMN 1.1 names it at once."""
        named = self.named.get(_plain(wanted))
        return named.result if named is not None and named.function else wanted

    def parameters_of(self, wanted: str | None) -> Mapping[str, str | None]:
        """The types that a function type gives its parameters, by their names."""
        named = self.named.get(_plain(wanted))
        return {part.name: part.type for part in named.components} if named is not None and named.function else {}

    def _named(self, value: Any, item: ItemDefinition) -> tuple[bool, Any]:
        if item.function:
            return True, value
        if item.collection:
            return self._collection(value, item)
        if isinstance(value, list) and len(value) == 1 and not self._is_list(item):
            value = value[0]
        suits, converted = self._one(value, item)
        return suits and satisfies(item.constraint, converted), converted

    def _is_list(self, item: ItemDefinition) -> bool:
        base = self.named.get(_plain(item.type))
        return base is not None and (base.collection or self._is_list(base))

    def _collection(self, value: Any, item: ItemDefinition) -> tuple[bool, Any]:
        items = value if isinstance(value, list) else [value]
        results = [self._one(one, item) for one in items]
        converted = [one for _, one in results]
        return all(suits for suits, _ in results) and satisfies(item.constraint, converted), converted

    def _one(self, value: Any, item: ItemDefinition) -> tuple[bool, Any]:
        base = self.named.get(_plain(item.type))
        if item.components:
            suits, value = self._components(value, item)
        elif base is not None and base.allowed is not None and item.allowed is not None:
            # A type's own allowed values stand in place of those of its base type.
            suits, value = self._named(value, replace(base, allowed=None))
        else:
            suits, value = self.conform(value, item.type)
        return suits and satisfies(item.allowed, value), value

    def _components(self, value: Any, item: ItemDefinition) -> tuple[bool, Any]:
        if not isinstance(value, dict):
            return False, None
        converted = dict(value)
        for part in item.components:
            if part.name not in value:
                return False, None
            suits, converted[part.name] = self._named(value[part.name], part) if value[part.name] is not None else (
                True, None)
            if not suits:
                return False, None
        return True, converted


def satisfies(tests: Tests | None, value: Any) -> bool:
    if tests is None or tests.compiled is None or value is None:
        return True
    return tests.compiled.evaluate(value, {}).value is True


def _plain(wanted: str | None) -> str:
    """Without the prefix of a QName (DMN 1.1 writes ``feel:string``)."""
    return (wanted or "").rpartition(":")[2].strip()
