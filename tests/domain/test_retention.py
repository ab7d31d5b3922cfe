"""The schedule that destroys files names processes that there are, and keeps each for a time that has a basis."""

from __future__ import annotations

from datetime import date

from engine.domain.retention import Kept, ended_before, shipped
from tests.bpmn.procedures import NS, files, tree


def _processes() -> set[str]:
    return {process.get("id") for path in files("*.bpmn") for process in tree(path).iterfind(".//bpmn:process", NS)}


def test_each_rule_is_of_a_process_that_there_is() -> None:
    assert set(shipped()) - _processes() == set()
    assert all(kept.basis and (kept.years is None or kept.years >= 3) for kept in shipped().values())


def test_a_file_goes_the_day_after_its_years_and_a_permanent_one_never() -> None:
    assert ended_before(Kept(10, "x"), date(2036, 3, 2)) == date(2026, 3, 2)
    assert ended_before(Kept(10, "x"), date(2036, 2, 29)) == date(2026, 2, 28)
    assert ended_before(Kept(None, "x"), date(2036, 3, 2)) is None
    assert shipped()["joint_adjudication"].years is None
