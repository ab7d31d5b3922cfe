"""The retry schedule and the circuit breaker."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.webhooks.world import NOW
from webhooks.retry import COOL_DOWN, MAX_COOL_DOWN, SCHEDULE, TRIP_AFTER, Circuit, next_attempt, parse_retry_after


class Most:
    """A random source that always gives the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_schedule_is_that_of_must_13() -> None:
    waits = [next_attempt(attempt, NOW, Most()) for attempt in range(1, 10)]
    hours = [(at - NOW).total_seconds() / 3600 for at in waits if at]
    assert hours == [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]
    assert next_attempt(10, NOW, Most()) is None


def test_full_jitter_spreads_over_the_whole_delay() -> None:
    rng = random.Random(1)
    waits = sorted((next_attempt(4, NOW, rng) or NOW) - NOW for _ in range(500))
    assert timedelta(0) <= waits[0] < timedelta(minutes=5)
    assert SCHEDULE[3] - timedelta(minutes=5) < waits[-1] <= SCHEDULE[3]


def test_retry_after_is_a_lower_bound_with_a_cap() -> None:
    assert next_attempt(1, NOW, Most(), timedelta(minutes=3)) == NOW + timedelta(minutes=3)
    assert next_attempt(3, NOW, Most(), timedelta(minutes=3)) == NOW + SCHEDULE[2]
    assert next_attempt(1, NOW, Most(), timedelta(days=9)) == NOW + timedelta(hours=24)
    assert next_attempt(10, NOW, Most(), timedelta(minutes=3)) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("999999999", 86400),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0),
        ("Wed, 18 Mar 2026 10:22:33 +0800", 60),
        ("Wed, 18 Mar 2026 02:22:33 -0000", 60),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("１２", None),
        ("Wed, 99 Mar 2026 10:22:33 GMT", None),
    ],
)
def test_both_forms_of_retry_after(value: str | None, seconds: int | None) -> None:
    assert parse_retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def failed(circuit: Circuit, times: int, now: datetime = NOW) -> Circuit:
    for _ in range(times):
        circuit = circuit.failed(now)
    return circuit


def test_the_circuit_opens_after_failures_in_a_row_only() -> None:
    circuit = failed(Circuit(), TRIP_AFTER - 1)
    assert (circuit.state, circuit.ask(NOW)[1]) == ("closed", True)
    assert failed(circuit.succeeded(), TRIP_AFTER - 1).state == "closed"
    opened = circuit.failed(NOW)
    assert (opened.state, opened.until) == ("open", NOW + COOL_DOWN)
    assert opened.ask(NOW + COOL_DOWN - timedelta(seconds=1)) == (opened, False)


def test_one_probe_decides() -> None:
    later = NOW + COOL_DOWN
    probing, allowed = failed(Circuit(), TRIP_AFTER).ask(later)
    assert (probing.state, allowed) == ("half_open", True)
    assert probing.ask(later)[1] is False
    assert probing.succeeded() == Circuit()
    again = probing.failed(later)
    assert (again.state, again.until) == ("open", later + 2 * COOL_DOWN)


def test_a_probe_whose_worker_died_is_followed_by_another() -> None:
    later = NOW + COOL_DOWN
    probing, _ = failed(Circuit(), TRIP_AFTER).ask(later)
    assert probing.ask(later + COOL_DOWN)[1] is True


def test_the_cool_down_grows_to_an_hour() -> None:
    circuit, now = failed(Circuit(), TRIP_AFTER), datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(30):
        now = circuit.until or now
        circuit = circuit.ask(now)[0].failed(now)
    assert circuit.until == now + MAX_COOL_DOWN
