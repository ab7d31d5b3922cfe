"""Deployment: new versions only for changes, references to what is there already, and who listens."""

from __future__ import annotations

import threading

import pytest

from engine.errors import DeploymentRefused, NotAllowed, NotFound
from engine.services import definitions as service
from engine.store import schema as s
from tests.support.bpmn import call, chain, end, message, node, process, properties, start, timer, user
from tests.support.house import ACTORS, House


def one(name: str = "A", id: str = "p", **attributes: str) -> bytes:
    return process(id, start("s"), user(name), end("e"), chain("s", name, "e"), **attributes)


def test_only_what_changed_becomes_a_new_version(house: House) -> None:
    first = house.deploy(one())
    assert [key.split(":")[:2] for key in first["definitions"]] == [["p", "1"]]
    again = house.deploy(one())
    assert (again["definitions"], again["unchanged"], again["deployment"]) == ([], first["definitions"], None)
    changed = house.deploy(one("B"))
    assert [key.split(":")[:2] for key in changed["definitions"]] == [["p", "2"]]
    assert len(house.rows(s.deployment)) == 2


def test_a_case_stays_with_its_version(house: House) -> None:
    house.deploy(one())
    old = house.start("p")
    house.deploy(one("B"))
    new = house.start("p")
    assert (house.open_tasks(old), house.open_tasks(new)) == (["A"], ["B"])


def test_a_refusal_names_what_is_wrong_and_changes_nothing(house: House) -> None:
    broken = process("p", start("s"), call("C", "nowhere"), end("e"), chain("s", "C", "e"))
    with pytest.raises(DeploymentRefused) as refused:
        house.deploy(broken)
    assert "C" in {finding.element for finding in refused.value.params["findings"]}
    assert house.rows(s.process_definition) == []
    assert house.audit()[-1].action == "Deploy"
    assert "deployment_refused" in house.audit()[-1].entry


def test_who_may_not_deploy_is_refused(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.deploy(one(), actor=ACTORS["examiner"])


def test_a_called_process_of_an_earlier_deployment_is_bound(house: House) -> None:
    house.deploy(("child.bpmn", one("Inner", "child")))
    house.deploy(("parent.bpmn", process("parent", start("s"), call("C", "child"), end("e"), chain("s", "C", "e"))))
    before = house.start("parent")
    house.deploy(("child.bpmn", one("Newer", "child")))
    bound_before = house.start("parent")
    assert house.open_tasks(before) == house.open_tasks(bound_before) == ["Inner"]


def test_start_events_of_the_newest_version_listen_alone(house: House) -> None:
    def listening(name: str) -> bytes:
        return process("p", start("s", message(name)), end("e"), start("t", timer("P1D")), chain("s", "e"),
                       chain("t", "e"))
    house.deploy(listening("first"))
    house.deploy(listening("second"))
    rows = house.rows(s.start_subscription)
    assert [(row.kind, row.name) for row in rows] == [("message", "second"), ("timer", "")]
    house.publish("first", "k")
    assert house.rows(s.case) == []
    house.publish("second", "k")
    assert len(house.rows(s.case)) == 1


def test_only_roles_that_the_process_names_may_start_it(house: House) -> None:
    extension = node("extensionElements", node("properties", node(
        "property", namespace="http://camunda.org/schema/zeebe/1.0", name="startableBy", value="intake"),
        namespace="http://camunda.org/schema/zeebe/1.0"))
    house.deploy(process("p", extension, start("s"), user("A"), end("e"), chain("s", "A", "e")))
    with pytest.raises(NotFound):
        house.start("p", actor=ACTORS["applicant"])
    assert house.start("p", actor=ACTORS["intake"])


def test_a_process_that_is_offered_to_nobody_is_the_houses_own(house: House) -> None:
    house.deploy(one())
    for outsider in ("applicant", "party", "agent"):
        with pytest.raises(NotFound):
            house.start("p", actor=ACTORS[outsider])
    assert house.start("p", actor=ACTORS["intake"])
    house.deploy(process("p", start("s", properties(role="party, intake")), user("A"), end("e"), chain("s", "A", "e")))
    with pytest.raises(NotFound):
        house.start("p", actor=ACTORS["applicant"])
    assert house.start("p", actor=ACTORS["party"])


def test_an_aborted_deployment_leaves_nothing_in_the_cache(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(one())

    def fail(*_: object) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as patch:
        patch.setattr(service.trail, "record_system", fail)
        with pytest.raises(RuntimeError):
            house.deploy(one("B"))
    assert house.open_tasks(house.start("p")) == ["A"]
    key = house.deploy(one("B"))["definitions"][0]
    with house.kapok.database.reading() as connection:
        assert "B" in house.kapok.parts.definitions.get(connection, key).root.elements


def test_two_deployments_at_once_give_two_versions(house: House) -> None:
    threads = [threading.Thread(target=house.deploy, args=(one(name),)) for name in ("A", "B", "C")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.version for row in house.rows(s.process_definition)] == [1, 2, 3]
