"""Writing statements of the durable step, compiled once for each dialect and set of columns.

A step has some ten small statements, and Core spends four fifths of each on finding its compiled form and binding its
parameters. The text and the types here are Core's own; only the way to the driver is shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

Row = Mapping[str, Any]
Bind = Callable[[Row], Any]


class Prepared:
    """An insert, update or delete that returns nothing. Defaults of columns do not apply: rows say everything."""

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete) -> None:
        self._statement = statement
        self._forms: dict[tuple[str, tuple[str, ...]], tuple[str, Bind]] = {}

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Execute once for each row; all rows have the same names."""
        if not rows:
            return
        names = tuple(rows[0])
        form = self._forms.get((connection.dialect.name, names))
        if form is None:
            form = self._forms[connection.dialect.name, names] = self._compile(connection.dialect, names)
        text, bind = form
        connection.exec_driver_sql(text, [bind(row) for row in rows])

    def _compile(self, dialect: sa.Dialect, names: tuple[str, ...]) -> tuple[str, Bind]:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(names))
        fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        processes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect)
                     for bind, name in compiled.bind_names.items()}
        steps = [(name, processes[name]) for name in compiled.positiontup or processes]

        def values(row: Row) -> list[Any]:
            given = {**fixed, **row} if fixed else row
            return [given[name] if process is None else process(given[name]) for name, process in steps]

        if compiled.positional:
            return str(compiled), lambda row: tuple(values(row))
        order = [name for name, _ in steps]
        return str(compiled), lambda row: dict(zip(order, values(row), strict=True))
