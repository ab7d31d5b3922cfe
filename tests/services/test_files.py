"""Files: nobody puts another's file into a case by knowing its hash."""

import io

import pytest

from engine.domain.commands import FileRef, StartCase
from engine.errors import NotFound
from tests.support.bpmn import chain, end, process, properties, start, user
from tests.support.house import actor

PDF = b"%PDF-1.7 a secret draft"
MODEL = process("p", start("start", properties(role="applicant")), user("a"), end(), chain("start", "a", "end"))


def start_with(house, who, sha256):
    return house.run(StartCase("p", files=(FileRef(sha256, "draft.pdf"),)), who)


def test_a_file_goes_into_the_case_of_whoever_handed_it_in(house):
    house.deploy(MODEL)
    mine = house.kapok.files.stage(io.BytesIO(PDF), "draft.pdf", "", actor("applicant"))
    case = start_with(house, actor("applicant"), mine.sha256)
    view = house.kapok.queries.case(actor("applicant"), case["case_id"])
    assert [item.sha256 for item in view.documents] == [mine.sha256]


def test_the_hash_of_another_persons_file_answers_like_no_file(house):
    house.deploy(MODEL)
    theirs = house.kapok.files.stage(io.BytesIO(PDF), "draft.pdf", "", actor("applicant"))
    for sha256 in (theirs.sha256, "0" * 64):
        with pytest.raises(NotFound):
            start_with(house, actor("applicant", 2), sha256)
    with pytest.raises(NotFound):
        house.kapok.archive.file(actor("applicant", 2), theirs.sha256)


def test_two_people_may_hand_in_the_same_content(house):
    house.deploy(MODEL)
    for number in (1, 2):
        house.kapok.files.stage(io.BytesIO(PDF), "draft.pdf", "", actor("applicant", number))
    sha256 = house.kapok.files.stage(io.BytesIO(PDF), "draft.pdf", "", actor("applicant", 2)).sha256
    assert start_with(house, actor("applicant", 1), sha256)["state"] == "active"
    assert start_with(house, actor("applicant", 2), sha256)["state"] == "active"
