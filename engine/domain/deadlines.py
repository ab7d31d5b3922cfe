"""Deadlines: a rule of the table applied to a day, with everything needed to explain it and to freeze it.

A computation names the digests of the rule and of the calendar it used, so that a running case keeps what was in force
at its start event and a later recomputation can be told from the first. ``deadline_functions`` is the door for
diagrams, ``deadline_terms`` what happens to a deadline afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.clock import local_date
from engine.domain.calendar import BusinessCalendar
from engine.domain.deadline_rules import (
    NO_VARIABLES,
    Basis,
    Limit,
    Parameter,
    Rule,
    RuleTable,
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
)
from engine.domain.reading import as_day
from engine.domain.refusals import (
    ExtensionForbidden,
    ExtensionTooLate,
    ExtensionTooLong,
    InterruptionForbidden,
    PauseForbidden,
)
from engine.domain.rule_reader import parse_rules, shipped_rules
from engine.errors import Phrase

__all__ = [
    "Basis",
    "DeadlineComputation",
    "Extension",
    "Parameter",
    "Rule",
    "RuleTable",
    "compute_deadline",
    "lamp",
    "last_day",
    "parse_rules",
    "shipped_rules",
    "workdays_left",
]

SOON_DAYS = 7
SOON_SHARE = Decimal("0.2")
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
    rules: Mapping[str, str] = field(default_factory=dict)
    """The versions it rests on, by key: its own rule and those it refers to."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What it took from the case."""

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
    rules = table.digests(key, start)
    names = set().union(*(one.reads() for found in rules for one in table.versions_of(found) if one.in_force(start)))
    taken = {name: variables[name] for name in sorted(names) if variables.get(name) is not None}
    return DeadlineComputation(key, rule, period, table.version, calendar.version, from_on, delivery, rules, taken)


def _makeup_is_workday(table: RuleTable, profile: Profile) -> bool:
    name = MAKEUP_PARAMETERS.get(profile, "")
    return table.parameter(name).value is not False if name in table.parameters else True


def _check_stops(rule: Rule, request: PeriodRequest) -> None:
    if request.pauses and rule.suspension is None:
        raise PauseForbidden(where=rule.key, article=rule.articles)
    if request.interruptions and not rule.interruptible:
        raise InterruptionForbidden(where=rule.key, article=rule.articles)


def _check_extension(rule: Rule, extension: Extension, due_on: date) -> None:
    policy, asked = rule.extension, extension.length
    article = policy.article or rule.articles
    if not policy.allowed:
        raise ExtensionForbidden(where=rule.key, article=article)
    if policy.most and (asked.unit is not policy.most.unit or asked.count > policy.most.count):
        raise ExtensionTooLong(where=rule.key, article=article, most=policy.most.count, unit=policy.most.unit.value,
                               found=Phrase("{count} {unit}", count=asked.count, unit=asked.unit.value))
    if extension.requested_on is not None and extension.requested_on > due_on:
        raise ExtensionTooLate(where=rule.key, article=article, due_on=due_on.isoformat(),
                               found=extension.requested_on.isoformat())


def _limited(table: RuleTable, calendar: BusinessCalendar, limit: Limit, period: Period,
             variables: Mapping[str, Any]) -> Period:
    """The period under its second limit; a limit whose start is not known yet changes nothing."""
    start = variables.get(limit.start)
    if start is None:
        return period
    begins = as_day(start, Phrase("variable {name}", name=limit.start))
    other = compute_deadline(table, calendar, limit.key, begins, variables).period
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


def lamp(workdays_left: int | None, workdays_total: int, provisional: bool = False) -> str:
    """The lamp of a running deadline, by working days left: ``late`` (red) when they are negative, ``soon`` (amber) at
    7, or at a fifth of the period, and below, else ``prov`` (blue) while its calendar is not published, else ``ok``
    (green); ``hold`` (grey) when none are counted. What is near stays amber, however provisional."""
    if workdays_left is None:
        return "hold"
    if workdays_left < 0:
        return "late"
    if workdays_left <= SOON_DAYS or workdays_left <= workdays_total * SOON_SHARE:
        return "soon"
    return "prov" if provisional else "ok"


def last_day(due_at: datetime) -> date:
    """The last legal day before an instant: 24:00 of a day belongs to it, not to the next."""
    return local_date(due_at - timedelta(microseconds=1))


def workdays_left(calendar: BusinessCalendar, today: date, due_on: date) -> int:
    """Working days after today up to the due day; negative, at least by one, when it has passed."""
    if due_on >= today:
        return calendar.workdays_between(today, due_on)
    return -max(calendar.workdays_between(due_on, today), 1)
