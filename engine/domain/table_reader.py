"""Reading a hand-written TOML table, so that every refusal names the file, the place and what was expected there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from engine.domain.period_texts import Text
from engine.errors import InvalidInput, Phrase


@dataclass(frozen=True)
class TableReader:
    """One table of a file: ``where`` is its place for messages, ``name`` its own name when it has one."""

    content: Mapping[str, Any]
    where: str
    name: str = ""

    def place(self, key: str) -> str:
        return Phrase("{place}, key {key}", place=self.where, key=key)

    def at(self, name: str) -> "TableReader":
        """The same table, known by a better name."""
        return replace(self, where=f"{self.where} ({name})", name=name)

    def unexpected(self, key: str, expected: str, found: Any) -> InvalidInput:
        shown = "nothing" if found is None else str(found)
        return InvalidInput(expected=expected, found=shown, where=self.place(key))

    def only(self, *known: str) -> None:
        for key in sorted(set(self.content) - set(known)):
            raise InvalidInput(expected=Phrase("one of the keys {names}", names=', '.join(known)),
                               found=repr(key), where=self.where)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.content.get(key, default)
        if not isinstance(value, str) or (not value and default is None):
            raise self.unexpected(key, "a text", value)
        return value

    def texts(self, key: str) -> Text:
        value = self.content.get(key)
        if isinstance(value, dict):
            zh, en = value.get("zh"), value.get("en")
            if isinstance(zh, str) and isinstance(en, str) and zh and en:
                return Text(zh, en)
        raise self.unexpected(key, '{ zh = "…", en = "…" }', value)

    def flag(self, key: str) -> bool:
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            raise self.unexpected(key, "true or false", value)
        return value

    def count(self, key: str, optional: bool = False) -> int | None:
        value = self.content.get(key)
        if value is None and optional:
            return None
        if type(value) is not int or value < 1:
            raise self.unexpected(key, "a whole number of at least 1", value)
        return value

    def day(self, key: str) -> date | None:
        value = self.content.get(key)
        if value is not None and type(value) is not date:
            raise self.unexpected(key, "a day such as 2024-01-20", value)
        return value

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in known:
            raise self.unexpected(key, Phrase("one of {names}", names=', '.join(sorted(known))), value)
        return value

    def words(self, key: str) -> tuple[str, ...]:
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.unexpected(key, "a list of texts", value)
        return tuple(value)

    def fraction(self, key: str, value: Any) -> Fraction:
        try:
            fraction = Fraction(value)
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise self.unexpected(key, "a factor such as 0.5", value) from error
        if fraction <= 0:
            raise self.unexpected(key, "a factor above 0", value)
        return fraction

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.content.get(key, {})
        if not isinstance(value, dict):
            raise self.unexpected(key, "a table", value)
        return value

    def table(self, key: str) -> "TableReader | None":
        if key not in self.content:
            return None
        return TableReader(self.mapping(key), f"{self.where}, {key}")

    def tables(self, key: str, optional: bool = False) -> Iterable["TableReader"]:
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or not (value or optional):
            raise self.unexpected(key, "at least one table", value or None)
        return [TableReader(one, f"{self.where}, {key}[{index}]") for index, one in enumerate(value)]

    def named_tables(self, key: str) -> Iterable["TableReader"]:
        """The tables inside the table ``key``, each under its own name."""
        outer = TableReader(self.mapping(key), f"{self.where}, {key}")
        return [TableReader(outer.mapping(name), f"{outer.where}.{name}", name) for name in outer.content]
