"""Statements of the durable step, compiled once for each database (its dialect object holds the cipher).

A step has some ten small statements, and Core spends four fifths of each on finding its compiled form, binding its
parameters and wrapping its rows. The text and the types here are Core's own; only the way to the driver is shorter.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa

from engine.store import unit_of_work

Row = Mapping[str, Any]
Bind = Callable[[Row], Sequence[Any]]
Read = Callable[[Sequence[Any]], Any]

TOGETHER = 50
"""Rows that an insert of many sends as one statement."""
_STYLES = {"sqlite": "qmark", "postgresql": "numeric_dollar"}
"""How the drivers themselves write a parameter; nobody has to rewrite the text on its way."""


class Prepared:
    """An insert, update or delete that returns nothing. Defaults of columns do not apply: rows say everything.

    ``statement``: one for all dialects, or one for each by name.
    """

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete | Mapping[str, sa.Insert]) -> None:
        self._statement = statement

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Execute once for each row, before anything else is sent; all rows have the same names."""
        if not rows:
            return
        text, bind = self._form(connection.dialect, rows[0])
        values = [bind(row) for row in rows]
        if len(values) >= TOGETHER and text.startswith("INSERT"):
            wide, together = _wide(text, len(values[0])), len(values) // TOGETHER * TOGETHER
            unit_of_work.write(connection, (wide, [
                list(chain.from_iterable(values[at:at + TOGETHER])) for at in range(0, together, TOGETHER)]))
            values = values[together:]
        if values:
            unit_of_work.write(connection, (text, values))

    def _form(self, dialect: sa.Dialect, row: Row) -> tuple[str, Bind]:
        forms, key = _forms(dialect), (self, *row)
        form: tuple[str, Bind] | None = forms.get(key)
        if form is None:
            form = forms[key] = _compiled(self._of(dialect.name), dialect, list(row))
        return form

    def _of(self, dialect: str) -> Any:
        return self._statement[dialect] if isinstance(self._statement, Mapping) else self._statement


class Question:
    """A select. Rows have the columns' names, values the columns' Python types."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        self._statement = statement

    def __call__(self, connection: sa.Connection, **values: Any) -> list[Any]:
        """All rows."""
        return ask(connection, (self, values))[0]

    def form(self, dialect: sa.Dialect) -> tuple[str, Bind, Read]:
        forms = _forms(dialect)
        form: tuple[str, Bind, Read] | None = forms.get(self)
        if form is None:
            form = forms[self] = *_compiled(self._statement, dialect, None), self._reader(dialect)
        return form

    def _reader(self, dialect: sa.Dialect) -> Read:
        columns = self._statement.selected_columns
        row_class: Any = namedtuple  # of names that are known only now
        make = row_class("Found", [column.key for column in columns])._make
        processes = [(place, process) for place, column in enumerate(columns)
                     if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None]

        def read(values: Sequence[Any]) -> Any:
            found = list(values)
            for place, process in processes:
                found[place] = process(found[place])
            return make(found)

        return read


Asked = tuple[Question, Row]
"""A question and the values of its parameters."""


def ask(connection: sa.Connection, *questions: Asked) -> list[list[Any]]:
    """The rows of several questions, sent together and answered one after the other: a later one sees what an earlier
    one has waited for."""
    forms = [(question.form(connection.dialect), values) for question, values in questions]
    answers = unit_of_work.ask(connection, [(text, [bind(values)]) for (text, bind, _), values in forms])
    return [list(map(read, rows)) for ((_, _, read), _), rows in zip(forms, answers, strict=True)]


@cache
def _wide(text: str, width: int) -> str:
    """An insert of one row as one of many: the same row of places, again and again, numbered on."""
    head, places, tail = _ROW_OF_PLACES.split(text, maxsplit=1)
    numbered = (_NUMBER.sub(lambda found, by=width * number: f"${int(found[1]) + by}", places)
                for number in range(TOGETHER))
    return f"{head}VALUES {', '.join(f'({row})' for row in numbered)}{tail}"


_ROW_OF_PLACES = re.compile(r"VALUES \(([^()]*)\)")
_NUMBER = re.compile(r"\$(\d+)")


def _forms(dialect: sa.Dialect) -> dict[Any, Any]:
    """What is compiled for one engine; its types may know more than its name does, and it goes when the engine goes."""
    forms: dict[Any, Any] = vars(dialect).setdefault("kapok_forms", {})
    return forms


def _compiled(statement: Any, dialect: sa.Dialect, names: list[str] | None) -> tuple[str, Bind]:
    styled: Any = type(dialect)
    compiled = statement.compile(dialect=styled(paramstyle=_STYLES[dialect.name]), column_keys=names)
    fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    processes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect)
                 for bind, name in compiled.bind_names.items()}
    steps = [(name, processes[name]) for name in compiled.positiontup]

    def values(row: Row) -> Sequence[Any]:
        given = {**fixed, **row} if fixed else row
        return [given[name] if process is None else process(given[name]) for name, process in steps]

    return str(compiled), values
