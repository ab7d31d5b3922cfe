"""Three procedures in one store: a joint adjudication (P03), the invalidation it opens (P02), the mediation it hands
over to (P04), through the real runner and the real operations, to the court's ruling."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from engine.clock import VirtualClock
from engine.domain.actors import SYSTEM, Actor
from engine.domain.commands import AcceptInbound, ClaimUserTask, CompleteUserTask, StartCase, task_key
from engine.errors import NotFound
from engine.services.people.recusals import Recused
from engine.store import schema as s
from tests.bpmn.town import Town, open_town, somebody
from webhooks.catalogue import load
from webhooks.receiver import InboundMessage
from webhooks.sandbox.desk import Desk
from webhooks.sandbox.kinds import KINDS

PATENT, CNIPA, ADJ, INV, MED = "ZL202030123456.3", "4W123456", "LH-2026-00001", "WX-2026-00001", "TJ-2026-00001"
REFUSED = "TJ-2026-00002"
DISPUTE = {"applicant": {"name": "甲公司"}, "respondent": {"name": "乙商行"}, "patent_no": PATENT, "title": "示例灯具",
           "kind": "design", "claim_amount": "80000.00"}
FOUND = {"found": True, "pending": True, "same_patent": True, "timely": True, "parties_overlap": True,
         "objection_upheld": False}
CATALOGUE = load()


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town("joint_adjudication", "invalidation_trial", "mediation_handoff") as town:
        yield town


def to_the_joint_hearing(town: Town) -> None:
    """The adjudication is filed, both panels agree, the invalidation case is opened and verified."""
    town.sandbox.run(StartCase("joint_adjudication", DISPUTE), somebody("party1"))
    town.do(ADJ, "J02_Conditions", "adjudicator1", authority_name="广东省市场监督管理局（知识产权局）", entrusted=True)
    town.do(ADJ, "J04p_Panel", "director1", panel={"members": ["adjudicator1", "adjudicator2", "adjudicator3"]})
    town.tell("adj.answer", ADJ, defence="使用现有设计")
    town.do(ADJ, "J05f_Forward", "coordinator1", forwarded_on="2026-03-03", forward_way="电子")
    town.do(ADJ, "J06q_Search", "coordinator1", invalidation=FOUND, case_no_cnipa=CNIPA, slot_on="2026-04-20")
    town.do(ADJ, "J07_SuspensionRequest", "coordinator1", suspension_requested=False)
    town.do(ADJ, "J08_Suspension", "adjudicator1", suspension_outcome="joint", suspension_reason="示例理由")
    town.tell("joint.answer", CNIPA, panel="无效合议组", accepted=True, reason="示例")
    town.do(ADJ, "J11p_PanelAnswer", "adjudicator1", adj_accepted=True, adj_answer_reason="示例")
    verify = next(item for item in town.sandbox.waiting() if item.element == "I01v_Verify")
    town.sandbox.run(CompleteUserTask(task_key(verify.case_id, verify.wait), {
        "case_no_cnipa": CNIPA, "patent_no": PATENT, "request_date": "2026-02-24",
        "accept_notice_date": "2026-03-02"}), somebody("coordinator1"))


def the_joint_hearing(town: Town) -> None:
    town.do(ADJ, "J12_Plan", "coordinator1", hearing_date="2026-04-20", hearing_mode="线下", room="第一审理庭")
    for _ in range(2):
        town.do(ADJ, "J14_Receipts", "coordinator1", attends=True, waived=False)
    town.do(ADJ, "J15_Attendance", "coordinator1", requester_present=True, respondent_present=True)
    town.do(ADJ, "J15p1_Validity", "invalidation_panel1", validity_record="已审")
    town.do(ADJ, "J15p2_Claims", "adjudicator1", claims_record="共同理解", inspected=False)
    town.do(ADJ, "J15p3_Infringement", "adjudicator1", infringement_record="已审")
    town.do(ADJ, "J15t_TechnicalOpinion", "technical_investigator1", technical_opinion="设计特征相同")
    town.do(ADJ, "J15c_CnipaDeliberation", "invalidation_panel1", cnipa_deliberated=True)
    town.do(ADJ, "J15d_AdjDeliberation", "adjudicator2", adj_opinion="一致意见")


def the_validity_decision(town: Town, result: str) -> None:
    """The invalidation goes its own way to its decision. Of an invalidity its case tells the others by signal; a patent
    that stands is told by the office alone (审查指南IV-3-6.1)."""
    town.tell("inv.fee.paid", INV, paid_on="2026-03-05")
    town.tell("inv.answer", INV, answer="请求维持", amendment={"kind": "none", "replacement_pages": True,
                                                           "comparison_table": True})
    town.sandbox.advance_to(datetime.fromisoformat("2026-03-25T00:00:01+08:00"))
    town.tell("inv.event", CNIPA, event_code="审理方式", issued_at="2026-03-26", delivered_at="2026-03-26")
    town.do(INV, "I10_ModeDecision", "coordinator1", hearing_mode="written")
    town.do(INV, "I20_Decide", "coordinator1", panel_size=3)
    town.tell("inv.event", CNIPA, event_code="审查决定", issued_at="2026-04-22", delivered_at="2026-04-22",
              doc_no="第560001号", result=result)
    if result == "维持有效":
        town.tell("inv.closure.notice", PATENT, case_no=CNIPA, decision_no="第560001号", result=result)


def to_the_agreement(town: Town) -> None:
    """The mediation that the adjudication opened comes to an agreement in force."""
    town.tell("mediation.consent", MED, contact="示例联系人", online_consent=True)
    town.do(MED, "M06b_Confirm", "intake1", track_choice="adopt")
    if "M07w_AwaitChoice" in town.waiting(MED) or "M07_Chosen" in town.waiting(MED):
        town.tell("mediation.choose", MED, chosen="mediator1")
        town.do(MED, "M07c_Appoint", "committee1", mediator="mediator1")
    else:
        town.do(MED, "M07s_AssignQuick", "intake1", mediator="mediator1")
    town.do(MED, "M09_Inform", "mediator1", informed=["rights", "rules", "effect", "fraud", "secrecy"],
            service_address="广东省示例市示例路1号", helpers=[])
    town.do(MED, "M14_Sessions", "mediator1", mode="online", result="agreement", session_note="示例笔录")
    town.do(MED, "M16_Draft", "mediator1", terms="停止侵权并支付六万元", performance_on="2026-06-01", definite=True,
            enforceable_wording=True)
    for name in ("甲公司", "乙商行"):
        town.do(MED, "M17_Sign", "intake1", signed_by=name, sign_method="electronic")
    town.do(MED, "M17m_MediatorSign", "mediator1", mediator_signed=True)
    town.do(MED, "M17s_Seal", "committee2", sealed=True)


def the_court_answers(town: Town, desk: Desk, clock: VirtualClock) -> None:
    """Everything the sandbox court sends for what it was sent, by the keys it gives itself."""
    for envelope in town.outbox("court.confirm.submit"):
        assert CATALOGUE.validate_envelope(envelope) == CATALOGUE.validate_message(envelope) == []
        desk.accept(InboundMessage(
            "gdippc", envelope["msg_id"], envelope["type"], "1.0", envelope, None, None, clock.now(), clock.now(),
            "0" * 64, "k", None, json.dumps(envelope).encode(), {}))
    while (letter := desk.next_letter()) is not None:
        envelope = json.loads(letter.body)
        key = CATALOGUE.correlation_key(envelope["type"], envelope)
        answer = town.sandbox.run(AcceptInbound("court", envelope["msg_id"], "0" * 64, envelope["type"], key or "",
                                                envelope, envelope["event_seq"]))
        assert (answer["status"], answer["case_no"]) == ("accepted", MED)
        desk.done(letter)


def test_a_joint_adjudication_settles_in_mediation_that_the_court_confirms(town: Town) -> None:
    to_the_joint_hearing(town)
    assert town.links(INV) == town.links(ADJ) - {INV} | {ADJ} == {ADJ}
    the_joint_hearing(town)
    assert town.case(ADJ)["stage"] == "等待无效结论" and town.case(INV)["state"] == "active"
    the_validity_decision(town, "部分无效")
    assert town.sandbox.variables(town.case(ADJ)["id"])["inv_result"] == "部分无效"
    town.do(ADJ, "J20_OfferMediation", "adjudicator1", mediation_agreed=True)
    assert town.links(ADJ) == {INV, MED} and town.links(MED) == {ADJ}
    to_the_agreement(town)
    assert (town.case(ADJ)["state"], town.ended(ADJ)) == ("completed", "EE_J3")
    town.do(MED, "M18c_Choose", "mediator1", route="judicial")
    town.do(MED, "M20_Apply", "mediator1", both_apply=True, court_city="广州")
    clock = town.sandbox.clock
    the_court_answers(town, Desk(KINDS["court"], "court", "gdippc", clock.now, CATALOGUE, every=timedelta(0)), clock)
    assert (town.case(MED)["state"], town.ended(MED)) == ("completed", "EE_S2")
    assert [message["payload"]["declarations"] for message in town.outbox("court.confirm.submit")] == [
        {"no_status_relation": True, "no_ip_validity": True}]
    assert town.sandbox.incidents() == []


def test_the_panel_of_the_adjudication_does_not_mediate_it(town: Town) -> None:
    """Whom the committee appoints is checked, and what is offered to all mediators is not offered to that person."""
    to_the_joint_hearing(town)
    the_joint_hearing(town)
    the_validity_decision(town, "维持有效")
    town.do(ADJ, "J20_OfferMediation", "adjudicator1", mediation_agreed=True)
    town.tell("mediation.consent", MED, contact="示例联系人", online_consent=True)
    town.do(MED, "M06b_Confirm", "intake1", track_choice="adopt")
    if "M07s_AssignQuick" in town.waiting(MED):
        town.do(MED, "M07s_AssignQuick", "intake1", mediator="adjudicator1")
    else:
        town.tell("mediation.choose", MED, chosen="adjudicator1")
        town.do(MED, "M07c_Appoint", "committee1", mediator="adjudicator1")
    assert "M07c_Appoint" in town.waiting(MED)
    conflicts = town.sandbox.variables(town.case(MED)["id"])["conflicts"]
    assert [(item["user"], item["level"], item["ground"]) for item in conflicts] == [
        ("adjudicator1", "block", "earlier_role")]
    town.do(MED, "M07c_Appoint", "committee1", mediator="mediator2")
    town.tell("mediation.withdraw", MED, reason="示例理由")
    both = Actor("adjudicator1", "adjudicator1", frozenset({"adjudicator", "mediator"}))
    with pytest.raises((Recused, NotFound)):
        town.sandbox.run(ClaimUserTask(town.task(MED, "M30_Terminate")), both)
    town.do(MED, "M30_Terminate", "mediator2", terminate_reason="当事人撤回")


def test_a_failed_mediation_brings_the_adjudication_back(town: Town) -> None:
    to_the_joint_hearing(town)
    the_joint_hearing(town)
    the_validity_decision(town, "维持有效")
    town.do(ADJ, "J20_OfferMediation", "adjudicator1", mediation_agreed=True)
    town.tell("mediation.refuse", MED, reason="示例理由")
    town.do(MED, "M30_Terminate", "mediator1", terminate_reason="对方拒绝")
    assert "J22_Decide" in town.waiting(ADJ)


def test_a_mediation_that_is_not_accepted_brings_the_adjudication_back(town: Town) -> None:
    to_the_joint_hearing(town)
    the_joint_hearing(town)
    the_validity_decision(town, "维持有效")
    town.do(ADJ, "J20_OfferMediation", "adjudicator1", mediation_agreed=True)
    assert "J22_Decide" not in town.waiting(ADJ)
    town.tell("mediation.transfer", f"{ADJ}-2", **DISPUTE, prior_case_no=ADJ, source_code="adjudication",
              right={"type": "外观设计", "no": PATENT}, cause="专利权权属纠纷", dispute_type="ownership")
    assert (town.case(REFUSED)["state"], town.ended(REFUSED)) == ("completed", "EE_NA")
    assert "J22_Decide" in town.waiting(ADJ) and town.sandbox.incidents() == []
    assert town.sandbox.variables(town.case(ADJ)["id"])["mediation_case_no"] == REFUSED


def test_all_invalid_ends_the_adjudication_with_no_decision_on_infringement(town: Town) -> None:
    to_the_joint_hearing(town)
    the_joint_hearing(town)
    the_validity_decision(town, "全部无效")
    assert "J19_Close" in town.waiting(ADJ) and "J22_Decide" not in town.waiting(ADJ)


def test_a_signal_about_another_patent_moves_nothing(town: Town) -> None:
    to_the_joint_hearing(town)
    the_joint_hearing(town)
    before = town.waiting(ADJ)
    town.sandbox.run(StartCase("invalidation_trial", {
        "applicant": {"name": "丙公司"}, "title": "另一装置", "kind": "design", "patent_no": "ZL202030999999.9",
        "case_no_cnipa": "4W999999", "requester": {"name": "丙公司"}, "patentee": {"name": "丁公司"}}), SYSTEM)
    with town.sandbox.house.database.reading() as connection:
        other = connection.execute(s.case.select().where(s.case.c.title == "另一装置")).one()
    assert other.case_no != INV and town.waiting(ADJ) == before


def test_a_party_links_its_case_to_nobody_elses(town: Town) -> None:
    to_the_joint_hearing(town)
    town.sandbox.run(StartCase("invalidation_trial", {
        "applicant": {"name": "丙公司"}, "title": "另一装置", "kind": "design", "patent_no": "ZL202030999999.9",
        "case_no_cnipa": "4W999999", "requester": {"name": "丙公司"}, "patentee": {"name": "丁公司"},
        "linked_case_no": ADJ}), somebody("party2"))
    assert town.links(ADJ) == {INV}
