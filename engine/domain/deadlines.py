"""Deadlines: a rule of the table applied to a day, with everything needed to explain it and to freeze it.

A computation names the digests of the rule and of the calendar it used, so that a running case keeps what was in force
at its start event and a later recomputation can be told from the first. ``feel_functions`` is the door for diagrams.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.clock import local_date
from engine.domain.calendar import BusinessCalendar
from engine.domain.deadline_rules import (
    NO_VARIABLES,
    Basis,
    Limit,
    Parameter,
    Rule,
    RuleTable,
    parse_rules,
    shipped_rules,
)
from engine.domain.delivery import receive
from engine.domain.period_texts import Text
from engine.domain.periods import (
    Alternative,
    Interruption,
    Length,
    Pause,
    Period,
    PeriodRequest,
    Profile,
    compute,
    due_at,
    earlier_of,
    later_of,
    parse_day,
)
from engine.errors import InvalidInput

__all__ = [
    "Basis",
    "FEEL_NAMES",
    "DeadlineComputation",
    "DeadlineInstant",
    "Extension",
    "Lamp",
    "Parameter",
    "Rule",
    "RuleTable",
    "compute_deadline",
    "feel_functions",
    "lamp",
    "parse_rules",
    "shipped_rules",
]

SOON_DAYS = 7
SOON_SHARE = Decimal("0.2")
MOST_WORKDAYS = 25_000
MAKEUP_PARAMETERS: Mapping[Profile, str] = {
    Profile.CIVIL: "civil_makeup_is_workday",
    Profile.TM: "tm_makeup_is_workday",
}


@dataclass(frozen=True)
class Extension:
    """A granted extension: how much, and the day it was asked for (it must be asked for before expiry)."""

    length: Length
    requested_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class DeadlineComputation:
    """What a deadline is and why. ``due_at`` is the UTC instant at which time has run out."""

    key: str
    rule: Rule
    period: Period
    table_version: str
    calendar_version: str
    from_on: date
    delivery: str

    @property
    def rule_version(self) -> str:
        return self.rule.version

    @property
    def due_on(self) -> date:
        return self.period.due_on

    @property
    def due_at(self) -> datetime:
        return due_at(self.period.due_on)

    @property
    def basis(self) -> tuple[Basis, ...]:
        return self.rule.basis

    @property
    def consequence(self) -> Text:
        return self.rule.on_expiry

    @property
    def internal(self) -> bool:
        return self.rule.internal

    @property
    def provisional(self) -> bool:
        return self.period.provisional

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        return self.period.alternatives

    def as_record(self) -> dict[str, Any]:
        """Plain JSON values, enough to show the deadline for good, also when the table has moved on."""
        rule, period = self.rule, self.period
        return {
            "key": self.key,
            "name": rule.name._asdict(),
            "rule_version": self.rule_version,
            "table_version": self.table_version,
            "calendar_version": self.calendar_version,
            "from_on": self.from_on.isoformat(),
            "delivery": self.delivery,
            "profile": rule.profile.value,
            "length": rule.length.count,
            "unit": rule.length.unit.value,
            "start_on": period.start_on.isoformat(),
            "nominal_on": period.nominal_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "due_at": self.due_at.isoformat().replace("+00:00", "Z"),
            "provisional": self.provisional,
            "internal": self.internal,
            "starts": rule.starts._asdict(),
            "consequence": self.consequence._asdict(),
            "basis": [{"article": one.article, "mark": one.mark} for one in self.basis],
            "steps": [step.as_record() for step in period.steps],
            "alternatives": [{"due_on": a.due_on.isoformat(), "why": a.why._asdict()} for a in self.alternatives],
        }


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


def compute_deadline(
    table: RuleTable,
    calendar: BusinessCalendar,
    key: str,
    from_on: date,
    variables: Mapping[str, Any] = NO_VARIABLES,
    delivery: str | None = None,
    pauses: Iterable[Pause] = (),
    extension: Extension | None = None,
    *,
    proven_on: date | None = None,
    interruptions: Iterable[Interruption] = (),
) -> DeadlineComputation:
    """Apply the rule that is in force on the start day.

    ``from_on`` is the legal day of the start event; with ``delivery`` it is the day of dispatch, from which the start
    is found. Raises ``InvalidInput``, with the article, for an unknown key, a variable that the rule needs, a pause or
    an interruption that the rule does not know, and an extension that the law does not allow or that came too late.
    """
    delivery = delivery or "none"
    start = from_on if delivery == "none" else receive(delivery, from_on, proven_on).received_on
    rule = table.rule(key, start, variables)
    request = PeriodRequest(
        event_on=from_on, length=rule.length, profile=rule.profile, delivery=delivery, proven_on=proven_on,
        pauses=tuple(pauses), interruptions=tuple(interruptions), end_minus_one=rule.end_minus_one,
        makeup_is_workday=_makeup_is_workday(table, rule.profile),
    )
    _check_stops(rule, request)
    if extension is not None:
        _check_extension(rule, extension, compute(request, calendar).due_on)
        request = replace(request, extension=extension.length)
    period = compute(request, calendar)
    for limit in rule.limits:
        period = _limited(table, calendar, limit, period, variables)
    period = period.with_alternatives(_other_rules(table, calendar, rule, request, period, variables))
    return DeadlineComputation(key, rule, period, table.version, calendar.version, from_on, delivery)


def _makeup_is_workday(table: RuleTable, profile: Profile) -> bool:
    name = MAKEUP_PARAMETERS.get(profile, "")
    return table.parameter(name).value is not False if name in table.parameters else True


def _check_stops(rule: Rule, request: PeriodRequest) -> None:
    articles = "; ".join(one.article for one in rule.basis)
    if request.pauses and rule.suspension is None:
        expected = f"no pause, because this period runs on ({articles})"
        raise InvalidInput(expected=expected, found="a pause", where=rule.key)
    if request.interruptions and not rule.interruptible:
        expected = f"no interruption, because nothing makes this period run anew ({articles})"
        raise InvalidInput(expected=expected, found="an interruption", where=rule.key)


def _check_extension(rule: Rule, extension: Extension, due_on: date) -> None:
    policy, asked = rule.extension, extension.length
    article = policy.article or "; ".join(one.article for one in rule.basis)
    if not policy.allowed:
        raise InvalidInput(expected=f"no extension of this period ({article})", found="one", where=rule.key)
    if policy.most and (asked.unit is not policy.most.unit or asked.count > policy.most.count):
        expected = f"an extension of at most {policy.most.count} {policy.most.unit.value} ({article})"
        raise InvalidInput(expected=expected, found=f"{asked.count} {asked.unit.value}", where=rule.key)
    if extension.requested_on is not None and extension.requested_on > due_on:
        expected = f"an extension asked for on or before expiry on {due_on.isoformat()} ({article})"
        raise InvalidInput(expected=expected, found=extension.requested_on.isoformat(), where=rule.key)


def _limited(table: RuleTable, calendar: BusinessCalendar, limit: Limit, period: Period,
             variables: Mapping[str, Any]) -> Period:
    """The period under its second limit; a limit whose start is not known yet changes nothing."""
    start = variables.get(limit.start)
    if start is None:
        return period
    other = compute_deadline(table, calendar, limit.key, as_day(start, f"variable {limit.start}"), variables).period
    return earlier_of(period, other) if limit.take == "earlier" else later_of(period, other)


def _other_rules(table: RuleTable, calendar: BusinessCalendar, rule: Rule, request: PeriodRequest, period: Period,
                 variables: Mapping[str, Any]) -> Iterable[Alternative]:
    """The days under other rules that may apply, where they differ."""
    for profile in rule.also_profiles:
        other_on = compute(replace(request, profile=profile), calendar).due_on
        if other_on != period.due_on:
            yield Alternative(other_on, Text(f"按 {profile.value} 计算", f"computed under {profile.value}"))
    for key in rule.also:
        other = compute_deadline(table, calendar, key, period.start_on, variables)
        if other.due_on != period.due_on:
            yield Alternative(other.due_on, other.rule.name)


# Lamp -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lamp:
    """``state`` is ok (green), soon (amber), late (red), hold (grey) or prov (blue); days count from today to the due
    day, negative when it has passed."""

    state: str
    days_left: int
    workdays_left: int


def lamp(
    deadline: DeadlineComputation | date,
    today: date,
    calendar: BusinessCalendar,
    paused: bool = False,
    start_on: date | None = None,
    provisional: bool = False,
) -> Lamp:
    """The colour of a deadline today: grey when paused, red when overdue, amber at 7 days or a fifth of the period or
    less, else blue when provisional, else green. A due day alone may bring its start and whether it is provisional."""
    if isinstance(deadline, DeadlineComputation):
        start_on, provisional, deadline = deadline.period.start_on, deadline.provisional, deadline.due_on
    left = (deadline - today).days
    whole = abs((deadline - start_on).days) if start_on else 0
    near = left <= SOON_DAYS or left <= whole * SOON_SHARE
    return Lamp(_state(left, near, paused, provisional), left, calendar.workdays_between(today, deadline))


def _state(left: int, near: bool, paused: bool, provisional: bool) -> str:
    if paused:
        return "hold"
    if left < 0:
        return "late"
    if near:
        return "soon"
    return "prov" if provisional else "ok"


# FEEL -----------------------------------------------------------------------------------------------------------------


def running_lamp(workdays_left: int | None, workdays_total: int, provisional: bool) -> str:
    """The lamp of lists and screens, by working days: ``late`` when they are negative, ``soon`` at 7 or at 20 % of the
    period and below, ``hold`` when nothing runs."""
    if workdays_left is None:
        return "hold"
    if workdays_left < 0:
        return "late"
    if provisional:
        return "prov"
    return "soon" if workdays_left <= SOON_DAYS or workdays_left <= workdays_total * SOON_SHARE else "ok"


class _Unset:
    """Tells a parameter left out from a null, which must not silently mean the default day."""


UNSET = _Unset()
FEEL_NAMES = ("deadline", "working days between", "add working days")
"""What FEEL must know when it reads a diagram, because two of the names contain spaces."""


def as_day(value: Any, where: str) -> date:
    """The legal day (Asia/Shanghai) of a FEEL date, date and time, or the text of one."""
    found = _read(value) if isinstance(value, str) else value
    if isinstance(found, datetime):
        return local_date(found) if found.tzinfo is not None else found.date()
    if isinstance(found, date):
        return found
    raise InvalidInput(expected="a date, a date and time, or the ISO text of one", found=repr(value), where=where)


def _read(text: str) -> date | None:
    """ISO text, with FEEL's ``@Asia/Shanghai`` for a named zone."""
    moment, _, zone = text.partition("@")
    try:
        if "T" not in moment:
            return parse_day(text)
        found = datetime.fromisoformat(moment)
        return found.replace(tzinfo=ZoneInfo(zone)) if zone else found
    except (ValueError, OSError, InvalidInput, ZoneInfoNotFoundError):
        return None


def feel_functions(
    table: RuleTable,
    calendar: BusinessCalendar,
    variables_getter: Callable[[], Mapping[str, Any]],
    default_from: date,
    pauses: Iterable[Pause] = (),
) -> dict[str, Callable[..., Any]]:
    """The functions that a diagram's FEEL may call: ``deadline(key[, from])``, ``working days between(from, to)`` and
    ``add working days(date, days)``.

    ``default_from`` is the legal receipt day of the event that led here; ``variables_getter`` gives the case variables
    at the time of the call; ``pauses`` stop those of the case's deadlines that its suspension stops.
    """
    stopped = tuple(pauses)

    def deadline(key: str, from_: Any = UNSET) -> DeadlineInstant:
        start = default_from if from_ is UNSET else as_day(from_, f"from of deadline({key!r})")
        variables = variables_getter()
        applied = stopped if stopped and table.rule(key, start, variables).suspension else ()
        return DeadlineInstant.of(compute_deadline(table, calendar, key, start, variables, pauses=applied))

    def working_days_between(from_: Any, to: Any) -> int:
        return calendar.workdays_between(as_day(from_, "from"), as_day(to, "to"))

    def add_working_days(date_: Any, days: Any) -> date:
        return calendar.add_workdays(as_day(date_, "date"), _whole(days, "days of add working days"))

    functions: tuple[Callable[..., Any], ...] = (deadline, working_days_between, add_working_days)
    return {name: _for_feel(function) for name, function in zip(FEEL_NAMES, functions, strict=True)}


def _whole(value: Any, where: str) -> int:
    if type(value) in (int, Decimal) and value == int(value) and abs(value) <= MOST_WORKDAYS:
        return int(value)
    raise InvalidInput(expected=f"a whole number up to {MOST_WORKDAYS}, or negative", found=repr(value), where=where)


def _for_feel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with our errors as ``ValueError``, which FEEL turns into null with a diagnosis."""

    @wraps(function)
    def called(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except InvalidInput as error:
            raise ValueError(error.message) from error

    return called
