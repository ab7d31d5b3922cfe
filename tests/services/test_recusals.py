"""Recusal: evaluated at every assignment, decided in its own small process, in effect everywhere at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SYSTEM
from engine.domain.administration import DecideApproval, RequestApproval
from engine.domain.commands import (
    AnswerWait,
    AssignUserTask,
    ClaimUserTask,
    CompleteUserTask,
    SaveDraft,
    SetVariables,
    task_key,
)
from engine.domain.deadline_commands import SetContact
from engine.domain.recusal_commands import (
    Declare,
    LiftRecusal,
    LinkCases,
    RecordDisclosure,
    RequestRecusal,
    WithdrawDeclaration,
)
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services.people.approvals import OwnRequest
from engine.services.people.recusals import DisclosureNeeded, RecusalPending, Recused
from engine.store import notices
from engine.store import schema as s
from tests.architecture.source import ROOT
from tests.support.bpmn import assign, boundary, chain, end, process, start, timer, user, zeebe
from tests.support.house import ACTORS, House, actor

ONE, TWO, BOSS, OTHER_BOSS, PARTY = (
    actor("examiner"), actor("examiner", 2), actor("supervisor"), actor("supervisor", 2), actor("applicant"))
RECUSAL = ROOT / "bpmn" / "recusal"


def work(procedure: str, group: str = "examiner") -> bytes:
    said = zeebe("properties", zeebe("property", name="procedure", value=procedure))
    return process(f"p_{procedure}", said, start("s"), user("A", assign(groups=group)),
                   user("B", assign(groups="quality")), end("e"), chain("s", "A", "B", "e"))


@pytest.fixture
def known(house: House) -> House:
    """A house whose people have accounts, with the process that decides on requests."""
    with house.kapok.database.writing() as connection:
        for who in (ONE, TWO, BOSS, OTHER_BOSS, PARTY, actor("mediator"), actor("adjudicator"), ACTORS["auditor"]):
            connection.execute(s.user.insert(), {
                "id": who.id, "name": who.name, "password_hash": "!", "roles": sorted(who.roles), "enabled": True,
                "added_at": house.clock.now(), "failed_sign_ins": 0, "kind": "person"})
    house.deploy(("work.bpmn", work("pre_examination")), *(
        (path.name, path.read_bytes()) for path in [*RECUSAL.glob("*.bpmn"), *(RECUSAL / "forms").glob("*")]))
    return house


def begin(house: House, procedure: str = "pre_examination", **variables: Any) -> str:
    return house.start(f"p_{procedure}", {"applicant": {"name": "甲公司"}, "applicant_user": PARTY.id, **variables})


def declare(house: House, subject: str = "甲 公司", kind: str = "relative", who: Any = ONE) -> str:
    return str(house.run(Declare(who.id, kind, subject), who)["declaration"])


def test_who_has_declared_a_relation_takes_nothing_up_and_nobody_gives_it(known: House) -> None:
    declare(known)
    case = begin(known)
    for command, who in ((ClaimUserTask(known.task(case, "A")), ONE), (CompleteUserTask(known.task(case, "A")), ONE),
                         (AssignUserTask(known.task(case, "A"), ONE.id), BOSS)):
        with pytest.raises(Recused):
            known.run(command, who)
    known.run(ClaimUserTask(known.task(case, "A")), TWO)


def test_what_is_over_or_taken_back_counts_no_more(known: House) -> None:
    key = declare(known)
    known.run(Declare(ONE.id, "employer", "甲公司", ended_on=known.today.replace(year=known.today.year - 6)), ONE)
    known.run(WithdrawDeclaration(key), ONE)
    known.run(ClaimUserTask(known.task(begin(known), "A")), ONE)


def test_a_new_party_ends_the_claim_at_once(known: House) -> None:
    declare(known, "乙公司")
    case = begin(known)
    known.claim(case, "A", ONE)
    known.run(SaveDraft(known.task(case, "A"), {"x": 1}), ONE)
    known.run(SetVariables(case, {"respondent": {"name": "乙公司"}}), BOSS)
    assert_gone(known, case)
    assert known.rows(s.draft) == []
    assert known.rows(s.user_task)[0].assignee is None
    assert [row.state for row in known.rows(s.recusal)] == ["recused"]
    assert known.history(case, "recusal:effective")
    assert known.broken() == []


def assert_gone(house: House, case: str) -> None:
    views = house.kapok.queries
    assert views.cases(ONE, "", 1).total == 0
    assert views.inbox(ONE, {"view": "mine"}, 1).total == 0 and views.inbox(ONE, {"view": "done"}, 1).total == 0
    with pytest.raises(NotFound):
        views.case(ONE, case)
    with pytest.raises(NotFound):
        house.run(ClaimUserTask(house.task(case, "A")), ONE)


def test_declaring_late_has_the_same_effect(known: House) -> None:
    case = begin(known)
    known.claim(case, "A", ONE)
    declare(known)
    assert_gone(known, case)


def test_who_examined_does_not_review_the_quality(known: House) -> None:
    case = begin(known)
    both = actor("examiner")
    known.complete(case, "A", actor=both)
    reviewer = type(both)(id=both.id, name="", roles=frozenset({"examiner", "quality"}))
    with pytest.raises(Recused):
        known.run(ClaimUserTask(known.task(case, "B")), reviewer)


def test_who_mediated_does_not_adjudicate_the_linked_case(known: House) -> None:
    known.deploy(("m.bpmn", work("mediation", "mediator")), ("a.bpmn", work("adjudication", "adjudicator")))
    first, second = begin(known, "mediation"), begin(known, "adjudication")
    both = type(ONE)(id="mediator1", name="", roles=frozenset({"mediator", "adjudicator"}))
    known.complete(first, "A", actor=both)
    known.claim(second, "A", both)
    with known.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(procedure=s.case.c.procedure))
    known.run(LinkCases(first, second, "同一专利"), ACTORS["intake"])
    assert known.rows(s.user_task, s.user_task.c.case_id == second)[0].assignee is None
    assert [row.ground for row in known.rows(s.recusal)] == ["earlier_role"]
    with pytest.raises(NotFound):
        known.kapok.queries.case(both, second)


def test_in_mediation_both_parties_may_agree_after_disclosure(known: House) -> None:
    known.deploy(("m.bpmn", work("mediation", "mediator")))
    mediator, committee = actor("mediator"), actor("committee")
    declare(known, who=mediator)
    case = begin(known, "mediation", respondent={"name": "乙公司"})
    for party in ("甲公司", "乙公司"):
        with pytest.raises(DisclosureNeeded):
            known.claim(case, "A", mediator)
        known.run(RecordDisclosure(case, mediator.id, party, True, "笔录"), committee)
    known.claim(case, "A", mediator)


@pytest.mark.parametrize("outcome", ["granted", "refused"])
def test_a_party_asks_and_it_is_decided(known: House, outcome: str) -> None:
    case = begin(known)
    known.claim(case, "A", ONE)
    asked = known.run(RequestRecusal(case, ONE.id, "relative", "与对方有近亲属关系"), PARTY)
    with pytest.raises(Conflict):
        known.run(RequestRecusal(case, ONE.id, "relative", "again"), PARTY)
    with pytest.raises(RecusalPending):
        known.complete(case, "A", actor=ONE)
    known.complete(asked["case_id"], "R01_Decide", {"decision": outcome, "decision_reason": "理由"}, actor=BOSS)
    if outcome == "granted":
        assert_gone(known, case)
        assert known.case(asked["case_id"]).state == "completed"
        return
    known.run(SaveDraft(known.task(case, "A"), {"x": 1}), ONE)
    wait = known.rows(s.subscription, s.subscription.c.case_id == asked["case_id"])[0].wait
    known.run(AnswerWait(task_key(asked["case_id"], wait), {"reconsider_reason": "新的证据"}), PARTY)
    again = {"decision": "granted", "decision_reason": "成立"}
    known.complete(asked["case_id"], "R04_Reconsider", again, actor=OTHER_BOSS)
    assert_gone(known, case)
    assert known.broken() == []


def test_who_it_is_about_sees_nothing_of_the_request(known: House) -> None:
    case = begin(known)
    known.run(AssignUserTask(known.task(case, "A"), BOSS.id), OTHER_BOSS)
    asked = known.run(RequestRecusal(case, BOSS.id, "other", "理由"), PARTY)
    with pytest.raises(NotFound):
        known.kapok.queries.case(BOSS, asked["case_id"])
    with pytest.raises(NotFound):
        known.run(ClaimUserTask(known.task(asked["case_id"], "R01_Decide")), BOSS)
    assert known.kapok.queries.case(PARTY, asked["case_id"]).title


def test_lifting_needs_two_and_never_the_person(database_url: str, tmp_path: Path, known: House) -> None:
    case = begin(known)
    known.run(AssignUserTask(known.task(case, "A"), OTHER_BOSS.id), BOSS)
    declare(known, who=OTHER_BOSS)
    lift = LiftRecusal(case, OTHER_BOSS.id, "申报有误")
    with pytest.raises(NotAllowed):
        known.run(lift, OTHER_BOSS)
    asked = known.run(RequestApproval(lift), BOSS)["request"]
    with pytest.raises(OwnRequest):
        known.run(DecideApproval(asked, True), BOSS)
    with pytest.raises(NotFound):
        known.run(DecideApproval(asked, True), OTHER_BOSS)
    known.run(DecideApproval(asked, True), actor("supervisor", 3))
    assert [row.state for row in known.rows(s.recusal)] == ["lifted"]
    assert known.kapok.queries.case(OTHER_BOSS, case) is not None


def test_who_is_recused_is_told_nothing_of_the_case(known: House) -> None:
    """Not by notice, not by mail, not by a ladder, and what was told before is gone with the case."""
    known.deploy(("timed.bpmn", process(
        "timed", start("s"), user("A", assign(groups="examiner")),
        boundary("b", "A", timer('= deadline("dl.inv.answer", date("2026-03-02"))')), end("e"), end("f"),
        chain("s", "A", "e"), chain("b", "f"))), actor=SYSTEM)
    for who in (ONE, BOSS):
        known.run(SetContact(f"{who.id}@example.org"), who)
    case = known.start("timed", {"applicant": {"name": "甲公司"}, "applicant_user": PARTY.id})
    known.claim(case, "A", ONE)
    due = known.rows(s.escalation_rung, s.escalation_rung.c.case_id == case, s.escalation_rung.c.state == "planned")
    known.clock.move_to(min(row.at for row in due if row.to == "assignee"))
    known.settle()
    before = known.kapok.notices.page(ONE, 1).total
    assert before and known.kapok.notices.unread(ONE) == before
    declare(known)
    assert_gone(known, case)
    assert (known.kapok.notices.page(ONE, 1).total, known.kapok.notices.unread(ONE)) == (0, 0)
    known.run(AssignUserTask(known.task(case, "A"), BOSS.id), OTHER_BOSS)
    declare(known, who=BOSS)
    known.run(AssignUserTask(known.task(case, "A"), TWO.id), OTHER_BOSS)
    told = {row.id for row in known.rows(s.notice)}
    known.clock.advance(timedelta(days=200))
    known.settle()
    new = {row.to for row in known.rows(s.notice) if row.case_id == case and row.id not in told}
    assert OTHER_BOSS.id in new and {ONE.id, BOSS.id}.isdisjoint(new)
    with known.kapok.database.reading() as connection:
        mails = notices.due_mail(connection, known.clock.now(), 100)
    assert [row.id for row in mails if row.case_id == case and row.to in (ONE.id, BOSS.id)] == []


def test_recusals_are_listed_with_what_they_block_to_supervision_alone(known: House) -> None:
    declare(known, "乙公司")
    case = begin(known)
    known.claim(case, "A", ONE)
    known.run(SetVariables(case, {"respondent": {"name": "乙公司"}}), BOSS)
    views = known.kapok.recusals
    row = views.listed(BOSS)[0]
    assert (row.user, row.ground, row.state, row.blocks) == (ONE.id, "relative", "recused", ("see", "work", "notices"))
    assert (row.may_lift, views.get(BOSS, row.id).reason) == (True, row.reason)
    assert [views.listed(BOSS, ("lifted",)), views.listed(ONE), views.listed(PARTY)] == [[], [], []]
    assert views.listed(ACTORS["auditor"])[0].id == row.id and not views.listed(ACTORS["auditor"])[0].may_lift
    for who, key in ((ONE, row.id), (PARTY, row.id), (BOSS, "absent")):
        with pytest.raises(NotFound):
            views.get(who, key)
    known.run(AssignUserTask(known.task(case, "A"), BOSS.id), OTHER_BOSS)
    declare(known, "乙公司", who=BOSS)  # who is recused in the case does not read of its recusals either
    assert views.listed(BOSS) == [] and len(views.listed(OTHER_BOSS)) == 2


def test_declarations_are_seen_by_who_made_them_and_by_right(known: House) -> None:
    key = declare(known)
    views = known.kapok.recusals
    assert [row.subject for row in views.declarations(ONE)] == ["甲 公司"]
    assert views.declarations(TWO, ONE.id) == views.declarations(TWO, "") == []
    assert [row.id for row in views.declarations(ACTORS["hr"], ONE.id)] == [key]
    assert [row.id for row in views.declarations(ACTORS["hr"], "")] == [key]
    with pytest.raises(NotFound):
        known.run(WithdrawDeclaration(key), TWO)
    known.run(WithdrawDeclaration(key), ONE)
    assert [row.may_withdraw for row in views.declarations(ONE)] == [False]


def test_links_disclosures_and_service_are_read_with_their_case(known: House) -> None:
    first, second = begin(known, respondent={"name": "乙公司"}), begin(known)
    known.run(LinkCases(first, second, "同一专利"), ACTORS["intake"])
    known.run(RecordDisclosure(first, ONE.id, "乙公司", False, "回函"), BOSS)
    views = known.kapok.recusals
    assert [row.id for row in views.links(BOSS, first)] == [second]
    assert [(row.user, row.accepted) for row in views.disclosures(BOSS, first)] == [(ONE.id, False)]
    assert views.served(BOSS, first) == []
    for ask in (views.links, views.disclosures, views.served):
        for key in (first, "absent"):
            with pytest.raises(NotFound):
                ask(PARTY, key)


def test_declarations_are_sealed_at_rest_and_nobody_elses_business(known: House) -> None:
    declare(known, "示例亲属")
    with known.kapok.database.reading() as connection:
        raw = connection.exec_driver_sql("SELECT subject FROM declaration").scalar_one()
    assert "示例亲属" not in raw
    with pytest.raises(NotFound):
        known.run(Declare(ONE.id, "relative", "x"), TWO)
