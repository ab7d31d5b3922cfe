"""Parties with accounts of their own: each sees its side and no more, does what the diagram means for it, signs under a
power of attorney, and sees nothing any more once it has been taken out; on both databases."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from engine.domain import paper_commands as papers
from engine.domain.actors import NEWCOMER, Actor
from engine.domain.commands import AddUser, AnswerWait, CompleteUserTask, FileRef, SaveDraft, StartCase, task_key
from engine.domain.desk_commands import Comment
from engine.domain.participant_commands import InviteParticipant, JoinCase, OpenAccount, RemoveParticipant
from engine.errors import Conflict, InvalidInput, KapokError, NotAllowed, NotFound
from engine.services.people.participants import InvitationVoid, NameTaken, OtherSide, digest_of, new_code
from engine.store import schema as s
from tests.support.bpmn import assign, chain, end, message, process, properties, receive, start, user
from tests.support.house import ACTORS, SUPERVISOR, House, actor

INTAKE = ACTORS["intake"]
APPLICANT = Actor("jia", "甲账号", frozenset({"party"}))
RESPONDENT = Actor("yi", "乙账号", frozenset({"party"}))
AGENT = Actor("daili", "代理账号", frozenset({"agent"}))
CODE = digest_of("ABCD-EFGH-JKLM-NPQR")
MODEL = process(
    "p", start("s", properties(role="party")),
    receive("M", message("consent", "=title"), properties(role="respondent", action="同意")),
    user("Talk", assign(groups="examiner"), properties(party="respondent"), name="面谈"),
    user("Sign", assign(groups="examiner"), properties(party="=respondent.name", authority="special"), name="签署"),
    end("e"), chain("s", "M", "Talk", "Sign", "e"))


@pytest.fixture
def case(house: House) -> str:
    house.deploy(MODEL)
    for who in (APPLICANT, RESPONDENT, AGENT):
        house.run(AddUser(who.id, who.name, tuple(who.roles), "!"))
    house.run(AddUser("staff", "经办人", ("examiner",), "!"))
    return str(house.run(StartCase("p", {
        "title": "纠纷", "applicant": {"name": "甲公司"}, "respondent": {"name": "乙商行"}}), APPLICANT)["case_id"])


def invite(house: House, case: str, **more: str) -> str:
    wanted = {"capacity": "respondent", "name": "乙商行", "user": RESPONDENT.id, **more}
    return str(house.run(InviteParticipant(case, **wanted), SUPERVISOR)["participant"])


def by_power(house: House, case: str, authority: str) -> str:
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-1.7 power"), "委托书.pdf", "", SUPERVISOR)
    command = InviteParticipant(case, "respondent", "乙商行", AGENT.id, agent="示例律师", authority=authority,
                                proof=FileRef(staged.sha256, "委托书.pdf"))
    return str(house.run(command, SUPERVISOR)["participant"])


def consent(house: House, case: str, who: Actor) -> None:
    wait, = (row.wait for row in house.rows(s.subscription, s.subscription.c.case_id == case))
    house.run(AnswerWait(task_key(case, wait), {}), who)


def sees(house: House, case: str, who: Actor) -> bool:
    try:
        house.kapok.queries.case(who, case)
    except NotFound:
        return False
    return [row.id for row in house.kapok.queries.cases(who, "", 1).items] == [case]


def open_for(house: House, case: str, who: Actor) -> list[str]:
    """What a party is asked for: tasks and answers."""
    view = house.kapok.queries.case(who, case)
    return [task.element for task in view.tasks if task.may_work] + [
        action.name for action in view.actions if action.code.startswith("answer-")]


def test_an_account_that_is_named_takes_part_at_once_and_does_what_is_meant_for_it(house: House, case: str) -> None:
    assert not sees(house, case, RESPONDENT)
    invite(house, case)
    assert sees(house, case, RESPONDENT)
    assert (open_for(house, case, RESPONDENT), open_for(house, case, APPLICANT)) == (["同意"], [])
    with pytest.raises(NotFound):
        consent(house, case, APPLICANT)
    consent(house, case, RESPONDENT)
    assert (open_for(house, case, RESPONDENT), open_for(house, case, APPLICANT)) == (["Talk"], [])
    with pytest.raises(NotFound):
        house.complete(case, "Talk", actor=APPLICANT)
    house.complete(case, "Talk", actor=RESPONDENT)
    house.complete(case, "Sign", actor=RESPONDENT)
    assert house.case(case).state == "completed" and house.broken() == []


def test_who_comes_late_is_offered_what_is_open(house: House, case: str) -> None:
    house.publish("consent", "纠纷")
    house.settle()
    invite(house, case)
    assert open_for(house, case, RESPONDENT) == ["Talk"]
    assert [task.case_id for task in house.kapok.queries.inbox(RESPONDENT, {"view": "mine"}, 1).items] == [case]


def test_neither_side_sees_the_other_s_nor_the_house_s(house: House, case: str) -> None:
    invite(house, case)
    house.run(Comment(case, "内部意见：甲公司证据不足。"), SUPERVISOR)
    hashes = {}
    for who in (APPLICANT, RESPONDENT):
        staged = house.kapok.files.stage(io.BytesIO(f"%PDF-1.7 {who.id}".encode()), "材料.pdf", "", who)
        hashes[who.id] = staged.sha256
    consent_with = (FileRef(hashes["yi"], "材料.pdf"),)
    wait, = (row.wait for row in house.rows(s.subscription))
    house.run(AnswerWait(task_key(case, wait), {"secret": "底价七万元"}, consent_with), RESPONDENT)
    for who, other in ((APPLICANT, "yi"), (RESPONDENT, "jia")):
        view = house.kapok.queries.case(who, case)
        assert view.comments == () and view.people == () and not view.may_invite
        assert hashes[other] not in [row.sha256 for row in view.documents]
        assert "底价" not in str(view.history) and "不足" not in str(view)
        with pytest.raises(NotFound):
            house.kapok.archive.file(who, hashes[other])
        with pytest.raises(NotFound):
            house.kapok.participants.of_case(who, case)
        with pytest.raises(KapokError):
            house.run(Comment(case, "x"), who)


def test_a_code_is_taken_up_once_and_in_time(house: House, case: str) -> None:
    house.run(InviteParticipant(case, "respondent", "乙商行", code=CODE), SUPERVISOR)
    assert not sees(house, case, RESPONDENT)
    with pytest.raises(InvitationVoid):
        house.run(JoinCase(digest_of(new_code())), RESPONDENT)
    with pytest.raises(InvalidInput):
        house.run(JoinCase(CODE), INTAKE)
    with pytest.raises(OtherSide):
        house.run(JoinCase(CODE), APPLICANT)
    house.run(JoinCase(CODE), RESPONDENT)
    assert sees(house, case, RESPONDENT)
    with pytest.raises(InvitationVoid):
        house.run(JoinCase(CODE), AGENT)


def test_an_invitation_lapses(house: House, case: str) -> None:
    house.run(InviteParticipant(case, "respondent", "乙商行", code=CODE), SUPERVISOR)
    house.clock.advance(timedelta(days=15))
    with pytest.raises(InvitationVoid):
        house.run(JoinCase(CODE), RESPONDENT)
    assert [row.state for row in house.kapok.participants.of_case(SUPERVISOR, case).rows] == ["lapsed"]


def test_whoever_has_no_account_opens_one_with_the_code(house: House, case: str) -> None:
    house.run(InviteParticipant(case, "respondent", "乙商行", code=CODE), SUPERVISOR)
    for name, error in (("yi", NameTaken), ("Y", InvalidInput)):
        with pytest.raises((error, InvalidInput)):
            house.run(OpenAccount(CODE, name, "乙商行", "!"), NEWCOMER)
    house.run(OpenAccount(CODE, "yishanghang", "乙商行", "!"), NEWCOMER)
    account, = house.rows(s.user, s.user.c.id == "yishanghang")
    assert (list(account.roles), account.added_by) == (["party"], SUPERVISOR.id)
    assert sees(house, case, Actor("yishanghang", "乙商行", frozenset({"party"})))


def test_an_agent_needs_a_power_and_a_special_one_to_sign(house: House, case: str) -> None:
    with pytest.raises(InvalidInput):
        invite(house, case, user=AGENT.id, agent="示例律师", authority="general")
    general = by_power(house, case, "general")
    consent(house, case, AGENT)
    assert open_for(house, case, AGENT) == ["Talk"]
    house.complete(case, "Talk", actor=AGENT)
    assert open_for(house, case, AGENT) == []
    house.run(RemoveParticipant(case, general, "改为特别授权"), SUPERVISOR)
    by_power(house, case, "special")
    assert open_for(house, case, AGENT) == ["Sign"]


def test_who_is_taken_out_sees_nothing_any_more(house: House, case: str) -> None:
    key = invite(house, case)
    consent(house, case, RESPONDENT)
    task = house.task(case, "Talk")
    house.run(SaveDraft(task, {"x": 1}), RESPONDENT)
    with pytest.raises(InvalidInput):
        house.run(RemoveParticipant(case, key, " "), SUPERVISOR)
    house.run(RemoveParticipant(case, key, "邀请错误"), SUPERVISOR)
    assert not sees(house, case, RESPONDENT) and house.rows(s.draft) == []
    with pytest.raises(NotFound):
        house.run(CompleteUserTask(task, {}), RESPONDENT)
    assert house.kapok.queries.inbox(RESPONDENT, {"view": "mine"}, 1).items == []
    with pytest.raises(Conflict):
        house.run(RemoveParticipant(case, key, "再次"), SUPERVISOR)
    row, = house.history(case, "participant:removed")
    assert (row.data["reason"], row.data["party"]) == ("邀请错误", "乙商行")
    house.complete(case, "Talk", actor=ACTORS["examiner"])


def test_who_may_invite_and_whom(house: House, case: str) -> None:
    for wrong, error in ((ACTORS["examiner"], NotAllowed), (ACTORS["hr"], NotFound), (APPLICANT, NotAllowed)):
        with pytest.raises(error):
            house.run(InviteParticipant(case, "respondent", "乙商行", RESPONDENT.id), wrong)
    for change in ({"name": "丙公司"}, {"capacity": "judge"}, {"user": "staff"}, {"user": "nobody"}, {"user": ""}):
        with pytest.raises(InvalidInput):
            invite(house, case, **change)
    invite(house, case)
    with pytest.raises(Conflict):
        invite(house, case)


def test_a_seat_confirms_its_address_under_the_party_s_name_and_is_served(house: House, case: str) -> None:
    invite(house, case)
    house.run(papers.ConfirmAddress(case, "", True), RESPONDENT)
    row, = house.rows(s.service_address)
    assert (row.recipient, row.user, row.electronic) == ("乙商行", RESPONDENT.id, True)
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-1.7 x"), "决定.pdf", "", SUPERVISOR)
    document = house.run(papers.AddEvidence(case, "决定书", "other", (FileRef(staged.sha256, "决定.pdf"),)),
                         SUPERVISOR)["documents"][0]
    sent = house.run(papers.Dispatch(case, document, "乙商行", "portal"), SUPERVISOR)
    assert staged.sha256 in [row.sha256 for row in house.kapok.queries.case(RESPONDENT, case).documents]
    assert staged.sha256 not in [row.sha256 for row in house.kapok.queries.case(APPLICANT, case).documents]
    with pytest.raises(NotFound):
        house.run(papers.Acknowledge(case, sent["delivery"]), APPLICANT)
    house.run(papers.Acknowledge(case, sent["delivery"]), RESPONDENT)


def test_a_stranger_of_the_same_role_sees_nothing(house: House, case: str) -> None:
    invite(house, case)
    assert not sees(house, case, actor("party", 7))
