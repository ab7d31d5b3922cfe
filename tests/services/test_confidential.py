"""An unpublished application at rest: nowhere in clear, found by those who may, and public on its day."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest

from engine.domain.actors import SHELL
from engine.domain.administration import DecideApproval, GrantAccess, RequestApproval, RevokeGrant
from engine.domain.commands import AcceptInbound, AddPartner, AddUser, CompleteUserTask, FileRef, StartCase, SuspendCase
from engine.domain.confidential import may_be_indexed, words_of
from engine.domain.deadline_commands import ArmDeadline
from engine.errors import NotFound
from engine.services.proof import keys
from engine.services.proof.retention import HoldCase
from engine.store import notices
from engine.store import schema as s
from tests.support import bpmn
from tests.support.bpmn import assign, chain, end, process, script, start, user, xor
from tests.support.house import ACTORS, SUPERVISOR, House, partner_actor

TITLE, PARTY, PAPER = "九号密方的制备方法", "不可见甲公司", "交底书原稿"
WORDS = ("密方", "甲公司", "交底", "笔迹", "别人的话")
MODEL = process(
    "draft", bpmn.properties(level="L3", procedure="pre_examination"), start("s"),
    user("A", assign(groups="examiner")), script("C", "=amount + 1", "total"), xor("X"), end("e"), end("f"),
    chain("s", "A", "C", "X", "e"), bpmn.flow("X", "f", "=total > 9"))


def confidential(house: House) -> str:
    house.deploy(MODEL)
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-1.7 x"), f"{PAPER}.pdf", "", SUPERVISOR)
    variables = {"title": TITLE, "applicant": {"name": PARTY}, "publication_on": "2026-03-05", "amount": "笔迹"}
    return str(house.run(StartCase("draft", variables, (FileRef(staged.sha256, f"{PAPER}.pdf"),)),
                         SUPERVISOR)["case_id"])


def kept(house: House) -> str:
    """All rows as the database holds them."""
    with house.kapok.database.reading() as connection:
        rows = [row for table in s.metadata.sorted_tables if table is not s.resource
                for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')]
    texts = [value.tobytes() if isinstance(value, memoryview) else value for row in rows for value in row]
    return "\n".join(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text) for text in texts)


def leaked(house: House) -> list[str]:
    text = kept(house)
    return [word for word in WORDS if word in text or json.dumps(word)[1:-1] in text]


@pytest.mark.parametrize("national", [False, True], ids=["aes", "sm4"])
def test_no_row_holds_it_in_clear_and_who_may_finds_it(fresh_database_url: str, tmp_path: Path,
                                                       national: bool) -> None:
    house = House(fresh_database_url, tmp_path / "house", national_crypto=national)
    case = confidential(house)
    house.complete(case, "A", {"opinion": "别人的话"})
    assert leaked(house) == []
    assert (house.case(case).title, house.case(case).parties) == (TITLE, PARTY)
    assert [(row.title, row.name) for row in house.rows(s.document)] == [(f"{PAPER}.pdf", f"{PAPER}.pdf")]
    for text, found in (("密方", 1), ("甲公司", 1), ("九号密方的制备", 1), ("乙公司", 0), ("密方乙", 0)):
        assert house.kapok.queries.cases(SUPERVISOR, text, 1).total == found, text
        assert house.kapok.queries.cases(ACTORS["hr"], text, 1).total == 0
    house.close()


def test_no_row_holds_the_reasons_of_holds_suspensions_and_grants_in_clear(fresh_database_url: str,
                                                                           tmp_path: Path) -> None:
    house = House(fresh_database_url, tmp_path / "house", national_crypto=False)
    case = confidential(house)
    house.run(AddUser("admin1", "", ("admin",), "!"), SHELL)
    house.run(HoldCase(case, "密方之一"), SHELL)
    house.run(SuspendCase(case, "密方之二", evidence="密方之三"), SUPERVISOR)
    grant = house.run(GrantAccess("export", "admin1", "audit", "密方之四"), SHELL)["grant"]
    house.run(RevokeGrant(grant, "密方之五"), SHELL)
    again = GrantAccess("export", "admin1", "audit", "密方之六")
    asked = house.run(RequestApproval(again, "密方之七"), ACTORS["admin"])
    house.run(DecideApproval(asked["request"], approve=False, reason="密方之八"), ACTORS["security"])
    assert leaked(house) == []
    assert house.rows(s.access_grant)[0].revoke_reason == "密方之五"
    house.close()


def test_who_reads_its_deadlines_and_messages_is_on_record(house: House) -> None:
    case = confidential(house)
    key = house.run(ArmDeadline(case, "dl.cnipa.oaN", date(2026, 2, 20)), SUPERVISOR)["deadline"]
    number = house.case(case).case_no or "none"
    house.run(AddPartner("court", "court", may_send=("court.confirm.result",)), ACTORS["admin"])
    came = AcceptInbound("court", "m1", "h", "court.confirm.result", number, {"payload": {}})
    house.run(came, partner_actor("court"))
    with house.kapok.database.writing() as connection:
        connection.execute(s.inbound.update().values(case_id=case))
    assert house.kapok.deadline_pages.explain(SUPERVISOR, key).level == "L3"
    house.kapok.handoffs.letter(SUPERVISOR, "court", "m1")
    with pytest.raises(NotFound):
        house.kapok.deadline_pages.explain(ACTORS["hr"], key)
    read = [(row.action, json.loads(row.entry)["detail"]) for row in house.audit("access")]
    assert read == [("ViewDeadline", {"case": case, "level": "L3"}), ("ViewMessage", {"case": case, "level": "L3"}),
                    ("ViewDeadline", {"key": key, "refused": "not_found"})]


def test_no_mail_and_no_calendar_tells_its_title(house: House) -> None:
    case = confidential(house)
    house.run(AddUser("examiner1", "", ("examiner",), "!"), SHELL)
    with house.kapok.database.writing() as connection:
        connection.execute(s.contact.insert(), {"user": "examiner1", "email": "a@example.org", "feed": None})
        connection.execute(s.notice.insert(), {
            "id": "n", "to": "examiner1", "code": "document.served", "params": {}, "case_id": case, "mail": "pending",
            "about": None, "created_at": house.clock.now(), "mail_attempts": 0, "mail_at": house.clock.now()})
        titles = []
        for level in ("L3", "L1"):
            connection.execute(s.case.update().values(level=level))
            titles += [row.title for row in notices.due_mail(connection, house.clock.now(), 9)]
    assert titles == ["", TITLE]


def test_at_publication_it_is_searched_as_it_is(house: House) -> None:
    case = confidential(house)
    assert len(house.rows(s.case_word)) == len(words_of(TITLE, PARTY))
    house.advance(days=4)
    assert house.case(case).level == "L1" and len(house.rows(s.case_word)) == len(words_of(TITLE, PARTY))
    assert TITLE in kept(house) and house.broken() == []
    assert house.kapok.queries.cases(SUPERVISOR, "制备", 1).total == 1


def test_a_step_that_names_nothing_anew_asks_nothing_more(house: House) -> None:
    case = confidential(house)
    key = house.task(case, "A")
    with house.statements() as seen:
        house.run(CompleteUserTask(key, {"opinion": "y"}))
    assert not [text for text in seen if "case_word" in text]


def test_blind_words_are_the_same_under_a_later_key_and_others_for_another_purpose(house: House) -> None:
    ring = keys.load(house.kapok.settings.master_keys, Path(), False)
    first, later = (keys.field_cipher(house.kapok.database, ring, national, house.clock.now())
                    for national in (False, True))
    assert first.blind("密方", "w") == later.blind("密方", "w") != first.blind("密方", "v")
    assert 0 <= first.blind("密方", "w") < 1 << 63
    sealed = first.seal(b"x", "w", same=True)
    assert sealed == first.seal(b"x", "w", same=True) != first.seal(b"x", "v", same=True)
    assert later.open(sealed, "w") == b"x"


def test_words_are_pairs_of_letters() -> None:
    assert words_of("甲公司 / Ａb1") == {"甲公", "公司", "ab", "b1"}
    assert words_of("甲", "") == frozenset()
    assert [may_be_indexed(level) for level in ("L1", "L2", "L3")] == [True, True, False]
