"""What cases are found by, written anew; on both databases."""

from __future__ import annotations

from engine.domain.actors import SHELL
from engine.services.desk.searching import RebuildSearch
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import SUPERVISOR, House

PLAIN = process("q", start(), user("A"), end(), chain("start", "A", "end"))


def found(house: House, text: str) -> list[str]:
    return [row.title for row in house.kapok.queries.cases(SUPERVISOR, text, 1).items]


def index(house: House) -> list[tuple[str, str]]:
    return sorted((str(row.case_id), str(item)) for table, name in ((s.case_word, "word"), (s.search_number, "number"))
                  for row in house.rows(table) for item in [getattr(row, name)])


def test_what_is_lost_is_found_again_step_by_step(house: House) -> None:
    house.deploy(PLAIN)
    numbers = [f"20231012345{number}" for number in range(5)]
    cases = [house.start("q", {"title": f"第{number}件装置", "application_no": number}, SUPERVISOR)
             for number in numbers]
    before = index(house)
    with house.kapok.database.writing() as connection:
        connection.execute(s.case_word.delete())
        connection.execute(s.search_number.delete())
        connection.execute(s.search_number.insert(), {"case_id": cases[0], "number": "stale9"})
    assert found(house, "装置") == [] and found(house, numbers[0]) == []
    last, done, steps = "", 0, 0
    while last is not None:
        answer = house.run(RebuildSearch(last, 2), SHELL)
        last, done, steps = answer["last"], done + answer["cases"], steps + 1
    assert (done, steps, index(house)) == (5, 3, before)
    assert len(found(house, "装置")) == 5 and found(house, numbers[0]) == [f"第{numbers[0]}件装置"]
    assert found(house, "stale9") == [] and house.broken() == []


def test_what_was_destroyed_is_not_found_again(house: House) -> None:
    house.deploy(PLAIN)
    key = house.start("q", {"title": "一种装置"}, SUPERVISOR)
    with house.kapok.database.writing() as connection:
        connection.execute(s.case_word.delete())
        connection.execute(s.case.update().where(s.case.c.id == key).values(purged_at=house.clock.now()))
    assert house.run(RebuildSearch(), SHELL) == {"cases": 0, "last": None}
    assert found(house, "装置") == []
