"""Recusals, declarations, what is read of a case about people, and grants: for who may; for anybody else not there."""

from __future__ import annotations

from typing import Any

import pytest

from engine.domain.recusal_commands import Declare
from engine.store import schema as s
from tests.http.caller import Caller, Office, read, refused
from tests.http.described import Request, recused
from tests.support.house import actor

ABSENT = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    return shared_office


def ask(caller: Caller, request: Request, method: str) -> Any:
    return caller.get(request.path, **request.sent) if method == "GET" else caller.post(request.path, request.sent)


def test_who_may_not_see_a_recusal_is_answered_as_if_there_were_none(office: Office) -> None:
    key = recused(office)
    case = office.house.rows(s.recusal, s.recusal.c.id == key)[0].case_id
    boss, stranger = office.caller("supervisor"), office.caller("quality")
    seen = read(boss.get(f"/recusals/{key}"))
    assert (seen["user"], seen["state"], seen["blocks"]) == ("examiner", "recused", ["see", "work", "notices"])
    assert key in {item["id"] for item in read(boss.get("/recusals", state="recused"))["items"]}
    assert read(stranger.get("/recusals"))["items"] == []
    keyed = [("GET", "/recusals/{key}", key, {}), ("POST", "/recusals/{key}/lift", key, {"reason": "r"}),
             ("GET", "/cases/{key}/links", case, {}), ("GET", "/cases/{key}/disclosures", case, {}),
             ("GET", "/cases/{key}/services", case, {}),
             ("POST", "/cases/{key}/recusals", case, {"user": "examiner", "ground": "other", "reason": "r"})]
    for method, path, there, sent in keyed:
        here, nowhere = (ask(stranger, Request(path.format(key=one), sent), method) for one in (there, ABSENT))
        assert (here.status_code, here.text.replace(there, "…")) == (404, nowhere.text.replace(ABSENT, "…")), path
    for path, sent in (("links", {"other": case, "reason": "r"}), ("services", {"document": "d", "party": "x"}),
                       ("disclosures", {"user": "x", "party": "y", "accepted": True})):
        refused(stranger.post(f"/cases/{case}/{path}", sent), 403, "not_allowed")
        refused(stranger.post(f"/cases/{ABSENT}/{path}", sent), 403, "not_allowed")


def test_declarations_of_others_are_nobodys_business_but_by_right(office: Office) -> None:
    for name in ("examiner", "quality", "hr"):
        office.caller(name)
    key = office.house.run(Declare("examiner", "relative", "示例亲属"), actor("supervisor"))["declaration"]
    mine, other, hr = (office.caller(name) for name in ("examiner", "quality", "hr"))
    for caller in (mine, hr):
        found = read(caller.get("/declarations", user="examiner"))["items"]
        assert "示例亲属" in {item["subject"] for item in found}
    assert read(other.get("/declarations", user="examiner"))["items"] == []
    new = {"kind": "relative", "subject": "x"}
    here, nowhere = (other.post("/declarations", {**new, "user": user}) for user in ("examiner", "nobody-here"))
    assert (here.status_code, here.text.replace("examiner", "…")) == (404, nowhere.text.replace("nobody-here", "…"))
    refused(other.post(f"/declarations/{key}/withdraw"), 404, "not_found")
    assert mine.post(f"/declarations/{key}/withdraw").status_code == 200
    assert other.post("/declarations", new).status_code == 201  # one's own


def test_grants_are_asked_for_and_seen_by_few(office: Office) -> None:
    admin, nobody = office.caller("admin"), office.caller("quality")
    asked = {"kind": "break_glass", "holder": "admin", "scope": ABSENT, "reason": "排查", "lasts": "PT2H"}
    refused(admin.post("/access-grants", asked), 404, "not_found")  # no such case
    refused(nobody.post("/access-grants", asked), 403, "not_allowed")
    assert read(nobody.get("/access-grants"))["items"] == []
    assert admin.post("/access-grants", {**asked, "kind": "export", "scope": "audit"}).status_code == 202
    refused(nobody.post("/keys/rotate", {"reason": "r"}), 403, "not_allowed")
