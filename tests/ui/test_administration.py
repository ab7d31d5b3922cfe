"""Accounts, second factors, absences, the organisation and approvals, through the real services and real forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM, Actor
from engine.domain.administration import RequestApproval
from engine.domain.commands import AddUser, Deploy, Resource
from engine.store import schema as s
from tests.support import bpmn
from tests.support.house import MASTER_KEYS, House, emptied, hashed

PASSWORD = "一个够长的密码-2026"
_HASHED = hashed(PASSWORD)
ROLES = ("admin", "security", "auditor", "supervisor", "examiner", "applicant", "hr")
PAGES = ("/account", "/absences", "/approvals", "/admin/users", "/admin/users/examiner", "/admin/organisation",
         "/account/second-factor", "/recusals", "/recusals?state=all", "/declarations", "/access", "/audit")
OVERSIGHT = {"/recusals", "/recusals?state=all", "/audit"}


class Desk:
    """Somebody at the screens of a house."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, **fields: object) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/sign-in", follow_redirects=True).text)
        assert found
        return self.client.post(path, data={"csrf_token": found[1], **fields})

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", name=name, password=password)


class Town:
    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)

    def desk(self, name: str | None = None) -> Desk:
        desk = Desk(self.app.test_client())
        if name is not None:
            assert desk.sign_in(name).status_code == 302
        return desk


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    keys = tmp_path / "master.keys"
    keys.write_text(MASTER_KEYS + "\n")
    house = House(url, folder, master_keys="", master_key_file=keys, **wanted)
    for role in ROLES:
        house.run(AddUser(role, f"示例{role}", (role,), _HASHED), SHELL)
    yield Town(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_for_who_may_see_it_and_is_not_there_for_others(town: Town, language: str) -> None:
    desks = {role: town.desk(role) for role in ROLES}
    seen = {role: {path for path in PAGES if desk.get(path).status_code == 200} for role, desk in desks.items()}
    assert seen["auditor"] == set(PAGES)
    assert seen["admin"] == seen["security"] == set(PAGES) - OVERSIGHT
    assert seen["hr"] == set(PAGES) - OVERSIGHT - {"/access"}
    assert seen["applicant"] == {"/account", "/absences", "/approvals", "/account/second-factor", "/declarations"}
    assert {"/admin/users", "/admin/users/applicant", "/audit"} & seen["supervisor"] == set()
    assert seen["supervisor"] >= {"/recusals", "/access"}
    for desk, path in ((desks[role], path) for role in ("admin", "auditor") for path in sorted(seen[role])):
        desk.get(f"/language/{language}")
        page = desk.get(path).text
        assert page.count("<h1>") == 1
        assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=", page) == []


def test_what_is_published_on_the_screen_is_played_by_the_second_engine_too(town: Town) -> None:
    model = bpmn.process("fresh", bpmn.start(), bpmn.end(), bpmn.chain("start", "end"))
    designer = Actor("designer", "流程设计员", frozenset({"designer"}))
    town.house.run(RequestApproval(Deploy((Resource("fresh.bpmn", model),)), "新流程"), designer)
    key = town.house.rows(s.approval_request)[0].id
    admin = town.desk("admin")
    page = admin.get("/approvals").text
    assert "fresh.bpmn" in page and "文件中应有图形" in page and "Expected" not in page
    admin.post(f"/approvals/{key}/approve")
    assert [row.action for row in town.house.audit()][-1] == "Verify"


def test_the_audit_trail_is_exported_by_who_was_allowed_to(town: Town) -> None:
    auditor, security = town.desk("auditor"), town.desk("security")
    assert "导出审计链" not in auditor.get("/audit").text
    assert auditor.get("/audit?since=0001-01-01&until=9999-12-31").status_code == 200
    assert auditor.post("/audit/export").status_code == 404
    auditor.post("/audit/ask", reason="年度审计")
    asked = security.get("/approvals").text
    assert "审计链" in asked and "年度审计" in asked and "{" not in asked.partition("<main")[2]
    key = town.house.rows(s.approval_request)[0].id
    security.post(f"/approvals/{key}/approve")
    answer = auditor.post("/audit/export")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert "示例auditor" in security.get("/access").text
    assert security.post("/audit/export").status_code == 404
    town.house.advance(minutes=61)
    assert auditor.post("/audit/export").status_code == 401  # the session is over, too
    assert town.desk("auditor").post("/audit/export").status_code == 404


def test_what_was_opened_is_closed_before_its_time(town: Town) -> None:
    auditor, security = town.desk("auditor"), town.desk("security")
    auditor.post("/audit/ask", reason="年度审计")
    security.post(f"/approvals/{town.house.rows(s.approval_request)[0].id}/approve")
    key = town.house.rows(s.access_grant)[0].id
    assert f"/access/{key}/revoke" in security.get("/access").text
    assert town.desk("admin").post(f"/access/{key}/revoke", reason="x").status_code == 404
    assert security.post(f"/access/{key}/revoke", reason="审计已完成").status_code == 302
    page = security.get("/access").text
    assert "已收回" in page and "审计已完成" in page and f"/access/{key}/revoke" not in page
    assert auditor.post("/audit/export").status_code == 404


def test_what_is_asked_for_is_said_in_words(town: Town) -> None:
    admin, security = town.desk("admin"), town.desk("security")
    for change, sent in {"roles": {"role": ["quality", "classifier"]}, "password": {}, "second-factor": {}}.items():
        admin.post(f"/admin/users/examiner/{change}", reason="转岗", **sent)
    admin.post("/access/keys", reason="年度更换")
    admin.post("/access", kind="export", scope="YS-2026", hours="26", reason="抽查")
    admin.post("/access", kind="break_glass", scope="YS-none", hours="2", reason="排查")  # no such case
    said = {"zh": ("变更角色", "示例examiner（examiner）", "预审员", "分类岗、质检岗", "转岗", "更换主密钥",
                   "1 日 2 小时"),
            "en": ("Change roles", "Roles so far", "Added", "Change the master key", "1 d 2 h")}
    for language, words in said.items():
        security.get(f"/language/{language}")
        page = security.get("/approvals").text.partition("<main")[2]
        assert [word for word in words if word not in page] == []
        assert "{" not in page and "password_hash" not in page


def test_declarations_recusals_and_grants_on_their_pages(town: Town) -> None:
    examiner, hr, boss = town.desk("examiner"), town.desk("hr"), town.desk("supervisor")
    examiner.post("/declarations", kind="relative", subject="示例亲属", detail="配偶", ended_on="")
    assert "示例亲属" in examiner.get("/declarations").text
    assert "示例亲属" in hr.get("/declarations?all=1").text and "示例亲属" in hr.get("/declarations?user=examiner").text
    assert "示例亲属" not in town.desk("applicant").get("/declarations?user=examiner").text
    assert "示例亲属" not in town.desk("admin").get("/declarations?all=1").text
    key = town.house.rows(s.declaration)[0].id
    assert town.desk("applicant").post(f"/declarations/{key}/withdraw").status_code == 404
    examiner.post(f"/declarations/{key}/withdraw")
    assert "已撤回" in examiner.get("/declarations").text
    house = town.house
    house.deploy(bpmn.process("p", bpmn.start(), bpmn.user("A", bpmn.assign(groups="examiner")), bpmn.end(),
                              bpmn.chain("start", "A", "end")), actor=SYSTEM)
    case = house.start("p", {"applicant": {"name": "乙公司"}})
    house.claim(case, "A", Actor("examiner", "", frozenset({"examiner"})))
    examiner.post("/declarations", kind="employer", subject="乙公司")
    page = boss.get("/recusals").text
    assert [word for word in ("示例examiner", "曾任职单位", "不能查看", "不收通知") if word not in page] == []
    found = house.rows(s.recusal)[0].id
    assert town.desk("examiner").post(f"/recusals/{found}/lift", reason="x").status_code == 404
    assert boss.post(f"/recusals/{found}/lift", reason="申报有误").status_code == 302
    asked = house.rows(s.approval_request)[0]
    assert (asked.kind, asked.command) == ("recusal", "LiftRecusal")
    answer = boss.post("/recusals/disclosures", case=case, user="examiner", party="乙公司", accepted="1")
    assert answer.status_code == 302
    assert boss.post("/recusals/links", case=case, other="absent", reason="x").status_code == 404
    assert house.broken() == []


def test_an_account_is_opened_by_one_and_its_roles_given_by_two(town: Town) -> None:
    admin, security = town.desk("admin"), town.desk("security")
    made = admin.post("/admin/users", id="li", name="李某")
    first = re.search(r'class="secret">([^<]+)<', made.text)
    assert first
    admin.post("/admin/users/li/roles", role=["examiner"], reason="新入职")
    assert town.house.rows(s.user, s.user.c.id == "li")[0].roles == []
    key = town.house.rows(s.approval_request)[0].id
    assert "新入职" in security.get("/approvals").text
    assert admin.post(f"/approvals/{key}/approve").status_code == 409
    assert security.post(f"/approvals/{key}/approve", reason="同意").status_code == 302
    assert town.house.rows(s.user, s.user.c.id == "li")[0].roles == ["examiner"]
    li = town.desk()
    assert li.sign_in("li", first[1]).location == "/sign-in/next"
    assert li.get("/").status_code == 302  # not in yet
    assert "请先更换密码" in li.get("/sign-in/next").text
    assert li.post("/sign-in/password", old=first[1], new=PASSWORD, again=PASSWORD).location == "/"
    assert li.get("/").status_code == 200
    assert town.house.broken() == []


def test_a_program_has_an_account_with_a_token_by_two_persons_and_no_password(town: Town) -> None:
    admin, security = town.desk("admin"), town.desk("security")
    made = admin.post("/admin/users", id="robot", name="作业程序", kind="machine")
    assert 'class="secret"' not in made.text
    assert admin.post("/admin/users", id="x", name="x", kind="ghost").status_code == 422
    admin.post("/admin/users/robot/roles", role=["intake"], reason="对接")
    shown = admin.post("/admin/users/robot/token", scope=["cases:read"], days="30", reason="对接")
    token = re.search(r"kpk_[\w-]+", shown.text)
    assert token
    headers = {"Authorization": f"Bearer {token[0]}"}
    assert town.app.test_client().get("/api/v1/cases", headers=headers).status_code == 401
    for row in town.house.rows(s.approval_request):
        assert security.post(f"/approvals/{row.id}/approve").status_code == 302
    assert town.app.test_client().get("/api/v1/cases", headers=headers).status_code == 200
    assert town.app.test_client().get("/api/v1/user-tasks", headers=headers).status_code == 403


def test_a_second_factor_is_set_up_and_asked_for(town: Town) -> None:
    desk = town.desk("examiner")
    page = desk.get("/account/second-factor").text
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page)
    assert secret

    def code() -> str:
        return pyotp.TOTP(secret[1]).generate_otp(int(town.house.clock.now().timestamp()) // 30)

    assert desk.post("/account/second-factor", code="000000").status_code == 422
    done = desk.post("/account/second-factor", code=code())
    assert len(re.findall(r"<li><code>", done.text)) == 10
    town.house.advance(minutes=1)
    again = town.desk()
    assert again.sign_in("examiner").location == "/sign-in/next"
    assert again.post("/sign-in/code", code="000000").status_code == 422
    assert again.post("/sign-in/code", code=code()).location == "/"


def test_a_session_that_was_ended_elsewhere_is_out_at_once(town: Town) -> None:
    one, two = town.desk("examiner"), town.desk("examiner")
    assert one.post("/account/sessions").status_code == 302
    assert (one.get("/").status_code, two.get("/").status_code) == (200, 302)


def test_an_old_cookie_is_worth_nothing_after_signing_out(town: Town) -> None:
    desk = town.desk("examiner")
    cookie = desk.client.get_cookie("kapok")
    assert cookie
    desk.post("/sign-out")
    thief = town.desk()
    thief.client.set_cookie("kapok", cookie.value)
    assert thief.get("/account").status_code == 302


def test_a_token_is_shown_once_and_revoked(town: Town) -> None:
    desk = town.desk("examiner")
    page = desk.post("/account/tokens", scope=["tasks"], days="30").text
    token = re.search(r"kpk_[\w-]+", page)
    assert token and token[0] not in desk.get("/account").text
    headers = {"Authorization": f"Bearer {token[0]}"}
    assert town.app.test_client().get("/api/v1/user-tasks", headers=headers).status_code == 200
    desk.post(f"/account/tokens/{town.house.rows(s.api_token)[0].id}/revoke")
    assert town.app.test_client().get("/api/v1/user-tasks", headers=headers).status_code == 401


def test_an_absence_is_recorded_and_cancelled(town: Town) -> None:
    town.house.run(AddUser("examiner2", "示例同事", ("examiner",), _HASHED), SHELL)
    desk = town.desk("examiner")
    sent = {"stand_in": "examiner2", "from_on": "2026-03-02", "to_on": "2026-03-06"}
    assert desk.post("/absences", **sent).status_code == 302
    assert "示例同事" in desk.get("/absences").text
    assert desk.post("/absences", **{**sent, "from_on": "soon"}).status_code == 422
    key = town.house.rows(s.absence)[0].id
    assert town.desk("applicant").post(f"/absences/{key}/cancel").status_code == 403
    assert desk.post(f"/absences/{key}/cancel").status_code == 302


def test_the_organisation_is_built_and_changed(town: Town) -> None:
    desk = town.desk("hr")
    desk.post("/admin/organisation", name="示例中心", kind="centre", head="supervisor")
    unit = town.house.rows(s.org_unit)[0].id
    desk.post(f"/admin/organisation/{unit}", name="新名称", parent="", head="")
    assert "新名称" in desk.get("/admin/organisation").text
    assert town.desk("examiner").post("/admin/organisation", name="x", kind="node").status_code == 403


@pytest.mark.parametrize("path", ["/account/password", "/account/sessions", "/account/tokens", "/absences",
                                  "/admin/users", "/admin/users/examiner/roles", "/approvals/x/approve",
                                  "/admin/organisation", "/sign-in/code", "/sign-in/password", "/sign-in/enrol"])
def test_no_change_without_the_token_of_the_page(town: Town, path: str) -> None:
    assert town.desk("admin").client.post(path).status_code == 400


def test_too_many_sign_ins_from_one_address_are_told_to_wait(town: Town) -> None:
    desk = town.desk()
    statuses = [desk.post("/sign-in", name="", password="").status_code for _ in range(31)]
    assert (statuses[:30], statuses[30]) == ([422] * 30, 429)
    assert "Retry-After" in desk.post("/sign-in", name="", password="").headers
    assert desk.get("/sign-in").status_code == 200


def test_cookies_and_headers_under_https(town: Town) -> None:
    settings = Settings(database_url="sqlite://", secret_key="only for tests", secure_cookies=True)
    client = create_app(settings, town.house.kapok).test_client()
    answer = client.get("/sign-in", base_url="https://kapok.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-kapok=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "max-age=31556926" in answer.headers["Strict-Transport-Security"]
    assert "base-uri 'none'" in answer.headers["Content-Security-Policy"]
    assert client.get("/api/v1/docs", base_url="https://kapok.example").headers["Content-Security-Policy"].count(
        "base-uri 'none'") == 1
    assert client.get("/sign-in").status_code == 302  # plain HTTP is sent to HTTPS
