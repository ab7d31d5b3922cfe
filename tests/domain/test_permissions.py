"""Who may work on a user task."""

import pytest

from engine.domain.actors import SYSTEM, Actor
from engine.domain.permissions import may_work_on

EXAMINER = Actor(id="examiner", name="", roles=frozenset({"examiner"}))
STRANGER = Actor(id="applicant2", name="", roles=frozenset({"applicant"}))


@pytest.mark.parametrize(("actor", "assignee", "groups", "users", "may"), [
    (EXAMINER, None, {"examiner"}, set(), True),
    (EXAMINER, None, {"quality"}, set(), False),
    (EXAMINER, None, set(), {"examiner"}, True),
    (EXAMINER, "examiner", set(), set(), True),
    (EXAMINER, "another", {"examiner"}, set(), False),
    (STRANGER, None, {"applicant"}, set(), False),
    (STRANGER, "applicant", {"applicant"}, set(), False),
    (STRANGER, "applicant2", {"applicant"}, set(), True),
    (STRANGER, None, {"applicant"}, {"applicant2"}, True),
    (SYSTEM, "another", set(), set(), True),
])
def test_a_task_is_open_to_its_assignee_and_those_offered_it_but_no_stranger(actor, assignee, groups, users, may):
    assert may_work_on(actor, assignee, groups, users) is may
