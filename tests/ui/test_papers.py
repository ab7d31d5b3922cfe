"""Papers, evidence and service through the real services and real forms."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import docx
import pytest

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AddUser
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import House, emptied, hashed
from tests.ui.test_administration import PASSWORD, Desk

HASHED = hashed(PASSWORD)
TEMPLATE = (files("bpmn") / "pre_examination" / "documents" / "opinion_notice.docx").read_bytes()
PEOPLE = {"supervisor": "supervisor", "second": "supervisor", "applicant": "applicant", "mediator": "mediator"}
PDF = b"%PDF-1.7 sample"


class Room:
    """One case whose papers are worked on."""

    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)
        house.deploy(process("p", start(), user("A"), end(), chain("start", "A", "end")),
                     ("opinion_notice.docx", TEMPLATE), actor=SYSTEM)
        self.case = house.start("p", {"title": "示例案件", "applicant": {"name": "甲公司"}})
        self.url = f"/cases/{self.case}/papers"

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk

    def paper(self) -> str:
        return f"{self.url}/{self.house.rows(s.paper)[-1].id}"


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path) -> Iterator[Room]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    for name, role in PEOPLE.items():
        house.run(AddUser(name, f"示例{name}", (role,), HASHED), SHELL)
    yield Room(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


def rewritten(content: bytes) -> io.BytesIO:
    word = docx.Document(io.BytesIO(content))
    word.add_paragraph("另行补充的一段。")
    out = io.BytesIO()
    word.save(out)
    out.seek(0)
    return out


def test_a_paper_is_drafted_rewritten_approved_and_issued_by_two(room: Room) -> None:
    writer, second = room.desk("supervisor"), room.desk("second")
    sent = writer.post(room.url, template="opinion_notice.docx", title="预审审查意见通知书", series="示预字")
    assert sent.status_code == 303 and "预审审查意见通知书" in writer.get(room.url).text
    page = writer.get(room.paper()).text
    assert "［编号待定］" in page and "/approve" not in page  # nobody approves what they wrote
    writer.post(f"{room.paper()}/write", file=(rewritten(TEMPLATE), "改.docx"))
    page = second.get(room.paper()).text
    assert "另行补充的一段。" in page
    sha256 = re.search(r'name="sha256" value="(\w+)"', page)
    assert sha256 is not None
    second.post(f"{room.paper()}/approve", sha256=sha256[1])
    writer.post(f"{room.paper()}/issue")
    page = writer.get(room.paper()).text
    assert "示预字〔2026〕1号" in page and "测试印章" in page
    assert "签发文书：预审审查意见通知书 示预字〔2026〕1号" in writer.get(f"/cases/{room.case}").text


def test_evidence_and_service(room: Room) -> None:
    desk = room.desk("supervisor")
    desk.post(f"/cases/{room.case}/evidence", title="买卖合同", source="applicant", file=(io.BytesIO(PDF), "合同.pdf"))
    document = room.house.rows(s.evidence)[0].document
    desk.post(f"/cases/{room.case}/evidence/{document}/seen")
    assert "已核对" in desk.get(room.url).text
    refused = desk.post(f"/cases/{room.case}/deliveries", document=document, recipient="甲公司", mode="electronic")
    assert refused.status_code == 409 and "民事诉讼法90" in refused.text
    desk.post(f"/cases/{room.case}/deliveries", document=document, recipient="甲公司", mode="post", tracking="示例1号")
    assert "以回证为准" in desk.get("/service").text
    delivery = room.house.rows(s.delivery)[0].id
    desk.post(f"/cases/{room.case}/deliveries/{delivery}", state="received", on="2026-03-02", note="本人签收")
    assert "法定收到日 2026年3月2日（周一）" in desk.get(room.url).text
    assert "没有待回证的送达" in desk.get("/service").text


@pytest.mark.parametrize(("path", "sent"), [
    ("/papers", {"template": "none.docx", "title": "x"}),
    ("/evidence", {"title": "x", "source": "hearsay", "file": (io.BytesIO(PDF), "a.pdf")}),
    ("/evidence", {"title": "x", "source": "other", "file": (io.BytesIO(b"MZ"), "a.exe")}),
    ("/deliveries", {"document": "x", "recipient": "甲公司", "mode": "post"}),
    ("/addresses", {"recipient": "甲公司"})])
def test_what_cannot_be_is_told_on_the_page(room: Room, path: str, sent: dict[str, object]) -> None:
    answer = room.desk("supervisor").post(f"/cases/{room.case}{path}", **sent)
    assert answer.status_code in (404, 422) and 'role="alert"' in answer.text


@pytest.mark.parametrize("name", ["applicant", "mediator"])
def test_the_room_is_not_there_for_others(room: Room, name: str) -> None:
    desk = room.desk(name)
    assert desk.get(room.url).status_code == 404
    assert desk.post(room.url, template="opinion_notice.docx", title="x").status_code in (403, 404)
