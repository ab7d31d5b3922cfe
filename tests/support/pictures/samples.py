"""What the pictures show: the demo's accounts, procedures and sample cases, and one of everything that a day brings."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyotp

from engine.app import Kapok
from engine.cli.demo import ACCOUNTS, PASSWORD, samples, shipped_models
from engine.clock import LOCAL_ZONE, VirtualClock
from engine.domain import administration as a
from engine.domain import hearing_commands as h
from engine.domain import paper_commands as p
from engine.domain import recusal_commands as r
from engine.domain.actors import SHELL, Actor
from engine.domain.commands import AcceptInbound, AddPartner, AddUser, Deploy, FileRef, PartnerKey, RecordDelivery
from engine.domain.wire_commands import EnterMessage
from engine.store import schema as s
from tests.support.house import hashed, partner_actor
from tests.support.pictures.desk import ANSWERED, EXAMINED
from webhooks.signature import HMAC_SHA256, generate_secret

COURT, RESULT = "court.4401.73", "court.confirm.result"
PAPER = b"%PDF-1.7 sample"
ROLES = {account.name: account.title for account in ACCOUNTS}


def of(role: str) -> Actor:
    return Actor(role, ROLES[role], frozenset({role}))


def furnish(kapok: Kapok, clock: VirtualClock) -> Mapping[str, str]:
    """Everything; answers what ``{…}`` in the paths of pictures stands for."""
    digest = hashed(PASSWORD)
    for account in ACCOUNTS:
        kapok.run(AddUser(account.name, account.title, (account.name,), digest), SHELL)
    kapok.run(Deploy(shipped_models()), SHELL)
    samples(kapok, lambda title: clock.advance(timedelta(minutes=2)))
    _accounts(kapok, digest)
    _people(kapok)
    places = {**_papers(kapok), **_hearings(kapok), **_wire(kapok, clock)}
    _approvals(kapok)
    kapok.close()
    return places


def _accounts(kapok: Kapok, digest: str) -> None:
    """One who has a first password, one with a second factor, and a program."""
    kapok.run(AddUser("newcomer", "示例新同事", ("intake",), digest, must_change=True), SHELL)
    kapok.run(AddUser("careful", "示例同事", ("intake",), digest), SHELL)
    kapok.run(AddUser("examiner2", "示例预审员二", ("examiner",), digest), SHELL)
    kapok.run(AddUser("example-archive", "示例档案系统", (), digest, kind="machine"), SHELL)
    begun = kapok.identity.sign_in("careful", PASSWORD)
    shared = kapok.identity.enrolment(begun.secret).secret
    kapok.identity.enrol(begun.secret, pyotp.TOTP(shared).at(kapok.clock.now()))


def _people(kapok: Kapok) -> None:
    centre = kapok.run(a.AddUnit("示例保护中心", "centre"), SHELL)["unit"]
    for name, kind, head in (("预审一部", "department", "supervisor"), ("纠纷调解部", "department", None),
                             ("示例分中心", "node", None)):
        kapok.run(a.AddUnit(name, kind, centre, head), SHELL)
    kapok.run(a.RecordAbsence("examiner", "examiner2", date(2026, 3, 9), date(2026, 3, 13)), of("examiner"))
    kapok.run(a.RecordAbsence("examiner2", "examiner", date(2026, 3, 4), date(2026, 3, 5)), of("supervisor"))
    kapok.run(r.Declare("examiner", "employer", "丙事务所", "示例：曾任职", date(2025, 6, 30)), of("examiner"))
    kapok.run(r.Declare("examiner", "shareholding", "丁公司"), of("examiner"))
    kapok.run(r.RequestRecusal(EXAMINED, "examiner", "relative", "示例理由：与发明人为近亲属"), of("applicant"))


def _papers(kapok: Kapok) -> dict[str, str]:
    writer, other = of("examiner"), of("supervisor")
    for title in ("补充意见通知书", "延期说明"):
        made = kapok.run(p.DraftPaper(ANSWERED, "opinion_notice.docx", title), writer)
    paper = kapok.papers.room(other, ANSWERED).papers[0]
    kapok.run(p.ApprovePaper(ANSWERED, paper.key, paper.sha256), other)
    staged = kapok.files.stage(io.BytesIO(PAPER), "检索报告.pdf", "", writer)
    report = FileRef(staged.sha256, "检索报告.pdf")
    kapok.run(p.AddEvidence(ANSWERED, "检索报告（示例）", "own_collection", (report,), True), writer)
    kapok.run(p.ConfirmAddress(ANSWERED, "甲公司", True, "示例市示例路1号", "example@example.com", "示例电话",
                               "applicant"), other)
    (document, _), *_ = kapok.papers.room(SHELL, ANSWERED).servable
    kapok.run(p.Dispatch(ANSWERED, document, "甲公司", "portal"), other)
    kapok.run(p.Dispatch(ANSWERED, document, "甲公司", "post", date(2026, 2, 20), "示例邮件号0001"), other)
    letter = next(row for row in kapok.queries.case(SHELL, ANSWERED).documents if row.name.endswith(".docx"))
    return {"paper": str(made["paper"]), "letter": letter.sha256}


def _hearings(kapok: Kapok) -> dict[str, str]:
    planner = of("coordinator")
    for key, name, seats in (("r1", "第一审理庭", 20), ("r2", "第二审理庭", 12), ("r3", "远程审理室", 6)):
        kapok.run(h.KeepRoom(key, name, seats, key != "r2"), planner)
    tried = next(row for row in kapok.queries.cases(planner, "", 1).items if "裁决" in row.process_name)
    people = (h.Attendee("甲公司", "requester"), h.Attendee("乙商行", "respondent"),
              h.Attendee("行政裁决合议组", "panel", "adjudicator"))
    for room, mode, begin in (("r1", "mixed", "2026-03-17T09:00"), ("r3", "online", "2026-03-19T14:30")):
        starts = datetime.fromisoformat(begin).replace(tzinfo=LOCAL_ZONE)
        kapok.run(h.PlanHearing(tried.id, mode, starts, starts + timedelta(hours=2), room, True, people), planner)
    return {"tried": tried.case_no or tried.id}


def _wire(kapok: Kapok, clock: VirtualClock) -> dict[str, str]:
    """A court with an endpoint, an arbitration body without one, and one of everything that the board can show."""
    key = PartnerKey("2026a", HMAC_SHA256, "shared", generate_secret(HMAC_SHA256))
    kapok.run(AddPartner(COURT, "court", "示例知识产权法院", "https://court.example/in", ("192.0.2.0/24",), False,
                         (RESULT, "court.preservation"), (key,)), SHELL)
    kapok.run(AddPartner("arb.example", "arbitration", "示例仲裁委员会", None, may_send=("arb.result",)), SHELL)
    case = next(row for row in kapok.queries.cases(SHELL, "", 1).items if "调解" in row.process_name and row.case_no)
    now = clock.now()
    for number, (partner, kind, days, more) in enumerate((
            (COURT, "court.confirm.submit", 3, {"state": "delivered", "delivered_at": now - timedelta(days=3)}),
            (COURT, "court.filing.push", 1, {"state": "pending"}), ("arb.example", "arb.consent.submit", 2, {}),
            (COURT, "court.mediation.answer", 13, {"state": "delivered", "delivered_at": now - timedelta(days=12),
                                                   "decided_at": now}))):
        _sent(kapok, f"示例-{number}", case.id, partner, kind, now - timedelta(days=days), more)
    kapok.run(RecordDelivery("示例-1", "failed", 422, "http_422"), SHELL)
    for message, found, kind in (("m1", "（2026）示例民特12号", RESULT), ("m2", case.case_no, "court.preservation")):
        kapok.run(AcceptInbound(COURT, message, message, kind, found, {
            "payload": {"status": "valid", "decided_at": "2026-02-27"}, "correlation": {"center_case_no": found}}),
            partner_actor(COURT))
    staged = kapok.files.stage(io.BytesIO(PAPER), "裁定书.pdf", "", of("intake"))
    entered = kapok.run(EnterMessage(COURT, RESULT, {"center_case_no": case.case_no}, {
        "status": "valid", "decided_at": "2026-02-27", "enforcement": {"limit_years": 2, "from": "2026-03-01"}},
        date(2026, 3, 2), (FileRef(staged.sha256, "裁定书.pdf"),)), of("intake"))
    return {"manual": str(entered["entry"])}


def _sent(kapok: Kapok, key: str, case: str, partner: str, kind: str, at: datetime, more: Mapping[str, Any]) -> None:
    row = {"id": key, "case_id": case, "partner": partner, "position": 1000 + int(key[-1]), "type": kind, "body": "{}",
           "state": "pending", "attempts": 1, "next_at": at + timedelta(days=30), "created_at": at, **more}
    with kapok.database.writing() as connection:
        connection.execute(s.outbox.insert(), row)


def _approvals(kapok: Kapok) -> None:
    """Requests that wait for a second person, and one that was decided."""
    asked = kapok.run(a.RequestApproval(a.SetRoles("newcomer", ("intake", "classifier")), "示例：轮岗"), of("admin"))
    kapok.run(a.DecideApproval(asked["request"], True), of("security"))
    kapok.run(a.RequestApproval(a.SetRoles("careful", ("intake", "quality")), "示例：质检人手不足"), of("admin"))
    kapok.run(a.RequestApproval(a.ResetSecondFactor("careful"), "示例：更换手机"), of("admin"))
    kapok.run(a.RequestApproval(a.GrantAccess("export", "supervisor", ANSWERED, "示例：归档"), "示例：归档"),
              of("supervisor"))
