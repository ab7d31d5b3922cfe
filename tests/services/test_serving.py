"""Service: whom it reaches, what it moves, and who confirms where somebody is served; on both databases."""

from __future__ import annotations

import io
from datetime import date

import pytest

from engine.domain import paper_commands as c
from engine.domain.commands import AddUser, FileRef
from engine.domain.deadline_commands import ArmDeadline, CloseDeadline
from engine.errors import Conflict, InvalidInput, NotFound
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, SUPERVISOR, House

APPLICANT = ACTORS["applicant"]


@pytest.fixture
def case(house: House) -> str:
    house.deploy(process("p", start(), user("A"), end(), chain("start", "A", "end")))
    house.run(AddUser(APPLICANT.id, "甲公司", ("applicant",), "!"))
    return house.start("p", {"title": "一种装置", "applicant_user": APPLICANT.id})


def material(house: House, case: str) -> str:
    """A document of the file that may be served."""
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-1.7 x"), "决定.pdf", "", SUPERVISOR)
    command = c.AddEvidence(case, "决定书", "other", (FileRef(staged.sha256, "决定.pdf"),))
    return str(house.run(command, SUPERVISOR)["documents"][0])


# --- the deadline that hangs on a receipt -----------------------------------------------------------------------------
def limit(house: House, case: str, rule: str = "cnipa.post") -> str:
    return str(house.run(ArmDeadline(case, "dl.cnipa.oaN", date(2026, 2, 20), rule), SUPERVISOR)["deadline"])


def starts(house: House, key: str) -> str | None:
    case, _, wait = key.partition("~")
    row, = house.rows(s.deadline, s.deadline.c.case_id == case, s.deadline.c.wait == int(wait))
    return row.terms.get("proven_on")


def test_a_receipt_moves_a_deadline_of_its_own_case_alone(house: House, case: str) -> None:
    document, other = material(house, case), limit(house, house.start("p"))
    for wrong in (other, "nonsense", f"{case}~999", f"{case}~{'9' * 30}"):
        with pytest.raises(NotFound):
            house.run(c.Dispatch(case, document, "甲公司", "direct", deadline=wrong), SUPERVISOR)
    key = limit(house, case)
    sent = house.run(c.Dispatch(case, document, "甲公司", "direct", deadline=key), SUPERVISOR)
    house.run(c.RecordReceipt(case, sent["delivery"], "received", date(2026, 3, 2)), SUPERVISOR)
    assert (starts(house, key), starts(house, other)) == ("2026-03-02", None)


def test_a_receipt_is_recorded_though_its_deadline_cannot_move(house: House, case: str) -> None:
    document, over, fixed = material(house, case), limit(house, case), limit(house, case, "none")
    sent = [house.run(c.Dispatch(case, document, "甲公司", "direct", deadline=key), SUPERVISOR)
            for key in (over, fixed)]
    house.run(CloseDeadline(over, "met", "已答复"), SUPERVISOR)
    for one in sent:
        house.run(c.RecordReceipt(case, one["delivery"], "received", date(2026, 3, 2)), SUPERVISOR)
    assert [row.state for row in house.rows(s.delivery)] == ["received", "received"]
    assert len(house.history(case, "service:deadline_kept")) == 2 and starts(house, over) is None


def test_electronic_service_moves_its_deadline_as_it_arrives(house: House, case: str) -> None:
    document, key = material(house, case), limit(house, case)
    house.run(c.ConfirmAddress(case, "甲公司", True, user=APPLICANT.id), SUPERVISOR)
    house.run(c.Dispatch(case, document, "甲公司", "portal", deadline=key), SUPERVISOR)
    assert starts(house, key) == "2026-03-02"


def due(house: House, key: str) -> tuple[str, str | None, str]:
    row, = house.rows(s.deadline, s.deadline.c.case_id == key.partition("~")[0])
    return row.state, starts(house, key), row.due_on.isoformat()


def announced(house: House, case: str, key: str) -> str:
    return str(house.run(c.Dispatch(case, material(house, case), "甲公司", "announce", deadline=key), SUPERVISOR)[
        "delivery"])


def test_an_announcement_starts_its_period_when_it_is_over_and_not_before(house: House, case: str) -> None:
    key = str(house.run(ArmDeadline(case, "dl.med.appoint", date(2026, 2, 20), "cnipa.post"), SUPERVISOR)[
        "deadline"])
    presumed = due(house, key)
    announced(house, case, key)
    moved = due(house, key)
    assert moved[:2] == ("running", "2026-04-01") and moved[2] > "2026-04-01" > presumed[2]
    house.advance(days=29)
    assert due(house, key) == moved
    house.advance(days=30)
    assert due(house, key)[0] == "expired"
    assert len(house.history(case, "deadline:service_announced")) == 1


@pytest.mark.parametrize("state", ["returned", "refused"])
def test_an_announcement_that_failed_before_its_day_starts_nothing(house: House, case: str, state: str) -> None:
    key = limit(house, case)
    before = due(house, key)
    sent = announced(house, case, key)
    house.advance(days=10)
    house.run(c.RecordReceipt(case, sent, state, date(2026, 3, 12)), SUPERVISOR)
    assert due(house, key) == before
    assert len(house.history(case, "deadline:service_void")) == 1


def test_who_is_found_while_the_announcement_runs_is_served_then(house: House, case: str) -> None:
    key = limit(house, case)
    first = announced(house, case, key)
    house.advance(days=10)
    direct = house.run(c.Dispatch(case, material(house, case), "甲公司", "direct", deadline=key), SUPERVISOR)
    house.run(c.RecordReceipt(case, direct["delivery"], "received", date(2026, 3, 12)), SUPERVISOR)
    house.run(c.RecordReceipt(case, first, "returned", date(2026, 3, 12)), SUPERVISOR)
    house.advance(days=30)
    assert starts(house, key) == "2026-03-12"


def test_of_two_announcements_the_one_that_stands_starts_the_period(house: House, case: str) -> None:
    key = limit(house, case)
    announced(house, case, key)
    house.advance(days=5)
    second = announced(house, case, key)
    assert starts(house, key) == "2026-04-06"
    house.run(c.RecordReceipt(case, second, "returned", date(2026, 3, 7)), SUPERVISOR)
    assert starts(house, key) == "2026-04-01"


# --- whom electronic service reaches ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("mode", "email", "account", "on", "arrives"), [
    ("portal", "", None, None, False), ("portal", "a@example.com", None, None, False),
    ("portal", "", "applicant2", None, False), ("portal", "", "applicant1", None, True),
    ("portal", "", "applicant1", date(2026, 2, 27), False), ("electronic", "", None, None, False),
    ("electronic", "", "applicant2", None, False), ("electronic", "", "applicant1", None, True),
    ("electronic", "", "applicant1", date(2026, 2, 27), False), ("electronic", "a@example.com", None, None, True)])
def test_electronic_service_arrives_where_the_recipient_finds_it(
        house: House, case: str, mode: str, email: str, account: str | None, on: date | None, arrives: bool) -> None:
    house.run(AddUser("applicant2", "乙公司", ("applicant",), "!"))
    document = material(house, case)
    house.run(c.ConfirmAddress(case, "甲公司", True, email=email, user=account or ""), SUPERVISOR)
    command = c.Dispatch(case, document, "甲公司", mode, on)
    if arrives:
        assert house.run(command, SUPERVISOR)["legal_on"] == "2026-03-02"
    else:
        with pytest.raises(InvalidInput) as refused:
            house.run(command, SUPERVISOR)
        assert refused.value.params["where"] == ("on" if on else "recipient")


# --- who confirms -----------------------------------------------------------------------------------------------------
def addresses(house: House) -> list[tuple[str, str | None, bool, str]]:
    return sorted((row.recipient, row.user, row.electronic, row.email) for row in house.rows(s.service_address))


def test_a_party_withdraws_its_consent_under_every_name_it_has_in_the_file(house: House, case: str) -> None:
    for name in ("甲公司（原名）", "甲公司"):
        house.run(c.ConfirmAddress(case, name, True, "", "a@example.com", "", APPLICANT.id), SUPERVISOR)
    house.run(c.ConfirmAddress(case, "", False, "示例路1号"), APPLICANT)
    assert addresses(house) == [(name, APPLICANT.id, False, "a@example.com") for name in ("甲公司", "甲公司（原名）")]


def test_a_party_does_not_confirm_over_another_of_the_same_name(house: House, case: str) -> None:
    house.run(AddUser("applicant2", "同名公司", ("applicant",), "!"))
    house.run(c.ConfirmAddress(case, APPLICANT.name, True, user="applicant2"), SUPERVISOR)
    with pytest.raises(Conflict):
        house.run(c.ConfirmAddress(case, "", True, "别处"), APPLICANT)
    assert addresses(house) == [(APPLICANT.name, "applicant2", True, "")]


def test_what_waits_for_a_receipt_is_listed_to_those_who_can_open_its_room(house: House, case: str) -> None:
    house.run(c.Dispatch(case, material(house, case), "甲公司", "post"), SUPERVISOR)
    assert [row.case_id for row in house.kapok.papers.waiting(SUPERVISOR)] == [case]
    stranger = ACTORS["examiner"]
    with pytest.raises(NotFound):
        house.kapok.papers.room(stranger, case)
    assert house.kapok.papers.waiting(stranger) == []


def test_who_serves_at_the_window_needs_no_more_of_a_case_than_its_papers(house: House, case: str) -> None:
    intake, document = ACTORS["intake"], material(house, case)
    house.run(c.ConfirmAddress(case, "甲公司", False, "示例路1号"), intake)
    sent = house.run(c.Dispatch(case, document, "甲公司", "post"), intake)
    room = house.kapok.papers.room(intake, case)
    assert ([row.key for row in room.deliveries], room.papers, room.may) == (
        [sent["delivery"]], [], frozenset({"document.serve"}))
    assert [row.case_id for row in house.kapok.papers.waiting(intake)] == [case]
