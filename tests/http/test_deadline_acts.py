"""What people do to deadlines over the API: done once, or refused with the article."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http.caller import Caller, Office, read
from tests.http.conftest import opened
from tests.support.bpmn import boundary, chain, end, process, start, timer, user

ANSWERS = process("answers", start(), user("a"), boundary("b", "a", timer('=deadline("dl.cnipa.oa1")')), end(),
                  end("e"), chain("start", "a", "end"), chain("b", "e"))


@pytest.fixture(scope="module")
def desk(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    for office in opened(sqlite_url, Path(tmp_path_factory.mktemp("desk"))):
        office.house.deploy(("answers.bpmn", ANSWERS))
        yield office


@pytest.fixture(scope="module")
def supervisor(desk: Office) -> Caller:
    return desk.caller("supervisor")


def armed(supervisor: Caller, key: str = "dl.cnipa.oa1", from_on: str = "2026-02-02") -> str:
    case = read(supervisor.post("/cases", {"process_id": "answers"}))["case_id"]
    return str(read(supervisor.post(f"/cases/{case}/deadlines", {"key": key, "from_on": from_on}))["deadline"])


def test_a_deadline_is_extended_paused_and_resumed(supervisor: Caller) -> None:
    key = armed(supervisor)
    assert read(supervisor.post(f"/deadlines/{key}/extend", {"count": 1, "unit": "month"}))["due_on"] == "2026-07-02"
    assert read(supervisor.post(f"/deadlines/{key}/pause", {"reason": "权属纠纷"}))["state"] == "paused"
    assert read(supervisor.post(f"/deadlines/{key}/resume"))["due_on"] == "2026-07-02"
    assert read(supervisor.post(f"/deadlines/{key}/close", {"state": "met"}))["state"] == "met"


def test_an_expired_one_is_restored_and_confirmed(supervisor: Caller, desk: Office) -> None:
    key = armed(supervisor, from_on="2025-09-01")
    desk.house.run_timers()
    restored = supervisor.post(f"/deadlines/{key}/restore", {"ground": "due_cause", "from_on": "2026-03-02"})
    assert read(restored)["due_on"] == "2026-05-06"
    assert read(supervisor.post(f"/deadlines/{key}/confirm"))["decision"] == "confirm"


@pytest.mark.parametrize(("rule", "act", "sent", "code", "article"), [
    ("dl.inv.answer", "extend", {"count": 1, "unit": "month"}, "extension_forbidden", "细则75"),
    ("dl.cnipa.oa1", "extend", {"count": 3, "unit": "month"}, "extension_too_long", "细则6(4)"),
    ("dl.cnipa.oa1", "pause", {"reason": "x", "from_on": "2026-02-27", "to_on": "2026-02-26"}, "pause_backwards",
     "V-7-7"),
    ("dl.cnipa.fee.notice", "pause", {"reason": "x"}, "pause_forbidden", "细则112"),
    ("dl.cnipa.oa1", "interrupt", {"reason": "x", "on": "2026-02-27"}, "interruption_forbidden", "V-7-1.2"),
])
def test_what_the_law_forbids_is_refused_with_the_article(supervisor: Caller, rule: str, act: str, sent: dict[str, Any],
                                                          code: str, article: str) -> None:
    answer = supervisor.post(f"/deadlines/{armed(supervisor, rule, '2026-02-25')}/{act}", sent)
    problem = read(answer)
    assert (answer.status_code, problem["code"]) == (422, code) and article in problem["detail"]


def test_an_extension_after_expiry_is_refused_with_the_article(supervisor: Caller, desk: Office) -> None:
    key = armed(supervisor, from_on="2025-09-01")
    desk.house.run_timers()
    answer = read(supervisor.post(f"/deadlines/{key}/extend", {"count": 1, "unit": "month"}))
    assert answer["code"] == "extension_too_late" and "细则6(4)" in answer["detail"]


def test_an_unknown_key_is_refused_with_those_like_it(supervisor: Caller) -> None:
    case = read(supervisor.post("/cases", {"process_id": "answers"}))["case_id"]
    answer = supervisor.post(f"/cases/{case}/deadlines", {"key": "dl.inv.anser", "from_on": "2026-03-02"})
    assert answer.status_code == 422 and "dl.inv.answer" in read(answer)["detail"]


@pytest.mark.parametrize(("change", "said"), [
    ({"basis": []}, "at least one table"), ({"effective_from": "2026-06-01"}, "versions that do not overlap")])
def test_rules_that_no_table_may_hold_are_refused(desk: Office, change: dict[str, Any], said: str) -> None:
    table = desk.house.kapok.parts.almanac.known[0]
    version = dict(table.versions["dl.inv.answer"][0].content)
    answer = desk.caller("admin").post("/rules", {
        "key": "dl.inv.answer", "versions": [version, {**version, **change}], "reason": "试"})
    assert answer.status_code == 422 and said in read(answer)["detail"]
