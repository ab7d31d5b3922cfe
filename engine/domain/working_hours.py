"""Working hours: when people are told of deadlines (local rule, parameter ``working_hours`` of the rule table)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from engine.clock import LOCAL_ZONE
from engine.domain.calendar import BusinessCalendar
from engine.errors import InvalidInput

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class WorkingHours:
    """Spans of a working day, Beijing time, in order; the end of a span is not part of it."""

    spans: tuple[tuple[time, time], ...]

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """``09:00-12:00, 14:00-17:30``. Raises ``InvalidInput``."""
        found = [_SPAN.fullmatch(part.strip()) for part in text.split(",")]
        ends = [time(int(hour), int(minute)) for match in found if match is not None
                for hour, minute in (match.groups()[:2], match.groups()[2:])]
        if None in found or any(later <= earlier for earlier, later in zip(ends, ends[1:], strict=False)):
            raise InvalidInput(expected="working hours such as 09:00-12:00, 14:00-17:30", found=text, where=where)
        return cls(tuple(zip(ends[::2], ends[1::2], strict=True)))

    def opening(self, on: date) -> datetime:
        """The instant at which a working day begins."""
        return _at(on, self.spans[0][0])

    def during(self, on: date, wanted: time) -> datetime:
        """The instant of a working day at a time of day: in a break, after it; outside the hours, when the day begins,
        because what is told early is no harm."""
        after = [begin for begin, end in self.spans if wanted < end]
        if not after or wanted < self.spans[0][0]:
            return self.opening(on)
        return _at(on, max(after[0], wanted))

    def next_open(self, moment: datetime, calendar: BusinessCalendar) -> datetime:
        """The first working instant from a moment on."""
        local = moment.astimezone(LOCAL_ZONE)
        after = [begin for begin, end in self.spans if local.time() < end]
        if calendar.is_workday(local.date()) and after:
            return max(moment, _at(local.date(), after[0]))
        return self.opening(calendar.add_workdays(local.date(), 1))


def _at(on: date, moment: time) -> datetime:
    return datetime.combine(on, moment, LOCAL_ZONE).astimezone(UTC)


USUAL = WorkingHours(((time(9), time(17, 30)),))
"""Where the rule table says nothing."""
