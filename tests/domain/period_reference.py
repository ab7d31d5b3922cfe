"""A second, slow calculator of periods: it walks day by day over chinesecalendar's own data and shares nothing with the
engine but the request. ``python -m tests.domain.period_reference 100000 7`` compares so many random periods by a seed.
"""

import random
import sys
from datetime import date, timedelta

from chinese_calendar.constants import holidays, workdays

from engine.domain.calendar import shipped_calendar
from engine.domain.periods import Length, Pause, PeriodRequest, Profile, Unit, compute

DAY = timedelta(days=1)
LAG = {"cnipa.post": 15, "tm.electronic": 15, "tm.post": 15, "court.announce": 30}
DELIVERIES = [
    "none", "cnipa.electronic", "cnipa.post", "cnipa.announce", "court.electronic", "court.announce", "tm.electronic",
    "tm.post", "center.electronic", "party.filing.post",
]


def works(day, makeup=True):
    weekend = day.isoweekday() > 5
    if 2004 <= day.year <= 2026 and day in workdays:
        return makeup or not weekend
    return not weekend and not (2004 <= day.year <= 2026 and day in holidays)


def same_day_later(day, months):
    """Walk through the months one by one, then through the last month until the day or the month's end."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month in (0, 13):
            year, month = (year + 1, 1) if month == 13 else (year - 1, 12)
    found = date(year, month, 1)
    while found.day < day.day and (found + DAY).month == month:
        found += DAY
    return found


def receipt(rule, event):
    if rule == "cnipa.announce":
        return same_day_later(event, 1)
    if rule == "cnipa.electronic":
        return event + 15 * DAY if event.isoformat() < "2024-01-20" else event
    return event + LAG.get(rule, 0) * DAY


def corrected(profile, day, makeup):
    if profile == "CNIPA":
        while not works(day, makeup=False):
            day += DAY
    elif profile in ("CIVIL", "TM"):
        while not works(day, makeup):
            day += DAY
    return day


def added(start, length, unit, sign):
    if unit == "day":
        return start + sign * length * DAY
    return same_day_later(start, sign * length * (12 if unit == "year" else 1))


def reference(request):
    """(start, nominal, due, provisional) of a request."""
    profile, unit = request.profile.value, request.length.unit.value
    length = request.length.count + (request.extension.count if request.extension else 0)
    start = receipt(request.delivery, request.event_on)
    paused = {p.from_on + n * DAY for p in request.pauses for n in range((p.to_on - p.from_on).days)}
    sign = -1 if profile.endswith("_BACK") else 1
    if unit == "workday":
        end, left, seen = start, length, []
        while left:
            end += sign * DAY
            seen.append(end)
            left -= works(end) and end not in paused
        due = corrected(profile, end, request.makeup_is_workday)
        return start, end, due, any(not 2004 <= d.year <= 2026 for d in [*seen, due])
    end = added(start, length, unit, sign)
    day = start
    while True:
        while day <= end and sign > 0:
            end += DAY * (day in paused)
            day += DAY
        due = corrected(profile, end, request.makeup_is_workday)
        tail = [end + n * DAY for n in range(1, (due - end).days + 1)]
        stopped = next((d for d in tail if d in paused), None)
        if stopped is None:
            break
        day = stopped
        while day in paused:
            day += DAY
        end = day + (due - stopped)
    unseen = profile == "NOROLL"
    return start, end, due, not unseen and any(not 2004 <= d.year <= 2026 for d in (end, due))


def random_request(rng, profile=None):
    profile = Profile(profile or rng.choice(list(Profile)))
    event = date(2004, 1, 1) + rng.randrange(365 * 23 + 5) * DAY
    units = {"WORKDAY": ["workday"], "WORKDAY_BACK": ["workday"], "DAY_BACK": ["day", "month", "year"]}
    unit = Unit(rng.choice(units.get(profile.value, ["day", "month", "year", "workday"])))
    most = {"day": 60, "month": 24, "year": 6, "workday": 40}[unit.value]
    length = Length(rng.randint(1, most), unit)
    if profile.value.endswith("_BACK"):
        return PeriodRequest(event, length, profile)
    starts = [event + rng.randint(-10, 90) * DAY for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]
    pauses = tuple(Pause(first, first + rng.randint(0, 25) * DAY, rng.choice(["鉴定", "公告"])) for first in starts)
    extension = Length(rng.randint(1, 3), unit) if rng.random() < 0.2 else None
    return PeriodRequest(event, length, profile, rng.choice(DELIVERIES), pauses=pauses, extension=extension,
                         makeup_is_workday=rng.random() < 0.8)


def disagreement(request):
    """None, or what differs."""
    period = compute(request, shipped_calendar())
    found = (period.start_on, period.nominal_on, period.due_on, period.provisional)
    wanted = reference(request)
    return None if found == wanted else f"{request}\nengine    {found}\nreference {wanted}"


def compare(count, seed):
    """Compare so many random periods, every profile in turn; stops at the first that differs."""
    rng = random.Random(seed)
    profiles = list(Profile)
    for number in range(count):
        if problem := disagreement(random_request(rng, profiles[number % len(profiles)])):
            return problem
    return None


if __name__ == "__main__":
    print(compare(int(sys.argv[1]), int(sys.argv[2])) or f"{sys.argv[1]} periods agree")
