"""A form that a case offers beside its tasks shows what the case holds, and is judged by the same."""

import json

import pytest

from engine.domain.actors import SHELL
from engine.domain.administration import AddUnit, SetEnabled, SetUnit
from engine.domain.commands import AddUser, AnswerWait, ClaimUserTask, CompleteUserTask, StartCase, task_key
from engine.errors import KapokError
from engine.services.cases import FormRefused
from engine.store import schema as s
from tests.support.bpmn import assign, catch, chain, end, form, message, process, properties, start, user
from tests.support.house import ACTORS, House

APPLICANT = ACTORS["applicant"]

FORM = json.dumps({
    "type": "default", "id": "choose", "schemaVersion": 16, "components": [
        {"type": "text", "id": "Text_1", "text": "案件 {{title}}"},
        {"type": "select", "id": "Field_1", "key": "side", "label": "一方", "valuesKey": "sides",
         "validate": {"required": True}},
        {"type": "textarea", "id": "Field_2", "key": "reason", "label": "理由"}]}).encode()


def test_options_of_an_action_come_from_its_case(house: House) -> None:
    asked = catch("M", message("answer", "=key"), properties(role="applicant", form="choose"))
    house.deploy(("p.bpmn", process("p", start("s", properties(role="applicant")), asked, end("e"),
                                    chain("s", "M", "e"))), ("choose.form", FORM))
    case = house.start("p", {"key": "1", "title": "示例", "reason": "earlier", "secret": 1, "sides": [
        {"label": "甲公司", "value": "a"}, {"label": "乙商行", "value": "b"}]}, APPLICANT)
    action = next(one for one in house.kapok.queries.case(APPLICANT, case).actions if one.code.startswith("answer-"))
    seen = house.kapok.queries.beside_form(APPLICANT, case, action.instance, action.schema)
    assert seen == {"title": "示例", "sides": [{"label": "甲公司", "value": "a"}, {"label": "乙商行", "value": "b"}]}
    wait = task_key(case, house.rows(s.subscription)[0].wait)
    with pytest.raises(KapokError):
        house.run(AnswerWait(wait, {"side": "c"}), APPLICANT)
    house.run(AnswerWait(wait, {"side": "b"}), APPLICANT)
    assert house.case(case).state == "completed"


NAMING = json.dumps({
    "type": "default", "id": "name", "schemaVersion": 16, "components": [
        {"type": "select", "id": "Field_1", "key": "mediator", "label": "调解员", "valuesKey": "colleagues_mediator",
         "validate": {"required": True}}]}).encode()


def test_a_form_offers_the_colleagues_with_a_role_and_takes_nobody_else(house: House) -> None:
    """Neither what the case holds under that name, nor what is sent along, makes a list of its own."""
    for name, role in (("ma", "mediator"), ("mb", "mediator"), ("ea", "examiner")):
        house.run(AddUser(name, "示例甲", (role,), "hash"), SHELL)
    house.run(SetEnabled("mb", False), SHELL)
    named = user("T", form("name"), assign(groups="intake"))
    house.deploy(("p.bpmn", process("p", start("s", properties(role="applicant")), named, end("e"),
                                    chain("s", "T", "e"))), ("name.form", NAMING))
    case = house.start("p", {"colleagues_mediator": [{"label": "x", "value": "x"}]}, APPLICANT)
    key = house.task(case, "T")
    house.run(ClaimUserTask(key), ACTORS["intake"])
    view = house.kapok.queries.task(ACTORS["intake"], key)
    assert view.values == {"colleagues_mediator": [{"label": "示例甲 · ma", "value": "ma"}]}
    for wrong in ({"mediator": "mb"}, {"mediator": "ea"}, {"mediator": "x"},
                  {"mediator": "x", "colleagues_mediator": [{"label": "x", "value": "x"}]}):
        with pytest.raises(KapokError):
            house.run(CompleteUserTask(key, wrong, form_checked=True), ACTORS["intake"])
    house.run(CompleteUserTask(key, {"mediator": "ma"}, form_checked=True), ACTORS["intake"])
    assert house.case(case).state == "completed"


LISTED = json.dumps({
    "type": "default", "id": "name", "schemaVersion": 16, "components": [
        {"type": "taglist", "id": "Field_1", "key": "group", "label": "成员", "valuesKey": "colleagues_staff"},
        {"type": "select", "id": "Field_2", "key": "chosen", "label": "选定",
         "valuesKey": "roster_mediator"}]}).encode()


def _listed(house: House) -> None:
    for name, title, role in (("ma", "示例甲", "mediator"), ("mc", "示例甲", "mediator"), ("ea", "示例乙", "examiner"),
                              ("pa", "示例丙", "applicant"), ("sa", "示例丁", "security")):
        house.run(AddUser(name, title, (role,), "hash"), SHELL)
    house.deploy(("p.bpmn", process("p", start("s", form("name"), properties(role="applicant")), user("T"), end("e"),
                                    chain("s", "T", "e"))), ("name.form", LISTED))


def test_a_start_form_offers_staff_of_every_role_and_names_without_accounts(house: House) -> None:
    """Outsiders, and those who keep the house and work on no case, are not in it; who is in a unit is said with it."""
    _listed(house)
    unit = house.run(AddUnit("示例处", "department"), SHELL)["unit"]
    house.run(SetUnit("ea", unit), SHELL)
    view, = house.kapok.queries.startable(APPLICANT)
    lists = house.kapok.queries.beside_start(view.schema)
    assert lists["colleagues_staff"] == [
        {"label": "示例乙 · 示例处 · ea", "value": "ea"}, {"label": "示例甲 · ma", "value": "ma"},
        {"label": "示例甲 · mc", "value": "mc"}]
    assert lists["roster_mediator"] == [{"label": "示例甲", "value": "示例甲"}]


@pytest.mark.parametrize("wrong", [{"group": ["pa"]}, {"group": ["sa"]}, {"group": ["ma", "nobody"]}, {"chosen": "ma"}])
def test_a_start_form_takes_nobody_who_is_not_offered(house: House, wrong: dict[str, object]) -> None:
    _listed(house)
    with pytest.raises(FormRefused) as refused:
        house.run(StartCase("p", wrong, form_checked=True), APPLICANT)
    assert [problem.code for problem in refused.value.params["problems"]] == ["not_offered"]
    house.run(StartCase("p", {"group": ["ma", "ea"], "chosen": "示例甲"}, form_checked=True), APPLICANT)
