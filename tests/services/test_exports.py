"""The list of cases as a file: by right, what the reader may see, nothing unpublished, on record; on both databases."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from engine.domain.search_terms import terms
from engine.errors import NotAllowed
from engine.services.views import exports
from engine.services.views.exports import cell, written
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, SUPERVISOR, House

PLAIN = process("q", start(), user("A"), end(), chain("start", "A", "end"))


def begun(house: House, title: str, level: str = "L2", party: str = "甲公司") -> str:
    key = house.start("q", {"title": title, "applicant": {"name": party}}, SUPERVISOR)
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().where(s.case.c.id == key).values(level=level))
    return key


def recorded(house: House) -> list[dict[str, Any]]:
    return [json.loads(row.entry)["detail"] for row in house.rows(s.audit, s.audit.c.action == "ExportCases")]


def test_what_is_found_leaves_but_nothing_unpublished(house: House) -> None:
    house.deploy(PLAIN)
    for title, level in (("一种装置", "L1"), ("一种方法", "L2"), ("一种密方", "L3")):
        begun(house, title, level)
    found = house.kapok.exports.cases(SUPERVISOR, "一种", {})
    assert (found.count, found.withheld, found.more) == (2, 1, False)
    assert [row.title for row in found.rows] == ["一种方法", "一种装置"]
    said = recorded(house)[0]
    assert (said["count"], said["withheld"], said["more"], len(said["query_sha256"])) == (2, 1, False, 64)


def test_without_the_right_nothing_leaves_and_it_is_on_record(house: House) -> None:
    house.deploy(PLAIN)
    begun(house, "一种装置")
    with pytest.raises(NotAllowed):
        house.kapok.exports.cases(ACTORS["examiner"], "", {})
    assert [said["refused"] for said in recorded(house)] == ["not_allowed"]


def test_masked_parties_stay_masked(house: House) -> None:
    house.deploy(PLAIN)
    begun(house, "一种装置", party="张三丰")
    assert [row.parties for row in house.kapok.exports.cases(ACTORS["auditor"], "", {}).rows] == ["张**"]


def test_a_file_has_a_bound_and_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(PLAIN)
    for number in range(5):
        begun(house, f"第{number}件装置")
        house.advance(seconds=1)
    monkeypatch.setattr(exports, "MOST", 4)
    monkeypatch.setattr(exports, "_BATCH", 2)
    found = house.kapok.exports.cases(SUPERVISOR, "", {})
    assert (found.count, found.more) == (4, True)
    assert [row.title for row in found.rows] == [f"第{number}件装置" for number in (4, 3, 2, 1)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_a_file_opens_as_utf_8_and_keeps_what_it_holds() -> None:
    content = b"".join(written(["案号", "名称"], [["YS-1", '甲,"乙"\n丙'], [None, 3]]))
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["案号", "名称"], ["YS-1", '甲,"乙"\n丙'], ["", "3"]]


@pytest.mark.parametrize("typed", ["权", "7", "—", "（", "权 利"])
def test_one_character_says_too_little(typed: str) -> None:
    assert terms(typed).too_short


@pytest.mark.parametrize("typed", ["", "权利", "77", "ZL2"])
def test_two_characters_are_enough(typed: str) -> None:
    assert not terms(typed).too_short


def test_an_application_number_is_found_without_its_check_character_and_a_wrong_one_is_told() -> None:
    whole = "202310123456.6"
    assert terms("202310123456").numbers == tuple(sorted({"202310123456", "2023101234566"}))
    assert terms(f"ZL {whole}").checks == ()
    assert terms("202310123456.7").checks == (("202310123456.7", "6"),)
