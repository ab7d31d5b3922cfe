"""Periods: from an event and a length to the day on which time runs out, with every step told.

Two steps, never mixed (docs/periods.md): the start is the legal day of the event after the delivery rule; the due day
is start + length, corrected by the profile. The start day itself is never counted and never shifted. What stops a clock
moves the nominal end, and only then is the end corrected. Days are legal days of Asia/Shanghai; an instant appears only
in ``due_at``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.clock import LOCAL_ZONE
from engine.domain.calendar import ONE_DAY, BusinessCalendar, add_months
from engine.domain.delivery import Receipt, receive
from engine.domain.period_request import (
    BACKWARD,
    Interruption,
    Length,
    Pause,
    PeriodRequest,
    Profile,
    Unit,
    parse_day,
    parse_length,
    parse_pause,
    parse_profile,
    parse_request,
    parse_unit,
)
from engine.domain.period_texts import Step, Text
from engine.errors import InvalidInput, Phrase

__all__ = [
    "Alternative",
    "Interruption",
    "Length",
    "Pause",
    "Period",
    "PeriodRequest",
    "Profile",
    "Unit",
    "compute",
    "due_at",
    "earlier_of",
    "later_of",
    "parse_day",
    "parse_length",
    "parse_pause",
    "parse_profile",
    "parse_request",
    "parse_unit",
    "report",
]

ARTICLES: Mapping[Profile, str] = {
    Profile.CNIPA: "专利法实施细则5; 审查指南 V-7-2.3",
    Profile.CIVIL: "民事诉讼法85; 民法典201–203",
    Profile.TM: "商标法实施条例12",
    Profile.WORKDAY: "行政处罚法85; 行政复议法88",
    Profile.WORKDAY_BACK: "行政处罚法85",
    Profile.DAY_BACK: "民法典201",
    Profile.NOROLL: "审查指南 V-9-4.1",
}
MAKEUP_READ_OTHERWISE = Text("调休上班日按休息日计", "make-up working days read as rest days")
MAKEUP_READ_AS_WORK = Text("调休上班日按工作日计", "make-up working days read as working days")
HANDED_OVER_LATER = Text("当面送交按＋15日推定送达", "handing over read as deemed receipt after 15 days")


@dataclass(frozen=True)
class Alternative:
    """The due day under a second rule that may apply; a cautious reader keeps the earlier one."""

    due_on: date
    why: Text


@dataclass(frozen=True)
class Period:
    """A computed period. ``provisional``: it rests on days outside the published calendar."""

    start_on: date
    nominal_on: date
    due_on: date
    provisional: bool
    steps: tuple[Step, ...]
    alternatives: tuple[Alternative, ...] = ()

    def with_alternatives(self, others: Iterable[Alternative]) -> "Period":
        """The same period that also tells of other readings."""
        added = tuple(others)
        if not added:
            return self
        told = (Step.of("alternative", due=one.due_on, why=one.why.zh, why_en=one.why.en) for one in added)
        return replace(self, steps=(*self.steps, *told), alternatives=(*self.alternatives, *added))


Told = tuple[date, tuple[Step, ...]]
"""A day and the steps that led to it."""


def compute(request: PeriodRequest, calendar: BusinessCalendar) -> Period:
    """Compute a period and say why. Raises ``InvalidInput`` when it makes no sense or leaves the years of a date."""
    try:
        receipt = receive(request.delivery, request.event_on, request.proven_on)
        period = _compute(request, calendar, receipt)
        return period.with_alternatives(_alternatives(request, calendar, receipt, period.due_on))
    except OverflowError as error:
        where = Phrase("period of {count} {unit} from {day}", count=request.length.count,
                       unit=request.length.unit.value, day=request.event_on)
        raise InvalidInput(expected="an end between the years 1 and 9999", found=str(error), where=where) from error


def earlier_of(first: Period, second: Period) -> Period:
    """Two limits on one act: the earlier one binds."""
    return _pick(first, second, "earlier", min(first.due_on, second.due_on))


def later_of(first: Period, second: Period) -> Period:
    """Two limits of which meeting either is enough: the later one counts."""
    return _pick(first, second, "later", max(first.due_on, second.due_on))


def _pick(first: Period, second: Period, code: str, due_on: date) -> Period:
    chosen, other = (first, second) if first.due_on == due_on else (second, first)
    step = Step.of(code, due=due_on, other=other.due_on)
    provisional = first.provisional or second.provisional
    return replace(chosen, provisional=provisional, steps=(*chosen.steps, step))


def due_at(due_on: date, closing: time | None = None) -> datetime:
    """The UTC instant at which time has run out: 24:00 of the due day in Asia/Shanghai, that is 00:00 of the next day.

    An act before the instant is in time, one at the instant is late. ``closing`` is the close of business of a body
    that keeps hours (民法典203(2)).
    """
    local = datetime.combine(due_on + ONE_DAY, time.min) if closing is None else datetime.combine(due_on, closing)
    return local.replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


def report(period: Period, language: str = "zh") -> dict[str, Any]:
    """The JSON document of ``kapok period``."""
    return {
        "start": period.start_on.isoformat(),
        "nominal": period.nominal_on.isoformat(),
        "due": period.due_on.isoformat(),
        "provisional": period.provisional,
        "steps": [step.text(language) for step in period.steps],
    }


def _alternatives(request: PeriodRequest, calendar: BusinessCalendar, receipt: Receipt,
                  due_on: date) -> Iterable[Alternative]:
    if request.profile in {Profile.CIVIL, Profile.TM} and _makeup_may_matter(request, calendar, due_on):
        why = MAKEUP_READ_OTHERWISE if request.makeup_is_workday else MAKEUP_READ_AS_WORK
        other = replace(request, makeup_is_workday=not request.makeup_is_workday)
        if (other_on := _compute(other, calendar, receipt).due_on) != due_on:
            yield Alternative(other_on, why)
    if receipt.other_on is not None:
        other_on = _compute(request, calendar, replace(receipt, received_on=receipt.other_on)).due_on
        if other_on != due_on:
            yield Alternative(other_on, HANDED_OVER_LATER)


def _makeup_may_matter(request: PeriodRequest, calendar: BusinessCalendar, due_on: date) -> bool:
    """Without pauses and interruptions a make-up day decides exactly when the correction has stopped on it."""
    plain = request.makeup_is_workday and not request.pauses and not request.interruptions
    return not plain or calendar.is_makeup_workday(due_on)


def _compute(request: PeriodRequest, calendar: BusinessCalendar, receipt: Receipt) -> Period:
    start = receipt.received_on
    steps = list(receipt.steps)
    if calendar.is_rest_day(start):
        steps.append(Step.of("start.rest_day", ARTICLES[request.profile], start=start))
    for act in sorted(request.interruptions, key=lambda act: act.on):
        if act.on < receipt.received_on:
            expected = Phrase("an interruption on or after the start {start_on}", start_on=receipt.received_on)
            raise InvalidInput(expected=expected, found=act.on.isoformat(), where="interruption")
        start, step = _interrupt(request, calendar, start, act)
        steps.append(step)
    steps.append(Step.of("start.excluded", ARTICLES[request.profile], start=start))
    nominal, told = _nominal(request, calendar, start)
    due, corrected = _correct(request, calendar, nominal)
    provisional = not _is_covered(request, calendar, start, nominal, due)
    if provisional:
        corrected = (*corrected, Step.of("provisional"))
    return Period(start, nominal, due, provisional, (*steps, *told, *corrected))


def _interrupt(request: PeriodRequest, calendar: BusinessCalendar, start: date, act: Interruption) -> tuple[date, Step]:
    """The start after one interrupting act; an act after expiry changes nothing."""
    due, _ = _correct(request, calendar, _nominal(request, calendar, start)[0])
    if act.on > due:
        return start, Step.of("interrupted.late", "民法典195", on=act.on, reason=act.reason, due=due)
    anew = max(start, act.ended_on or act.on)
    return anew, Step.of("interrupted", "民法典195", on=act.on, reason=act.reason, start=anew)


# Length ---------------------------------------------------------------------------------------------------------------


def _nominal(request: PeriodRequest, calendar: BusinessCalendar, start: date) -> Told:
    """The end before correction: length and extension from the start, moved by the pauses."""
    if request.profile in BACKWARD:
        return _count_back(request, calendar, start)
    pauses = _merged(request.pauses)
    lengths = _together(request.length, request.extension)
    told: list[Step] = []
    if request.extension:
        told.append(_extension_step(request, request.extension, start))
    if request.length.unit is Unit.WORKDAY:
        end = _walk_workdays(calendar, start, lengths[0].count, pauses)
        for pause in pauses:
            crossed = pause.from_on <= end and pause.to_on > start
            told.append(_pause_step("pause.workdays" if crossed else "pause.outside", pause))
        return end, (*told, _length_step(lengths[0], end))
    end = start
    for length in lengths:
        target = _add(end, length)
        clamped = length.unit is not Unit.DAY and target.day != end.day
        if request.end_minus_one and not clamped:
            target -= ONE_DAY
        end = target
        told.append(_length_step(length, end, clamped))
    return _pause(request, calendar, start, end, pauses, told)


def _pause(request: PeriodRequest, calendar: BusinessCalendar, start: date, end: date, pauses: tuple[Pause, ...],
           told: list[Step]) -> Told:
    """Move the end by the days on which the clock stood still: new end = resumption + what was left.

    A clock that stands still on the start day starts when the pause ends. A pause that begins after the nominal end but
    before the corrected one keeps what was left of the correction.
    """
    for pause in pauses:
        stopped = max(pause.from_on, start)
        if pause.to_on <= start or stopped > (due := _correct(request, calendar, end)[0]):
            told.append(_pause_step("pause.outside", pause))
            continue
        left = (end if stopped <= end else due) - stopped
        end = pause.to_on + left
        told.append(_pause_step("pause", pause, days=(pause.to_on - stopped).days, end=end))
    return end, tuple(told)


def _pause_step(code: str, pause: Pause, **more: Any) -> Step:
    last = pause.to_on - ONE_DAY
    evidence = pause.evidence or None
    return Step.of(code, "本地算法 (c)", first=pause.from_on, last=last, reason=pause.reason, evidence=evidence, **more)


def _extension_step(request: PeriodRequest, added: Length, start: date) -> Step:
    return Step.of("extension", ARTICLES[request.profile], count=added.count, unit=added.unit.value, start=start)


def _length_step(length: Length, end: date, clamped: bool = False) -> Step:
    return Step.of("length.clamped" if clamped else "length", count=length.count, unit=length.unit.value, end=end)


def _merged(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Pauses in order, overlapping and touching ones made one, empty ones left out."""
    merged: list[Pause] = []
    for pause in sorted((p for p in pauses if p.from_on < p.to_on), key=lambda p: (p.from_on, p.to_on)):
        if merged and pause.from_on <= merged[-1].to_on:
            last = merged.pop()
            reason = last.reason if pause.reason in last.reason.split("、") else f"{last.reason}、{pause.reason}"
            evidence = "、".join(filter(None, dict.fromkeys((last.evidence, pause.evidence))))
            pause = Pause(last.from_on, max(last.to_on, pause.to_on), reason, evidence)
        merged.append(pause)
    return tuple(merged)


def _together(length: Length, extension: Length | None) -> tuple[Length, ...]:
    """Length and extension as one length where units allow, so that months clamp once, from the original start."""
    if extension is None:
        return (length,)
    if length.unit is extension.unit:
        return (Length(length.count + extension.count, length.unit),)
    if {length.unit, extension.unit} == {Unit.MONTH, Unit.YEAR}:
        return (Length(_months(length) + _months(extension), Unit.MONTH),)
    return (length, extension)


def _months(length: Length) -> int:
    return length.count * (12 if length.unit is Unit.YEAR else 1)


def _add(start: date, length: Length, sign: int = 1) -> date:
    if length.unit is Unit.DAY:
        return start + timedelta(days=sign * length.count)
    return add_months(start, sign * _months(length))


def _walk_workdays(calendar: BusinessCalendar, start: date, count: int, pauses: tuple[Pause, ...]) -> date:
    day = start
    while count:
        day = calendar.next_workday(day)
        count -= not any(pause.from_on <= day < pause.to_on for pause in pauses)
    return day


def _count_back(request: PeriodRequest, calendar: BusinessCalendar, anchor: date) -> Told:
    length = request.length
    if length.unit is Unit.WORKDAY:
        end = calendar.add_workdays(anchor, -length.count)
    else:
        end = _add(anchor, length, sign=-1)
    return end, (Step.of("length.back", count=length.count, unit=length.unit.value, end=end),)


# Correction -----------------------------------------------------------------------------------------------------------


def _correct(request: PeriodRequest, calendar: BusinessCalendar, nominal: date) -> Told:
    """The due day: the nominal end as the profile corrects it."""
    article = ARTICLES[request.profile]
    if request.end_minus_one:
        return nominal, (Step.of("end.minus_one", article, end=nominal),)
    if request.profile is Profile.NOROLL:
        return nominal, (Step.of("roll.never", article, due=nominal),)
    if request.profile in {Profile.WORKDAY, Profile.WORKDAY_BACK}:
        return nominal, (Step.of("roll.workday", article, due=nominal),)
    if request.profile is Profile.DAY_BACK:
        return nominal, (Step.of("back.rest_day", due=nominal),) if calendar.is_rest_day(nominal) else ()
    makeup_counts = request.makeup_is_workday and request.profile is not Profile.CNIPA
    return _roll(calendar, nominal, makeup_counts, article)


def _roll(calendar: BusinessCalendar, nominal: date, makeup_counts: bool, article: str) -> Told:
    if calendar.is_workday(nominal, makeup_counts):
        code = "roll.makeup_stands" if calendar.is_makeup_workday(nominal) else "roll.none"
        return nominal, (Step.of(code, article, end=nominal),)
    due = calendar.next_workday(nominal, makeup_counts)
    if calendar.is_makeup_workday(nominal):
        return due, (Step.of("roll.makeup_rest", article, end=nominal, due=due),)
    first = calendar.next_workday(nominal)
    step = Step.of("roll.rest", article, end=nominal, due=first, why=_why(calendar, nominal, "zh"),
                   why_en=_why(calendar, nominal, "en"))
    if first == due:
        return due, (step,)
    return due, (step, Step.of("roll.over_makeup", article, passed=first, due=due))


def _why(calendar: BusinessCalendar, day: date, language: str) -> str:
    plain = Text("周休息日", "a weekly rest day").text(language)
    name = calendar.holiday_name(day, language) or plain
    if calendar.is_shifted_rest_day(day):
        name += Text("移用周休息日", " (shifted rest day)").text(language)
    return name


def _is_covered(request: PeriodRequest, calendar: BusinessCalendar, start: date, nominal: date, due: date) -> bool:
    """Whether every day that was looked up lies inside the calendar's table."""
    if request.length.unit is Unit.WORKDAY:
        return calendar.covers(min(start + ONE_DAY, due), max(start - ONE_DAY, due))
    if request.profile is Profile.NOROLL or request.end_minus_one:
        return True
    return calendar.covers(nominal, due)
