"""Who sees what: a query answers with the actor's own, and what is not theirs is not there."""

from __future__ import annotations

from typing import Any

import pytest

from engine.domain.commands import StartCase
from engine.errors import NotFound
from engine.store import queries, search
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, process, properties, start, timer, user
from tests.support.house import ACTORS, MORNING, House, actor

MINE, OTHER = actor("applicant"), actor("applicant", 2)
EXAMINER = ACTORS["examiner"]


@pytest.fixture
def case(house: House) -> str:
    house.deploy(process("p", start("s", properties(role="applicant")), user("A", assign(groups="examiner")),
                         boundary("b", "A", timer('=deadline("dl.pre.answer")', "date")),
                         user("B", assign(groups="quality")),
                         end("e"), end("f"), chain("s", "A", "B", "e"), chain("b", "f")))
    return str(house.run(StartCase("p", {"kind": "invention", "application_no": "2026"}), MINE)["case_id"])


@pytest.mark.parametrize(("who", "sees"), [
    ("applicant", True), ("intake", True), ("supervisor", True), ("auditor", True), ("examiner", True),
    ("quality", False), ("classifier", False), ("designer", False), ("admin", False)])
def test_who_sees_a_case(house: House, case: str, who: str, sees: bool) -> None:
    with house.kapok.database.reading() as connection:
        assert (queries.case(connection, ACTORS[who], case) is not None) is sees
        assert search.found(connection, ACTORS[who], search.Wanted(), MORNING) == [case] * sees
        assert (len(queries.all_deadlines(connection, ACTORS[who], 10)) == 1) is sees


def test_an_applicant_sees_its_own_cases_only(house: House, case: str) -> None:
    other = str(house.run(StartCase("p", {"kind": "invention"}), OTHER)["case_id"])
    views = house.kapok.queries
    assert [row.id for row in views.cases(MINE, "", 1).items] == [case]
    assert [row.id for row in views.cases(OTHER, "", 1).items] == [other]
    assert views.cases(OTHER, "2026", 1).items == []


def test_who_worked_on_a_case_goes_on_seeing_it(house: House, case: str) -> None:
    house.complete(case, "A", actor=EXAMINER)
    with house.kapok.database.reading() as connection:
        assert queries.case(connection, EXAMINER, case) is not None
        assert queries.case(connection, actor("examiner", 2), case) is None
        assert queries.case(connection, ACTORS["quality"], case) is not None


def test_what_is_hidden_answers_like_what_is_not_there(house: House, case: str) -> None:
    views: Any = house.kapok.queries
    wait = house.rows(s.deadline)[0].wait
    for read, there in ((views.case, case), (views.task, f"{case}~1"), (views.deadline, f"{case}~{wait}")):
        absent = there.replace(case[:8], "00000000")
        errors = []
        for key in (there, absent):
            with pytest.raises(NotFound) as refused:
                read(OTHER, key)
            errors.append((refused.value.code, refused.value.message.replace(key, "…")))
        assert errors[0] == errors[1]
