"""Rules that must bite (DOMAIN §2, §5.2): somebody tries to get round each of them on the running product."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from engine.domain.actors import SHELL, SYSTEM, Actor
from engine.domain.commands import AddPartner, CompleteUserTask, SetVariables, StartCase
from engine.domain.deadline_commands import ExtendDeadline
from engine.domain.recusal_commands import Declare
from engine.domain.refusals import ExtensionForbidden
from engine.errors import KapokError, NotFound, Rejection
from engine.services.legal_time.expiry import FORM_ID
from engine.services.people.recusals import Recused
from engine.store import schema as s
from tests.bpmn.town import Town, open_town, somebody

MED, INV, ADJ, PRE = "TJ-2026-00001", "WX-2026-00001", "LH-2026-00001", "YS-2026-FM-000001"
DISPUTE = {"applicant": {"name": "甲公司"}, "respondent": {"name": "乙商行"}, "cause": "侵害专利权纠纷",
           "right": {"type": "外观设计", "no": "ZL202030123456.3"}, "dispute_type": "infringement",
           "claim_amount": "80000.00", "right_count": 1, "applicant_consent": True}
TERMS = {"terms": "停止侵权并支付六万元", "performance_on": "2026-06-01", "definite": True, "enforceable_wording": True}
PATENT = {"applicant": {"name": "甲公司"}, "respondent": {"name": "乙商行"}, "patent_no": "ZL202030123456.3",
          "title": "示例灯具", "kind": "design", "claim_amount": "80000.00"}
AUTHORITY = "广东省市场监督管理局（知识产权局）"


def mediate(town: Town, right: str = "外观设计") -> None:
    """Up to the draft of the agreement."""
    town.sandbox.run(StartCase("mediation_handoff", {**DISPUTE, "right": {"type": right, "no": "ZL202030123456.3"}}),
                     somebody("party1"))
    town.tell("mediation.consent", MED, contact="示例联系人", online_consent=True)
    town.do(MED, "M06b_Confirm", "intake1", track_choice="adopt")
    if "M07s_AssignQuick" not in town.waiting(MED):
        town.tell("mediation.choose", MED, chosen="mediator1")
        town.do(MED, "M07c_Appoint", "committee1", mediator="mediator1")
    else:
        town.do(MED, "M07s_AssignQuick", "intake1", mediator="mediator1")
    town.do(MED, "M09_Inform", "mediator1", informed=["rights", "rules", "effect", "fraud", "secrecy"],
            service_address="广东省示例市示例路1号", helpers=[])
    town.do(MED, "M14_Sessions", "mediator1", mode="online", result="agreement", session_note="示例笔录")


def sign(town: Town) -> None:
    for name in ("甲公司", "乙商行"):
        town.do(MED, "M17_Sign", "intake1", signed_by=name, sign_method="electronic")
    town.do(MED, "M17m_MediatorSign", "mediator1", mediator_signed=True)
    town.do(MED, "M17s_Seal", "committee2", sealed=True)


def test_an_agreement_on_validity_is_not_signed_at_all() -> None:
    with open_town("mediation_handoff") as town:
        mediate(town)
        town.do(MED, "M16_Draft", "mediator1", **TERMS, touches_validity=True)
        assert "M16_Draft" in town.waiting(MED) and "M17_Sign" not in town.waiting(MED)


def test_an_agreement_on_ownership_is_not_confirmed_by_a_court_whatever_is_chosen() -> None:
    with open_town("mediation_handoff") as town:
        mediate(town)
        town.do(MED, "M16_Draft", "mediator1", **TERMS, touches_ownership=True)
        sign(town)
        for _ in range(2):
            town.do(MED, "M18c_Choose", "mediator1", route="judicial", force={"allowed": ["judicial"]})
        assert "M18c_Choose" in town.waiting(MED) and "M20_Apply" not in town.waiting(MED)
        assert town.outbox("court.confirm.submit") == []


def test_the_way_to_the_court_is_barred_from_within_too() -> None:
    with open_town("mediation_handoff") as town:
        started = town.sandbox.run(StartCase("mediation_judicial_confirmation", {
            **DISPUTE, "case_no": "TJ-2026-00009", "touches_validity": True}), somebody("committee1"))
        assert started["state"] == "completed" and town.outbox("court.confirm.submit") == []
        with pytest.raises(NotFound):
            town.sandbox.run(StartCase("mediation_judicial_confirmation", DISPUTE), somebody("party1"))


@pytest.mark.parametrize(("right", "court"), [("发明", "广州知识产权法院"), ("技术秘密", "广州知识产权法院")])
def test_nobody_chooses_another_court_than_the_competent_one(right: str, court: str) -> None:
    with open_town("mediation_handoff") as town:
        town.sandbox.run(AddPartner("court.4403.03", "court", "深圳市中级人民法院（深圳知识产权法庭）"), SHELL)
        town.sandbox.run(AddPartner("court.4401.73", "court", court), SHELL)
        mediate(town, right)
        town.do(MED, "M16_Draft", "mediator1", **TERMS)
        sign(town)
        town.do(MED, "M18c_Choose", "mediator1", route="judicial")
        town.do(MED, "M20_Apply", "mediator1", both_apply=True, court_city="佛山",
                court={"name": "深圳市中级人民法院（深圳知识产权法庭）", "code": "粤03"})
        [sent] = town.outbox("court.confirm.submit")
        assert (sent["receiver"], sent["payload"]["court"]) == ("court.4401.73", court)


def test_no_period_of_an_invalidation_is_extended() -> None:
    with open_town("invalidation_trial") as town:
        town.sandbox.run(StartCase("invalidation_trial", {
            "applicant": {"name": "甲公司"}, "title": "一种示例装置", "kind": "invention",
            "patent_no": "ZL202030123456.3", "case_no_cnipa": "4W123456", "requester": {"name": "甲公司"},
            "patentee": {"name": "乙公司"}, "request_date": "2026-02-24", "accept_notice_date": "2026-03-02"}),
            somebody("party1"))
        with town.sandbox.house.database.reading() as connection:
            rows = connection.execute(s.deadline.select().where(s.deadline.c.state == "running")).all()
        designated = [row for row in rows if row.key in ("dl.inv.fee", "dl.inv.supplement", "dl.inv.answer")]
        assert len(designated) == 3
        for row in designated:
            for who in (SYSTEM, somebody("supervisor1"), somebody("coordinator1")):
                with pytest.raises(KapokError) as refused:
                    town.sandbox.run(ExtendDeadline(f"{row.case_id}~{row.wait}", 1, "month", "请求延长"), who)
                assert who is not SYSTEM or isinstance(refused.value, ExtensionForbidden)


def to_the_panel(town: Town) -> None:
    town.sandbox.run(StartCase("joint_adjudication", PATENT), somebody("party1"))
    town.do(ADJ, "J02_Conditions", "adjudicator1", authority_name=AUTHORITY, entrusted=True)


def test_a_panel_with_an_interested_member_does_no_work() -> None:
    with open_town("joint_adjudication") as town:
        town.sandbox.run(Declare("adjudicator2", "shareholding", "甲 公司", "一成股份"), somebody("adjudicator2"))
        to_the_panel(town)
        panel = {"members": ["adjudicator1", "adjudicator2", "adjudicator3"]}
        town.do(ADJ, "J04p_Panel", "director1", panel=panel, panel_note="均无回避情形")
        assert "J04p_Panel" in town.waiting(ADJ) and documents(town) == ["行政裁决请求书"]
        town.do(ADJ, "J04p_Panel", "director1", panel={"members": ["adjudicator1", "adjudicator3", "adjudicator4"]})
        assert "立案通知书" in documents(town)
        town.tell("adj.jurisdiction", ADJ, objection="示例理由")
        with pytest.raises((Recused, NotFound)):
            town.do(ADJ, "J05x_Jurisdiction", "adjudicator2", outcome="own")


def documents(town: Town) -> list[str]:
    with town.sandbox.house.database.reading() as connection:
        return [row.title for row in connection.execute(s.document.select().where(s.document.c.category == "document"))]


@pytest.mark.parametrize("name", ["示例知识产权保护中心", " 示例知识产权保护中心 ", "示例知识产权保护中心（代章）"])
def test_the_centre_adjudicates_nothing_in_its_own_name(name: str) -> None:
    """Not even when the authority is changed behind the diagram's back, just before the decision."""
    with open_town("joint_adjudication") as town:
        to_the_panel(town)
        town.do(ADJ, "J04p_Panel", "director1", panel={"members": ["adjudicator1", "adjudicator2", "adjudicator3"]})
        town.tell("adj.answer", ADJ, defence="使用现有设计")
        town.do(ADJ, "J05f_Forward", "coordinator1", forwarded_on="2026-03-03", forward_way="电子")
        town.do(ADJ, "J06q_Search", "coordinator1", invalidation={"found": False})
        case = town.case(ADJ)["id"]
        town.sandbox.run(SetVariables(case, {"authority_name": name, "simple": {"simple": True}}))
        while "J22_Decide" not in town.waiting(ADJ):
            through_the_hearing(town)
        town.do(ADJ, "J22_Decide", "adjudicator1", decision_outcome="established", decision_text="示例主文")
        assert "行政裁决书" not in documents(town)
        assert [row.element for row in town.sandbox.incidents()] == ["J22d_Decision"]


def through_the_hearing(town: Town) -> None:
    steps: dict[str, tuple[str, dict[str, Any]]] = {
        "H02_Schedule": ("coordinator1", {"hearing_date": "2026-04-20", "hearing_mode": "线下", "room": "第一审理庭"}),
        "H06_Hear": ("adjudicator1", {"requester_present": True, "respondent_present": True, "hearing_record": "已审"}),
        "H08_TechnicalOpinion": ("technical_investigator1", {"technical_opinion": "设计特征相同"}),
        "H09_Deliberate": ("adjudicator2", {"adj_opinion": "一致意见"}),
        "J20_OfferMediation": ("adjudicator1", {"mediation_agreed": False})}
    element = next(name for name in steps if name in town.waiting(ADJ))
    town.do(ADJ, element, steps[element][0], **steps[element][1])


def examine(town: Town, conflicts: list[dict[str, str]] | None = None, **screening: int) -> None:
    town.sandbox.run(StartCase("pre_examination", {
        "applicant": {"name": "甲公司", "uscc": "91440101MA5XXXXXXX"}, "title": "一种示例装置", "kind": "invention",
        "classification": "H04L 9/32", "screening": screening, "conflicts": conflicts}), somebody("applicant1"))


def assignee(town: Town, element: str) -> Actor:
    with town.sandbox.house.database.reading() as connection:
        row = connection.execute(s.user_task.select().where(
            s.user_task.c.element == element, s.user_task.c.state == "open")).first()
    assert row is not None and row.assignee
    return somebody(row.assignee)


def test_who_examined_does_not_check_the_quality() -> None:
    with open_town("pre_examination") as town:
        examine(town)
        examiner = assignee(town, "A10_Examine")
        town.do(PRE, "A10_Examine", examiner.id, outcome="qualified", opinion="符合预审要求")
        task = town.task(PRE, "A15_QualityCheck")
        for roles in ({"quality"}, {"quality", "examiner"}, {"quality", "supervisor"}):
            with pytest.raises((Rejection, NotFound)):
                town.sandbox.run(CompleteUserTask(task, {"outcome": "pass"}), replace(examiner, roles=frozenset(roles)))
        town.do(PRE, "A15_QualityCheck", "quality1", outcome="pass")


def test_nobody_with_an_interest_is_put_in_charge_by_hand() -> None:
    """The supervisor names somebody else: that person is looked at, too."""
    with open_town("pre_examination") as town:
        town.sandbox.run(Declare("examiner2", "shareholding", "甲公司", "一成股份"), somebody("examiner2"))
        examine(town, conflicts=[{"user": "examiner1", "level": "block"}])
        for _ in range(2):
            town.do(PRE, "A08b_Reassign", "supervisor1", examiner="examiner2", reassign_reason="示例理由")
            assert "A08b_Reassign" in town.waiting(PRE) and "A10_Examine" not in town.waiting(PRE)
        town.do(PRE, "A08b_Reassign", "supervisor1", examiner="examiner3", reassign_reason="示例理由")
        assert assignee(town, "A10_Examine").id == "examiner3"


@pytest.mark.parametrize("score", [60, 100])
def test_a_score_alone_decides_nothing(score: int) -> None:
    """However high it is: the applicant is heard, and two people judge, who are not one."""
    with open_town("pre_examination") as town:
        examine(town, filings_12m=60, rd_staff=10, inventor_count=3)
        town.do(PRE, "C03_Score", "classifier1", score=score, score_reason="示例理由")
        assert town.case(PRE)["state"] == "active" and "说明通知书" in documents(town)
        assert town.sandbox.variables(town.case(PRE)["id"])["screening_result"] == "suspect"
        town.tell("pre.explain.answer", PRE, explanation="附研发记录")
        town.do(PRE, "C05_Panel", "examiner1", vote="confirmed", reason="示例理由")
        with pytest.raises((Rejection, NotFound)):
            town.do(PRE, "C05_Panel", "examiner1", vote="confirmed", reason="示例理由")
        assert town.case(PRE)["state"] == "active"




def test_what_a_mediation_lets_expire_is_told_to_its_committee_alone() -> None:
    """Who runs another procedure sees nothing of a mediation by being asked to confirm an expiry in it."""
    with open_town("mediation_handoff") as town:
        mediate(town)
        town.do(MED, "M16_Draft", "mediator1", **TERMS)
        town.sandbox.confirms = False
        town.sandbox.advance_to(datetime.fromisoformat("2026-07-01T09:00:00+08:00"))
        with town.sandbox.house.database.reading() as connection:
            task = connection.execute(s.user_task.select().where(s.user_task.c.form_id == FORM_ID)).one()
            groups = connection.execute(s.candidate.select().where(s.candidate.c.wait == task.wait)).all()
        assert [row.name for row in groups] == ["committee"]
        for who in ("coordinator1", "hr1", "supervisor1"):
            with pytest.raises((Rejection, NotFound)):
                town.sandbox.run(CompleteUserTask(f"{task.case_id}~{task.wait}"), somebody(who))
        town.sandbox.run(CompleteUserTask(f"{task.case_id}~{task.wait}"), somebody("committee1"))
