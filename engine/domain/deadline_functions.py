"""The functions that a diagram's FEEL may call: deadlines and working days."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, Self

from engine.domain.calendar import BusinessCalendar
from engine.domain.deadline_rules import RuleTable
from engine.domain.deadlines import DeadlineComputation, compute_deadline
from engine.domain.reading import as_day
from engine.errors import InvalidInput, Phrase

MOST_WORKDAYS = 25_000


class DeadlineInstant(datetime):
    """The instant of a deadline that remembers how it was computed; what FEEL's ``deadline(…)`` returns.

    Arithmetic on it gives an instant without a computation: a day before a deadline is no deadline.
    """

    computation: DeadlineComputation | None = None

    @classmethod
    def of(cls, computation: DeadlineComputation) -> Self:
        at = computation.due_at
        instant = cls(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC)
        instant.computation = computation
        return instant

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class _Unset:
    """Tells a parameter left out from a null, which must not silently mean the default day."""


UNSET = _Unset()
FEEL_NAMES = ("deadline", "working days between", "add working days", "case number")
"""The functions by the names that a diagram calls them by."""


Tables = tuple[RuleTable, BusinessCalendar]


def feel_functions(
    tables: Callable[[], Tables],
    variables_getter: Callable[[], Mapping[str, Any]],
    default_from: date,
    number: Callable[[], str | None] = lambda: None,
) -> dict[str, Callable[..., Any]]:
    """The functions that a diagram's FEEL may call: ``deadline(key[, from])``, ``working days between(from, to)``,
    ``add working days(date, days)`` and ``case number()``, null until the case has been given one.

    ``tables`` gives the rule table and the calendar in force, asked for when a function is called; ``default_from`` is
    the legal receipt day of the event that led here; ``variables_getter`` gives the case variables at that time,
    ``number`` the number of the case.
    """

    def deadline(key: str, from_: Any = UNSET) -> DeadlineInstant:
        start = default_from if from_ is UNSET else as_day(from_, Phrase("from of deadline({key})", key=key))
        return DeadlineInstant.of(compute_deadline(*tables(), key, start, variables_getter()))

    def working_days_between(from_: Any, to: Any) -> int:
        return tables()[1].workdays_between(as_day(from_, "from"), as_day(to, "to"))

    def add_working_days(date_: Any, days: Any) -> date:
        return tables()[1].add_workdays(as_day(date_, "date"), _whole(days, "days of add working days"))

    def case_number() -> str | None:
        return number()

    functions: tuple[Callable[..., Any], ...] = (deadline, working_days_between, add_working_days, case_number)
    return {name: _for_feel(function) for name, function in zip(FEEL_NAMES, functions, strict=True)}


def _whole(value: Any, where: str) -> int:
    if type(value) in (int, Decimal) and value == int(value) and abs(value) <= MOST_WORKDAYS:
        return int(value)
    raise InvalidInput(expected=Phrase("a whole number up to {most}, or negative", most=MOST_WORKDAYS),
                       found=repr(value), where=where)


def _for_feel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with our errors as ``ValueError``, which FEEL turns into null with a diagnosis."""

    @wraps(function)
    def called(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except InvalidInput as error:
            raise ValueError(error.message) from error

    return called
