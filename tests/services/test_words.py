"""What models say in English: deployed beside them, looked up when somebody reads, never written into a case."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from engine.domain.commands import Deploy, Resource
from engine.errors import InvalidInput
from engine.services.views import worded
from engine.services.views.models import StepRow, TaskRow
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import DEPLOYER, SUPERVISOR, House

MODEL = process("p", start(name="开始"), user("A", name="审查"), end(), chain("start", "A", "end"))


def deployed(house: House, **words: str) -> None:
    house.run(Deploy((Resource("p.bpmn", MODEL), Resource("english.words", json.dumps(words).encode()))), DEPLOYER)


def test_names_are_said_in_the_language_of_the_reader(house: House) -> None:
    deployed(house, 审查="Examine")
    case = house.start("p", {"title": "审查"})
    view = house.kapok.queries.case(SUPERVISOR, case)
    with house.kapok.database.reading() as connection:
        words = house.kapok.parts.definitions.words.english(connection)
    english = worded.english(view, words)
    assert ([task.name for task in view.tasks], [task.name for task in english.tasks]) == (["审查"], ["Examine"])
    assert b'name="Examine"' in english.diagram.xml and "审查".encode() in view.diagram.xml
    assert english.title == "审查", "what people typed stays as it is"


def test_the_newest_translation_holds_for_cases_of_all_versions(house: House) -> None:
    deployed(house, 审查="Examine")
    house.clock.advance(timedelta(hours=1))
    deployed(house, 审查="Examination")
    with house.kapok.database.reading() as connection:
        assert house.kapok.parts.definitions.words.english(connection) == {"审查": "Examination"}


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"a": 1}', b"\xff"])
def test_what_is_no_table_of_texts_is_refused(house: House, content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"english\.words"):
        house.run(Deploy((Resource("p.bpmn", MODEL), Resource("english.words", content))), DEPLOYER)


def test_a_form_keeps_its_keys_and_values() -> None:
    schema = {"components": [{"key": "理由", "label": "理由", "values": [{"label": "是", "value": "是"}]}]}
    assert worded.form(schema, {"理由": "Reasons", "是": "Yes"}) == {
        "components": [{"key": "理由", "label": "Reasons", "values": [{"label": "Yes", "value": "是"}]}]}


def test_only_words_of_models_are_replaced() -> None:
    step = StepRow("A", "审查", "userTask", "now", None, "审查")
    assert worded.english((step,), {"审查": "Examine"})[0] == StepRow("A", "Examine", "userTask", "now", None, "审查")
    assert worded.WRITTEN[TaskRow] == ("name", "stage")
