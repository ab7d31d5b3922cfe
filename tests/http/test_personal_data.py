"""A person's request about their own data, by the API as by the portal: any party may begin it, and it stays theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.domain.commands import StartCase
from tests.http.caller import Office, read, refused
from tests.support.house import ACTORS

FOLDER = Path(__file__).parents[2] / "bpmn" / "personal_data"
WANTED = {"applicant": {"name": "张三丰"}, "title": "查阅个人信息", "kind_of_request": "access",
          "request_text": "查阅本人信息", "representation": "self"}


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".bpmn", ".dmn", ".form", ".docx"))
    shared_office.house.deploy(*((path.name, path.read_bytes()) for path in files))
    return shared_office


@pytest.mark.parametrize("role", ["applicant", "party", "agent"])
def test_a_party_asks_follows_and_nobody_else_does(office: Office, role: str) -> None:
    who, stranger = office.caller(role), office.caller("applicant+party+agent")
    offered = [view.process_id for view in office.house.kapok.queries.startable(ACTORS[role])]
    assert offered == ["personal_data_request"]
    case = read(who.post("/cases", {"process_id": "personal_data_request", "variables": WANTED}))["case_id"]
    seen = read(who.get(f"/cases/{case}"))
    assert (seen["title"], seen["state"], seen["stage"]) == ("查阅个人信息", "active", "受理")
    refused(stranger.get(f"/cases/{case}"), 404, "not_found")
    tasks = read(office.caller("intake").get("/user-tasks"))["items"]
    assert any(task["case_id"] == case and task["element"] == "I03_VerifyIdentity" for task in tasks)


def test_lists_show_no_name_to_who_works_on_no_case(office: Office) -> None:
    case = office.house.run(StartCase("personal_data_request", WANTED), ACTORS["intake"])["case_id"]
    views = office.house.kapok.queries
    for role, shown in (("auditor", "张**"), ("intake", "张三丰")):
        rows = [*views.cases(ACTORS[role], "", 1).items, *views.inbox(ACTORS[role], {"view": "all"}, 1).items]
        found = {row.parties for row in rows if case in (getattr(row, "case_id", None), row_id(row))}
        assert found == {shown}, role


def row_id(row: object) -> object:
    return getattr(row, "id", None)
