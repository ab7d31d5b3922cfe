"""What diagrams do with deadlines: they stop and go on, and a called process decides by its own variables."""

from typing import Any

import pytest

from engine.domain.actors import SYSTEM
from engine.store import schema as s
from tests.services.test_deadlines import row_of, timer_of, to
from tests.support.bpmn import (
    boundary,
    call,
    chain,
    end,
    input,
    message,
    output,
    parallel,
    process,
    service,
    start,
    timer,
    user,
)
from tests.support.house import House


def appraised(key: str, **more: str) -> bytes:
    """Beside a period that runs, something is sent out and comes back."""
    words = {"deadline": key, "reason": "委托鉴定", "evidence": "委托书 3 号", **more}
    return process(
        "p", start("s"), parallel("F"), user("act"), boundary("late", "act", timer(f'= deadline("{key}")')),
        user("send"), service("stop", "deadline.pause", *(input(value, name) for name, value in words.items()),
                              output("=paused", "paused")),
        user("back"), service("go", "deadline.resume", input(key, "deadline"), input("鉴定意见", "evidence"),
                              output("=resumed", "resumed")), end("e"), end("f"), end("g"),
        chain("s", "F", "act", "e"), chain("F", "send", "stop", "back", "go", "f"), chain("late", "g"))


def test_a_diagram_pauses_a_deadline_and_lets_it_run_again(house: House) -> None:
    house.deploy(appraised("dl.inv.answer"), actor=SYSTEM)
    case = house.start("p")
    before = row_of(house, case).due_on
    to(house, "2026-03-10")
    house.complete(case, "send")
    row = row_of(house, case)
    assert (row.state, row.paused_on.isoformat(), timer_of(house, case).held) == ("paused", "2026-03-10", True)
    assert row.terms["stopped"] == {"from_on": "2026-03-10", "reason": "委托鉴定", "evidence": "委托书 3 号",
                                    "by": "diagram"}
    to(house, "2026-03-24")
    house.complete(case, "back")
    row = row_of(house, case)
    assert row.state == "running" and (row.due_on - before).days >= 14 and timer_of(house, case).due_at == row.due_at
    assert row.terms["pauses"][0]["evidence"] == "鉴定意见" and house.broken() == []


def test_a_suspension_in_the_diagram_stops_what_may_stop_and_nothing_else(house: House) -> None:
    """Fees run on; what was met meanwhile is let be, and a suspension with nothing to stop is one."""
    words = {"deadline": "*", "reason": "中止程序", "evidence": "通知书 3 号"}
    house.deploy(process(
        "p", start("s"), parallel("F"), user("answer"), boundary("a", "answer", timer('= deadline("dl.inv.answer")')),
        user("argue"), boundary("b", "argue", timer('= deadline("dl.inv.transfer")')),
        user("pay"), boundary("c", "pay", timer('= deadline("dl.cnipa.fee.notice")')), user("granted"),
        service("stop", "deadline.pause", *(input(value, name) for name, value in words.items()),
                output("=paused", "paused")), user("over"),
        service("go", "deadline.resume", input("*", "deadline"), output("=resumed", "resumed")),
        user("again"), service("none", "deadline.pause", *(input(value, name) for name, value in words.items())),
        *(end(name) for name in ("e1", "e2", "e3", "e4", "l1", "l2", "l3")),
        chain("s", "F", "answer", "e1"), chain("F", "argue", "e2"), chain("F", "pay", "e3"), chain("a", "l1"),
        chain("b", "l2"), chain("c", "l3"), chain("F", "granted", "stop", "over", "go", "again", "none", "e4")),
        actor=SYSTEM)
    case = house.start("p")

    def states() -> dict[str, str]:
        return {row.key: row.state for row in house.rows(s.deadline, s.deadline.c.case_id == case)}

    house.complete(case, "granted")
    assert states() == {"dl.inv.answer": "paused", "dl.inv.transfer": "paused", "dl.cnipa.fee.notice": "running"}
    house.complete(case, "argue")
    house.complete(case, "over")
    assert states() == {"dl.inv.answer": "running", "dl.inv.transfer": "met", "dl.cnipa.fee.notice": "running"}
    for task in ("answer", "pay", "again"):
        house.complete(case, task)
    assert house.rows(s.incident, s.incident.c.case_id == case) == [] and house.case(case).state == "completed"


@pytest.mark.parametrize("key", ["dl.inv.answer", "dl.cnipa.fee.notice"])
def test_a_deadline_is_paused_in_the_step_that_arms_it(house: House, key: str) -> None:
    """What the law lets stand still does; of what it does not, the incident is there at once."""
    house.deploy(process(
        "p", start("s"), user("first"), parallel("F"), user("act"),
        boundary("late", "act", timer(f'= deadline("{key}")')),
        service("stop", "deadline.pause", input(key, "deadline"), input("委托鉴定", "reason"),
                input("3 号", "evidence"), output("=paused", "paused")), user("back"), end("e"), end("f"), end("g"),
        chain("s", "first", "F", "act", "e"), chain("F", "stop", "back", "f"), chain("late", "g")), actor=SYSTEM)
    case = house.start("p")
    house.complete(case, "first")
    row, incidents = row_of(house, case), house.rows(s.incident, s.incident.c.case_id == case)
    if key == "dl.inv.answer":
        assert (row.state, timer_of(house, case).held, incidents) == ("paused", True, [])
        assert row.terms["stopped"]["by"] == "diagram" and house.open_tasks(case) == ["act", "back"]
        assert house.rows(s.escalation_rung) == [] and house.broken() == []
    else:
        assert row.state == "running" and "专利法实施细则112" in incidents[0].message


@pytest.mark.parametrize(("key", "more", "said"), [
    ("dl.cnipa.fee.notice", {}, "专利法实施细则112"), ("dl.inv.answer", {"deadline": "dl.med.invite"}, "dl.med.invite"),
    ("dl.inv.answer", {"from": "2026-02-01"}, "2026-02-01"), ("dl.inv.answer", {"from": "soon"}, "soon")])
def test_what_the_law_does_not_let_stop_becomes_an_incident(house: House, key: str, more: dict[str, str],
                                                            said: str) -> None:
    house.deploy(appraised(key, **more), actor=SYSTEM)
    case = house.start("p")
    house.complete(case, "send")
    assert row_of(house, case).state == "running"
    assert said in house.rows(s.incident, s.incident.c.case_id == case)[0].message


def test_a_called_process_decides_by_its_own_variables(house: House) -> None:
    """``kind`` decides the length; the caller's holds where the called process has none of its own."""
    late = boundary("b", "wait", timer('= deadline("dl.pre.first_opinion")'))
    inner = process("inner", start("i"), user("wait"), late, end("ie"), end("il"), chain("i", "wait", "ie"),
                    chain("b", "il"))

    def outer(name: str, *mapping: Any) -> bytes:
        return process(name, start("s"), call("C", "inner", *mapping, parent=False), end("e"), chain("s", "C", "e"))

    house.deploy(inner, outer("own", input("design", "kind")), outer("none"), actor=SYSTEM)
    days = [row_of(house, house.start(name, {"kind": "invention"})).due_on for name in ("own", "none")]
    assert days[0] < days[1]


def test_a_started_case_knows_the_key_of_its_message(house: House) -> None:
    house.deploy(process("q", start("s", message("come"), output("=correlation_key", "external_case_no")), user("A"),
                         end("e"), chain("s", "A", "e")), actor=SYSTEM)
    house.publish("come", "（2026）粤73民初1号", {"x": 1})
    house.settle()
    case = house.rows(s.case)[0].id
    assert ("external_case_no", "（2026）粤73民初1号") in {(row.name, row.value) for row in house.rows(
        s.case_key, s.case_key.c.case_id == case)}
