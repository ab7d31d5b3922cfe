"""The same commands at the same virtual times give the same history, ids included, on whatever database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.domain.commands import BroadcastSignal, CompleteJob, FailJob, ResolveIncident, SetVariables, task_key
from engine.store import schema as s
from tests.support.bpmn import (
    association,
    boundary,
    catch,
    chain,
    compensation,
    end,
    inclusive,
    message,
    model,
    multi,
    parallel,
    pool,
    script,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.support.house import House, emptied

MODEL = model(
    pool("p", start(), parallel("f"), user("each", multi("= names", "name", into="answers", output="= answer")),
         boundary("remind", "each", timer("R3/PT1H"), interrupting=False), task("note"), end("noted"),
         service("job", "outside"), catch("letter", message("letter", "= file")), catch("gong", signal("gong")),
         boundary("undo", "job", compensation()), script("undone", "= true", "undone", isForCompensation=True),
         inclusive("j"), throw("back", compensation()), sub("s", start("s1"), script("count", "= count(names)", "n"),
                                                            end("s2"), chain("s1", "count", "s2")), end("end"),
         association("undo", "undone"), chain("start", "f", "each", "j"), chain("remind", "note", "noted"),
         chain("f", "job", "j"), chain("f", "letter", "j"), chain("f", "gong", "j", "back", "s", "end")),
    pool("q", start("q1", message("other")), user("look"), end("q2"), chain("q1", "look", "q2")))

TABLES = (s.history, s.case, s.user_task, s.timer, s.incident, s.process_definition, s.deployment)
LEFT_OUT = {"audit_head", "salt"}
"""What is salted, so that nobody can guess at it."""


def played(url: str, folder: Path) -> dict[str, list[Any]]:
    """The rows that these commands leave in an empty house."""
    with closing(House(emptied(url), folder, {})) as house:
        house.deploy(MODEL)
        case = house.start("p", {"names": ["a", "b"], "file": "7"})
        house.publish("other", "k")
        house.advance(hours=2)
        house.complete(case, "each", {"answer": 1})
        job = house.rows(s.job)[0]
        house.run(FailJob(task_key(case, job.wait), "no paper", 0))
        house.run(SetVariables(case, {"mended": True}))
        incident = house.rows(s.incident)[0]
        house.run(ResolveIncident(task_key(case, incident.incident)))
        house.run(CompleteJob(task_key(case, house.rows(s.job)[0].wait), {"done": True}))
        house.run(BroadcastSignal("gong", {"loud": 1.5}))
        house.publish("letter", "7", {"said": "yes"})
        house.complete(case, "each", {"answer": 2})
        house.settle()
        return {table.name: list(_rows(house, table)) for table in TABLES}


def _rows(house: House, table: Any) -> Iterator[dict[str, Any]]:
    for row in house.rows(table):
        yield {name: value for name, value in row._mapping.items() if name not in LEFT_OUT}


EARLIER: dict[str, list[Any]] = {}


def test_a_replay_gives_the_same_history(database_url: str, tmp_path: Path) -> None:
    first = played(database_url, tmp_path / "a")
    assert [row["state"] for row in first[s.case.name]] == ["completed", "active"]
    assert played(database_url, tmp_path / "b") == first
    EARLIER.update(EARLIER or first)
    assert first == EARLIER  # the other database, too
