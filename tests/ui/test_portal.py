"""A party at its own cases, through the real services and real forms."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.app import create_app
from engine.config import Settings
from engine.domain import paper_commands as c
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AddUser, FileRef
from engine.store import schema as s
from engine.ui.portal import by_deadline
from tests.support.bpmn import chain, end, process, start, user, zeebe
from tests.support.house import House, emptied, hashed
from tests.ui.test_administration import PASSWORD, Desk

HASHED = hashed(PASSWORD)


class Town:
    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)
        asked = user("A", zeebe("assignmentDefinition", assignee="= applicant_user"), name="补正材料")
        house.deploy(process("p", start(), asked, end(), chain("start", "A", "end")), actor=SYSTEM)
        self.case = house.start("p", {"title": "示例案件", "applicant_user": "applicant"})
        house.start("p", {"title": "别人的案件", "applicant_user": "other"})

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk

    def serve(self) -> str:
        """Something sent to the party by way of this platform."""
        staged = self.house.kapok.files.stage(io.BytesIO(b"%PDF-1.7 x"), "决定.pdf", "", SYSTEM)
        self.house.run(c.AddEvidence(self.case, "决定书", "other", (FileRef(staged.sha256, "决定.pdf"),)), SYSTEM)
        document = self.house.rows(s.evidence)[0].document
        return str(self.house.run(c.Dispatch(self.case, document, "示例applicant", "portal"), SYSTEM)["delivery"])


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    for name, role in (("applicant", "applicant"), ("other", "applicant"), ("supervisor", "supervisor")):
        house.run(AddUser(name, f"示例{name}", (role,), HASHED), SHELL)
    yield Town(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


def test_a_party_sees_what_to_do_in_its_own_cases_alone(town: Town) -> None:
    page = town.desk("applicant").get("/mine").text
    assert "补正材料" in page and "去办理" in page and "示例案件" in page and "别人的案件" not in page
    assert town.desk("supervisor").get("/mine").status_code == 404


def test_consent_first_then_service_and_receipt(town: Town) -> None:
    desk = town.desk("applicant")
    desk.post(f"/mine/{town.case}/address", electronic="1", phone="示例电话")
    row = town.house.rows(s.service_address)[0]
    assert (row.recipient, row.user, row.electronic) == ("示例applicant", "applicant", True)
    delivery = town.serve()
    page = desk.get("/mine").text
    assert "未签收" in page and "决定书" in page and "法定收到日 2026年3月2日（周一）" in page
    assert town.desk("other").post(f"/mine/{town.case}/receipts/{delivery}").status_code == 404
    desk.post(f"/mine/{town.case}/receipts/{delivery}")
    assert "已签收" in desk.get("/mine").text and town.house.rows(s.delivery)[0].state == "received"
    assert desk.post(f"/mine/{town.case}/receipts/{delivery}").status_code == 409


def test_nobody_confirms_an_address_for_another(town: Town) -> None:
    assert town.desk("other").post(f"/mine/{town.case}/address", electronic="1").status_code == 404
    assert town.house.rows(s.service_address) == []


def test_what_came_back_is_not_called_received(town: Town) -> None:
    desk = town.desk("applicant")
    desk.post(f"/mine/{town.case}/address", electronic="1", email="a@example.com")
    town.house.run(c.RecordReceipt(town.case, town.serve(), "returned", date(2026, 3, 2)), SYSTEM)
    page = desk.get("/mine").text
    assert "退回" in page and "已签收" not in page and 'value="a@example.com"' in page


def test_what_was_handed_in_has_a_receipt_for_oneself_alone(town: Town) -> None:
    desk = town.desk("applicant")
    task = town.house.rows(s.user_task, s.user_task.c.case_id == town.case)[0]
    sent = desk.post(f"/tasks/{town.case}~{task.wait}/complete", values="{}", key="k1")
    receipt = sent.headers["Location"]
    entry = town.house.rows(s.audit, s.audit.c.chain == town.case, s.audit.c.actor == "applicant")[-1]
    page = desk.get(receipt).text
    assert receipt.endswith(f"/receipts/{entry.seq}") and entry.hash in page and "补正材料" in page
    assert "补正材料" in desk.get(f"/cases/{town.case}/receipts").text
    assert town.desk("other").get(receipt).status_code == 404
    assert town.desk("supervisor").get(receipt).status_code == 404


def test_a_party_begins_at_its_own_cases_and_the_house_at_what_there_is_to_do(town: Town) -> None:
    begun = {name: Desk(town.app.test_client()).sign_in(name).location for name in ("applicant", "supervisor")}
    assert begun == {"applicant": "/mine", "supervisor": "/"}


def test_what_answers_one_deadline_stands_below_it_together() -> None:
    soon, later = (SimpleNamespace(key=key, due_on=date(2026, 3, day)) for key, day in (("1", 9), ("2", 16)))
    asked = [(None, "提醒"), (later, "同意"), (soon, "补正"), (later, "拒绝"), (None, "其他")]
    assert by_deadline(asked) == [(soon, ["补正"]), (later, ["同意", "拒绝"]), (None, ["提醒"]), (None, ["其他"])]
