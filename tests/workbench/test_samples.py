"""The samples of the demonstration: every one can be played, on any day, and stands where the file says."""

from datetime import datetime
from pathlib import Path

import pytest

from engine.cli import demo
from engine.cli.sandboxes import sandbox_house
from engine.clock import LOCAL_ZONE, VirtualClock
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, AddUser, Deploy
from engine.services.operations.registry import OPERATIONS
from engine.workbench.samples import Sample, play, read_samples
from engine.workbench.sandbox import Sandbox
from tests.support.bpmn import assign, chain, end, process, start, user

BPMN = Path(__file__).parents[2] / "bpmn"
SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=LOCAL_ZONE)
FIVE = {"pre_examination", "invalidation_trial", "joint_adjudication", "mediation_handoff", "specialist_dispatch"}


def test_all_samples_are_played_and_cover_the_five_procedures() -> None:
    house = sandbox_house(VirtualClock(SUNDAY), operations=OPERATIONS)
    for account in demo.ACCOUNTS:
        house.run(AddUser(account.name, account.title, (account.name,), "!"), SHELL)
    house.run(AddPartner(demo.PARTNER, "cnipa"), SHELL)
    house.run(Deploy(demo.shipped_models()), SHELL)
    faults = demo.samples(house, lambda told: None)
    sandbox = Sandbox(house, VirtualClock(SUNDAY))
    assert faults == []
    assert sandbox.incidents() == []
    samples = read_samples((BPMN / "samples.yaml").read_bytes())
    assert {sample.case["process"] for sample in samples} >= FIVE
    begun = {row.at.astimezone(LOCAL_ZONE).date() for row in sandbox.history()}
    assert max(begun) <= SUNDAY.date()
    assert all(day.weekday() < 5 for day in begun)


SMALL = """
- name: 示例
  about: 待办
  ago: 8
  process: p
  as: intake
  start: {day: "@-3", at: "@+6 09:30", plain: "@ 3", number: "@no"}
  steps:
    - advance_to: "@-2 10:00"
    - expect: {waiting: [u]}
"""


@pytest.fixture
def sample() -> Sample:
    return read_samples(SMALL.encode())[0]


def test_days_count_from_today_and_weekends_give_way(sample: Sample) -> None:
    house = sandbox_house(VirtualClock(SUNDAY))
    house.run(Deploy((demo.Resource("p.bpmn", process(
        "p", start(), user("u", assign(groups="intake")), end(), chain("start", "u", "end"))),)), SHELL)
    clocks: list[VirtualClock] = []
    case = play(sample, lambda clock: (house, clocks.append(clock))[0], SUNDAY)
    variables = Sandbox(house, clocks[0]).variables(case)
    assert (variables["day"], variables["at"], variables["plain"]) == ("2026-11-19", "2026-11-30T09:30:00+08:00", "@ 3")
    assert clocks[0].now().astimezone(LOCAL_ZONE).date().isoformat() == "2026-11-20"


def test_the_oldest_come_first() -> None:
    samples = read_samples((BPMN / "samples.yaml").read_bytes())
    assert [sample.ago for sample in samples] == sorted((sample.ago for sample in samples), reverse=True)
