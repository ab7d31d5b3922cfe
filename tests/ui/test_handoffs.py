"""The handoff board, messages that wait for a person, what came on paper, partners and their keys: through the real
services and real forms."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AcceptInbound, AddPartner, AddUser, RecordDelivery
from engine.store import schema as s
from tests.support.bpmn import catch, chain, end, message, process, start, user
from tests.support.house import MORNING, House, emptied, hashed, partner_actor
from tests.ui.browser import PHONE, served, watched
from tests.ui.test_administration import PASSWORD, Desk
from webhooks.signature import generate_keypair

HASHED = hashed(PASSWORD)
PEOPLE = {"supervisor": "supervisor", "supervisor2": "supervisor", "admin": "admin", "security": "security",
          "examiner": "examiner", "auditor": "auditor"}
COURT, RESULT, SUBMIT = "court.4401.73", "court.confirm.result", "court.confirm.submit"
MODEL = process("p", start("s"), catch("M", message(RESULT, "=case_no")), user("A", name="登记结果"), end("e"),
                chain("s", "M", "A", "e"))
PAPER = b"%PDF-1.7 ruling"


class Wire:
    """A house with a court, an arbitration body without an endpoint, one case, and desks."""

    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)
        house.deploy(MODEL, actor=SYSTEM)
        for code, kind, name, endpoint in ((COURT, "court", "示例知识产权法院", "https://court.example/in"),
                                           ("arb.gz", "arbitration", "示例仲裁委员会", None)):
            types = (RESULT, "court.preservation") if kind == "court" else ("arb.result",)
            house.run(AddPartner(code, kind, name, endpoint, may_send=types), SHELL)
        self.case = house.start("p", {"title": "示例调解案", "case_no": "TJ-2026-00042"}, actor=SYSTEM)

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk

    def came(self, id: str, key: str, type: str = RESULT) -> None:
        envelope = {"payload": {"status": "valid", "decided_at": "2026-03-01"}, "correlation": {"center_case_no": key}}
        self.house.run(AcceptInbound(COURT, id, f"hash of {id}", type, key, envelope), partner_actor(COURT))

    def sent(self, id: str, type: str = SUBMIT, partner: str = COURT, **more: Any) -> None:
        now = self.house.clock.now()
        row = {"id": id, "case_id": self.case, "partner": partner, "position": len(id), "type": type, "body": "{}",
               "state": "pending", "attempts": 1, "next_at": now + timedelta(days=9), "created_at": now, **more}
        with self.house.kapok.database.writing() as connection:
            connection.execute(s.outbox.insert(), row)

    def waiting(self) -> str:
        return str(self.house.rows(s.approval_request, s.approval_request.c.state == "pending")[0].id)


@pytest.fixture
def wire(sqlite_url: str, tmp_path: Path) -> Iterator[Wire]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    for name, role in PEOPLE.items():
        house.run(AddUser(name, f"示例{name}", (role,), HASHED), SHELL)
    yield Wire(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


def furnish(wire: Wire) -> None:
    """One of everything that the board can show."""
    wire.sent("s1", state="delivered", delivered_at=MORNING - timedelta(days=3), created_at=MORNING - timedelta(days=3))
    wire.sent("s2", "court.filing.push")
    wire.sent("s3", "arb.consent.submit", "arb.gz")
    wire.sent("s4", "court.mediation.answer", state="delivered", created_at=MORNING - timedelta(days=13),
              delivered_at=MORNING - timedelta(days=12), decided_at=MORNING)
    wire.house.run(RecordDelivery("s2", "failed", 422, "http_422"))
    wire.came("m1", "（2026）粤73民特12号")
    wire.came("m2", "TJ-2026-00042", "court.preservation")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_for_who_works_there_and_is_not_there_for_others(wire: Wire, language: str) -> None:
    furnish(wire)
    pages = ("/handoffs", "/handoffs/outbox", "/handoffs/outbox?show=missing", "/handoffs/outbox?show=dead",
             "/handoffs/outbox?show=done", f"/handoffs/in/{COURT}/m1", f"/handoffs/in/{COURT}/m2",
             "/handoffs/paper/new", f"/handoffs/paper/new?partner={COURT}&type={RESULT}", "/handoffs/partners",
             f"/handoffs/partners/{COURT}", "/handoffs/messages", f"/handoffs/messages/{RESULT}")
    desks = {name: wire.desk(name) for name in ("supervisor", "admin", "examiner")}
    desks["supervisor"].get(f"/language/{language}")
    for path in pages:
        page = desks["supervisor"].get(path)
        assert (path, page.status_code, page.text.count("<h1>")) == (path, 200, 1)
        assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=", page.text) == []
    assert {desks["examiner"].get(path).status_code for path in pages} == {404}
    assert [desks["admin"].get(path).status_code for path in ("/handoffs", "/handoffs/partners")] == [404, 200]


def test_a_message_is_matched_by_hand_and_another_rejected(wire: Wire) -> None:
    furnish(wire)
    desk = wire.desk("supervisor")
    board = desk.get("/handoffs").text
    assert "没有同号案件" in board
    assert 'class="n">3<' in board
    wrong = desk.post(f"/handoffs/in/{COURT}/m1/match", case="TJ-2026-99999")
    assert (wrong.status_code, "TJ-2026-99999" in wrong.text) == (404, True)
    assert desk.post(f"/handoffs/in/{COURT}/m1/match", chosen=wire.case).status_code == 303
    assert wire.house.open_tasks(wire.case) == ["A"]
    assert "收到：司法确认结果" in desk.get(f"/cases/{wire.case}").text
    page = desk.get(f"/handoffs/in/{COURT}/m2").text
    assert "本案流程中没有等待这类消息的步骤" in page
    assert desk.post(f"/handoffs/in/{COURT}/m2/reject", reason="非本案").status_code == 303
    assert "非本案" in desk.get(f"/handoffs/in/{COURT}/m2").text
    assert wire.house.broken() == []


def test_what_came_on_paper_goes_through_two_hands(wire: Wire) -> None:
    one, other = wire.desk("supervisor"), wire.desk("supervisor2")
    found = re.search(r'name="csrf_token" value="([^"]+)"', one.get("/handoffs").text)
    assert found
    staged = one.client.post("/files", data={"csrf_token": found[1], "file": (io.BytesIO(PAPER), "裁定书.pdf")}).json
    values = {"received_on": "2026-03-02", "correlation": {"center_case_no": "TJ-2026-00042"},
              "payload": {"status": "valid", "decided_at": "2026-02-27", "enforcement": {"limit_years": None}},
              "files": [staged], "note": ""}
    path = f"/handoffs/paper/new/{COURT}/{RESULT}"
    bad = one.post(path, values=json.dumps({**values, "correlation": {}}), key="a")
    assert (bad.status_code, wire.house.rows(s.manual_message)) == (422, [])
    page = one.post(path, values=json.dumps(values), key="b").location
    key = page.rpartition("/")[2]
    assert "须由另一人复核" in one.get(page).text
    assert one.post(f"{page}/release").status_code == 409
    seen = other.get(page).text
    assert "裁定书.pdf" in seen
    assert other.get(f"{page}/files/0").data == PAPER
    assert other.post(f"{page}/release").status_code == 303
    row = wire.house.rows(s.inbound)[0]
    assert (row.channel, row.message_id, row.status, row.envelope["payload"]) == (
        "manual", key, "accepted", {"status": "valid", "decided_at": "2026-02-27"})
    assert wire.house.open_tasks(wire.case) == ["A"]


def test_a_dead_letter_and_what_goes_on_paper(wire: Wire) -> None:
    furnish(wire)
    one, other = wire.desk("supervisor"), wire.desk("supervisor2")
    one.post("/handoffs/outbox/s2/replay", reason="已补件")
    assert "已补件" in other.get("/approvals").text
    assert other.post(f"/approvals/{wire.waiting()}/approve").status_code == 302
    assert wire.house.rows(s.outbox, s.outbox.c.id == "s2")[0].state == "pending"
    assert one.post("/handoffs/outbox/s3/hand-over", on="2026-03-02", note="邮寄").status_code == 302
    assert wire.house.rows(s.outbox, s.outbox.c.id == "s3")[0].channel == "manual"


def test_partners_and_keys_are_changed_by_two(wire: Wire) -> None:
    admin, security = wire.desk("admin"), wire.desk("security")
    assert "10.0.0.1/8" in admin.post("/handoffs/partners", code="notary.1", kind="notary", name="示例公证处",
                                      algorithm="hmac-sha256", allowed_cidrs="10.0.0.1/8").text
    made = admin.post("/handoffs/partners", code="notary.1", kind="notary", name="示例公证处", algorithm="ed25519",
                      public_key=generate_keypair()[1], may_send=["notary.evidence.result"])
    assert re.search(r'class="secret">whpk_[^<]+<', made.text)
    assert [row.code for row in wire.house.rows(s.partner)] == ["arb.gz", COURT]
    security.post(f"/approvals/{wire.waiting()}/approve")
    assert admin.post("/handoffs/partners/notary.1/keys", algorithm="hmac-sha256").status_code == 200
    security.post(f"/approvals/{wire.waiting()}/approve")
    assert [(row.id, row.expires_at is None) for row in wire.house.rows(s.partner_key)] == [
        ("k1", False), ("k2", True), ("p1", False)]
    admin.post("/handoffs/partners/notary.1/keys/k1/revoke")
    security.post(f"/approvals/{wire.waiting()}/approve")
    admin.post("/handoffs/partners/notary.1/change", name="示例第一公证处", may_send=["notary.evidence.result"],
               phone="020-1", limited="1", may_see=["receipt"], enabled="1")
    security.post(f"/approvals/{wire.waiting()}/approve")
    row = wire.house.rows(s.partner, s.partner.c.code == "notary.1")[0]
    assert (row.name, row.may_see, row.contact) == ("示例第一公证处", ["receipt"], {"phone": "020-1"})
    assert "已吊销" in admin.get("/handoffs/partners/notary.1").text
    assert wire.house.broken() == []


@pytest.mark.browser
def test_an_officer_enters_paper_in_a_browser_and_another_releases_it_by_keyboard(wire: Wire, browser: Browser) -> None:
    with served(wire.app) as base:
        with watched(browser, base) as view:
            view.sign_in("supervisor", PASSWORD)
            view.page.wait_for_selector("nav.side")
            view.open(f"/handoffs/paper/new?partner={COURT}&type={RESULT}")
            page, form = view.page, view.page.locator("#form")
            page.wait_for_selector("[data-form][data-ready=true]")
            form.get_by_label("本中心案号").fill("TJ-2026-00042")
            for label, day in (("收到日期", "2026/3/2"), ("决定日期", "2026/2/27")):
                form.get_by_label(label).fill(day)
                page.keyboard.press("Enter")
                page.keyboard.press("Escape")
            page.locator("[data-submit]").click()
            expect(page.locator(".errors:visible").first).to_contain_text("结果")
            field = page.locator(".fjs-form-field-select", has=page.locator("label", has_text="结果"))
            field.locator(".fjs-input-group").click()
            field.locator(".fjs-dropdownlist-item", has_text="有效").first.click()
            page.locator("[data-submit]").click()
            page.locator("[data-sure]").click()
            page.wait_for_url("**/handoffs/paper/*-*")
            view.quiet()
        with watched(browser, base, PHONE) as view:
            view.sign_in("supervisor2", PASSWORD)
            view.page.wait_for_selector("nav.side")
            view.open("/handoffs")
            view.page.get_by_role("link", name="由我复核").press("Enter")
            view.page.get_by_role("button", name="核对无误，放行").press("Enter")
            view.page.wait_for_selector(".toast")
            assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            view.quiet()
    assert wire.house.rows(s.inbound)[0].envelope["payload"] == {"status": "valid", "decided_at": "2026-02-27"}
    assert wire.house.open_tasks(wire.case) == ["A"]


def test_the_badge_counts_what_its_reader_may_see(wire: Wire) -> None:
    furnish(wire)
    wire.house.run(AddUser("committee", "示例调委会", ("committee",), HASHED), SHELL)
    boards = {name: wire.desk(name).get("/handoffs").text for name in ("supervisor", "committee")}
    assert {name: re.findall(r'class="n">(\d+)<', page)[-1:] for name, page in boards.items()} == {
        "supervisor": ["3"], "committee": ["1"]}
    inboxes = {name: wire.desk(name).get("/").text for name in ("supervisor", "committee", "examiner", "auditor")}
    assert {name: re.findall(r"有 (\d+) 件等人处理", page) for name, page in inboxes.items()} == {
        "supervisor": ["3"], "committee": ["1"], "examiner": [], "auditor": []}
    dead = wire.desk("supervisor").get("/handoffs/outbox?show=dead").text
    assert "对方以 422 拒收：内容不合要求" in dead and "http_422" not in dead
