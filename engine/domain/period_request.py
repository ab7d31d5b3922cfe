"""What a period is asked with: units, profiles, lengths, pauses, interruptions; and reading them from text.

Bad values are refused here, once, so that the computation can be plain arithmetic.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.errors import InvalidInput, Phrase


class Unit(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    WORKDAY = "workday"


class Profile(StrEnum):
    """How the end of a period is corrected."""

    CNIPA = "CNIPA"
    CIVIL = "CIVIL"
    TM = "TM"
    WORKDAY = "WORKDAY"
    WORKDAY_BACK = "WORKDAY_BACK"
    DAY_BACK = "DAY_BACK"
    NOROLL = "NOROLL"


BACKWARD = frozenset({Profile.WORKDAY_BACK, Profile.DAY_BACK})
CALENDAR_UNITS = frozenset({Unit.DAY, Unit.MONTH, Unit.YEAR})
UNITS: Mapping[Profile, frozenset[Unit]] = {
    **dict.fromkeys(Profile, CALENDAR_UNITS | {Unit.WORKDAY}),
    **dict.fromkeys((Profile.WORKDAY, Profile.WORKDAY_BACK), frozenset({Unit.WORKDAY})),
    Profile.DAY_BACK: CALENDAR_UNITS,
}
LONGEST: Mapping[Unit, int] = {Unit.DAY: 73_000, Unit.MONTH: 2_400, Unit.YEAR: 200, Unit.WORKDAY: 25_000}
"""Far beyond any statute; keeps a slip of the keyboard from walking for ever."""

LONGEST_DIGITS = 6


@dataclass(frozen=True)
class Length:
    """How long: a whole number of at least 1 of one unit."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", parse_unit(self.unit))
        if type(self.count) is not int or not 1 <= self.count <= LONGEST[self.unit]:
            expected = Phrase("a whole number from {lowest} to {highest}", lowest=1, highest=LONGEST[self.unit])
            raise InvalidInput(expected=expected,
                               found=str(self.count), where=Phrase("length in {unit}s", unit=self.unit.value))


@dataclass(frozen=True)
class Pause:
    """Days that do not count: ``from_on`` is the first, ``to_on`` the first that counts again."""

    from_on: date
    to_on: date
    reason: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            expected = Phrase("a pause that ends on or after its first day {from_on}", from_on=self.from_on.isoformat())
            raise InvalidInput(expected=expected, found=self.to_on.isoformat(), where="pause")


@dataclass(frozen=True)
class Interruption:
    """An act that makes the whole period run anew, from its day or from the end of the procedure it opened."""

    on: date
    reason: str = ""
    ended_on: date | None = None

    def __post_init__(self) -> None:
        if self.ended_on is not None and self.ended_on < self.on:
            expected = Phrase("an end of the procedure not before {on}", on=self.on.isoformat())
            raise InvalidInput(expected=expected, found=self.ended_on.isoformat(), where="interruption")


@dataclass(frozen=True)
class PeriodRequest:
    """Everything a period depends on besides the calendar.

    ``event_on`` is the day of dispatch or of the triggering act (the anchor of a backward period); ``proven_on`` a
    proven day of actual receipt; ``extension`` is counted from the original start. ``makeup_is_workday`` decides how
    CIVIL and TM read a make-up weekend day; ``end_minus_one`` is the validity of a registered trademark.
    """

    event_on: date
    length: Length
    profile: Profile
    delivery: str = "none"
    proven_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    extension: Length | None = None
    interruptions: tuple[Interruption, ...] = ()
    makeup_is_workday: bool = True
    end_minus_one: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "profile", parse_profile(self.profile))
        for length in filter(None, (self.length, self.extension)):
            if length.unit not in UNITS[self.profile]:
                expected = Phrase("a length in {names} for the profile {profile}",
                                  names=', '.join(sorted(UNITS[self.profile])), profile=self.profile.value)
                raise InvalidInput(expected=expected, found=length.unit.value, where="unit")
        if self.profile in BACKWARD and (self.pauses or self.extension or self.interruptions):
            expected = Phrase("no pause, extension or interruption for the backward profile {profile}",
                              profile=self.profile.value)
            raise InvalidInput(expected=expected, found="one", where="period")
        if self.extension and (Unit.WORKDAY in {self.length.unit, self.extension.unit}) and not self._one_unit():
            same = "an extension in working days exactly when the length is"
            raise InvalidInput(expected=same, found=self.extension.unit.value, where="extension")
        if self.end_minus_one and (self.profile is not Profile.TM or self.length.unit not in {Unit.MONTH, Unit.YEAR}):
            mark = "the profile TM and a length in months or years"
            raise InvalidInput(expected=mark, found=self.profile.value, where="end_minus_one")

    def _one_unit(self) -> bool:
        return self.extension is not None and self.extension.unit is self.length.unit


def parse_unit(text: str, where: str = "unit") -> Unit:
    """Raises ``InvalidInput`` naming the units there are."""
    if isinstance(text, Unit):
        return text
    if text not in set(Unit):
        raise InvalidInput(expected=Phrase("one of {names}", names=', '.join(Unit)), found=repr(text), where=where)
    return Unit(text)


def parse_profile(text: str, where: str = "profile") -> Profile:
    """Raises ``InvalidInput`` naming the profiles there are."""
    if isinstance(text, Profile):
        return text
    if text not in set(Profile):
        raise InvalidInput(expected=Phrase("one of {names}", names=', '.join(Profile)), found=repr(text), where=where)
    return Profile(text)


def parse_day(text: str, where: str = "day") -> date:
    """A day written YYYY-MM-DD, and nothing else that Python would also take."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise InvalidInput(expected="a day of the calendar written YYYY-MM-DD", found=repr(text), where=where)
    return day


def parse_length(count: str | int, unit: str) -> Length:
    """A length from the command line's two words."""
    text = str(count)
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_DIGITS):
        raise InvalidInput(expected="a whole number of at least 1", found=repr(count), where="length")
    return Length(int(text), parse_unit(unit))


def parse_pause(text: str, where: str = "pause") -> Pause:
    """``FROM..TO``: the first day that does not count and the first that counts again."""
    parts = text.split("..")
    if len(parts) != 2:
        raise InvalidInput(expected="a pause written FROM..TO (TO counts again)", found=repr(text), where=where)
    return Pause(parse_day(parts[0], f"{where} FROM"), parse_day(parts[1], f"{where} TO"))


def parse_request(profile: str, event: str, length: str | int, unit: str, delivery: str = "none",
                  pauses: Iterable[str] = ()) -> PeriodRequest:
    """The words of ``kapok period`` as a request. Raises ``InvalidInput`` naming the word that is wrong."""
    return PeriodRequest(
        event_on=parse_day(event, "event"),
        length=parse_length(length, unit),
        profile=parse_profile(profile),
        delivery=delivery,
        pauses=tuple(parse_pause(pause) for pause in pauses),
    )
