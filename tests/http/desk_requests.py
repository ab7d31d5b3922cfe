"""A valid request for each operation of the caseworker's desk: files, papers, evidence, service, filters, cases as a
whole."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count
from typing import Any
from uuid import uuid4

from engine.domain import hearing_commands as h
from engine.domain import paper_commands as c
from engine.domain.actors import Actor
from engine.domain.administration import AddUnit
from engine.domain.commands import FileRef
from engine.domain.desk_commands import Comment, SaveFilter
from engine.domain.participant_commands import InviteParticipant
from engine.services.people.participants import digest_of
from tests.http.asked import EVERYTHING, Request, a_case, claimed, on, plain, started, task
from tests.http.caller import Office
from tests.support import bpmn
from tests.support.house import SUPERVISOR

PDF = b"%PDF-1.4 sample"
LETTER = (files("bpmn") / "pre_examination" / "documents" / "opinion_notice.docx").read_bytes()
NOTICE = "opinion_notice.docx"
PAPERS = bpmn.process("papers", bpmn.start(), bpmn.user("look"), bpmn.end(), bpmn.chain("start", "look", "end"))
SELF = Actor(EVERYTHING, EVERYTHING, frozenset(EVERYTHING.split("+")))
COMPANY = "甲公司"


def staged(office: Office, content: bytes = PDF, name: str = "照片.pdf", who: Actor = SELF) -> dict[str, str]:
    """A file that somebody has handed in, as a request refers to it."""
    office.caller(EVERYTHING)
    found = office.house.kapok.files.stage(io.BytesIO(content), name, "", who)
    return {"sha256": found.sha256, "name": name}


def with_template(office: Office) -> str:
    """A case whose procedure has a Word template."""
    office.caller(EVERYTHING)
    office.house.deploy(PAPERS, (NOTICE, LETTER))
    return started(office, "papers", title="一种装置")


def paper(office: Office, move: str = "", by: Actor = SUPERVISOR) -> tuple[str, str]:
    """(case, paper) of a draft by another, which may be moved on."""
    case = with_template(office)
    key = str(office.house.run(c.DraftPaper(case, NOTICE, "预审审查意见通知书"), by)["paper"])
    if move:
        office.house.run(c.ApprovePaper(case, key, newest(office, case, key)), SELF)
    return case, key


def newest(office: Office, case: str, key: str) -> str:
    return str(office.house.kapok.papers.paper(SELF, case, key).paper.sha256)


def on_paper(verb: str, move: str = "", **sent: Any) -> Callable[[Office], Request]:
    def made(office: Office) -> Request:
        case, key = paper(office, move)
        return Request(f"/cases/{case}/papers/{key}{verb}", sent)

    return made


def approved(office: Office) -> Request:
    case, key = paper(office)
    return Request(f"/cases/{case}/papers/{key}/approve", {"sha256": newest(office, case, key)})


def written(office: Office) -> Request:
    case, key = paper(office)
    return Request(f"/cases/{case}/papers/{key}/versions", {"file": staged(office, LETTER, "改.docx")})


def exhibit(office: Office) -> tuple[str, str]:
    """(case, document) of a piece of evidence."""
    case, file = a_case(office), staged(office)
    command = c.AddEvidence(case, "照片", "applicant", (FileRef(file["sha256"], file["name"]),))
    return case, str(office.house.run(command, SELF)["documents"][0])


def issued(office: Office) -> tuple[str, str]:
    case, key = paper(office, "approve")
    return case, str(office.house.run(c.IssuePaper(case, key), SELF)["document"])


def dispatched(office: Office) -> tuple[str, str]:
    case, document = issued(office)
    return case, str(office.house.run(c.Dispatch(case, document, COMPANY, "post"), SELF)["delivery"])


def delivered(office: Office) -> Request:
    case, document = issued(office)
    return Request(f"/cases/{case}/deliveries", {"document": document, "recipient": COMPANY, "mode": "post",
                                                 "on": "2026-03-02", "tracking": "EMS1", "deadline": ""})


def receipt(office: Office) -> Request:
    case, delivery = dispatched(office)
    return Request(f"/cases/{case}/deliveries/{delivery}/receipt", {
        "state": "received", "on": "2026-03-02", "note": "本人签收", "file": staged(office)})


def acknowledged(office: Office) -> Request:
    """Served by the portal on the applicant's own account, which is the caller's."""
    office.caller(EVERYTHING)
    office.house.deploy(PAPERS, (NOTICE, LETTER))
    case = started(office, "papers", applicant_user=EVERYTHING)
    key = str(office.house.run(c.DraftPaper(case, NOTICE, "通知书"), SUPERVISOR)["paper"])
    office.house.run(c.ApprovePaper(case, key, newest(office, case, key)), SELF)
    document = str(office.house.run(c.IssuePaper(case, key), SELF)["document"])
    office.house.run(c.ConfirmAddress(case, COMPANY, True, user=EVERYTHING), SELF)
    found = office.house.run(c.Dispatch(case, document, COMPANY, "portal"), SELF)
    return Request(f"/cases/{case}/deliveries/{found['delivery']}/acknowledge")


def original(office: Office) -> Request:
    case, document = exhibit(office)
    return Request(f"/cases/{case}/evidence/{document}/original-seen")


def evidence_sent(office: Office) -> Request:
    return Request(f"/cases/{a_case(office)}/evidence", {
        "title": "照片", "source": "applicant", "files": [staged(office)], "original_seen": True})


def kept(office: Office) -> str:
    office.caller(EVERYTHING)
    return str(office.house.run(SaveFilter(f"筛选 {uuid4().hex[:8]}", {"view": "mine"}), SELF)["filter"])


def noted(office: Office) -> str:
    case = a_case(office)
    office.house.run(Comment(case, "看一下"), SUPERVISOR)
    return case


def merged(office: Office) -> Request:
    return Request(f"/cases/{a_case(office)}/merge", {"into": a_case(office), "reason": "同一事项"})


def transferred(office: Office) -> Request:
    unit = office.house.run(AddUnit(f"分中心 {uuid4().hex[:8]}", "department"))["unit"]
    return Request(f"/cases/{a_case(office)}/transfer", {"unit": unit, "owner": None, "reason": "管辖变更"})


def disputed(office: Office) -> str:
    """A case that names a respondent."""
    office.caller(EVERYTHING)
    return started(office, "parcel", applicant={"name": "示例一方"}, respondent={"name": COMPANY})


INVITED = "ABCD-EFGH-JKLM-NPQR"


def seated(office: Office) -> tuple[str, str]:
    """(case, participant) of an invitation that nobody has taken up."""
    case = disputed(office)
    code = digest_of(f"{INVITED}{uuid4().hex}")
    return case, str(office.house.run(InviteParticipant(case, "respondent", COMPANY, code=code), SUPERVISOR)[
        "participant"])


def invited(office: Office) -> Request:
    """By an agent's power of attorney, with a secret."""
    return Request(f"/cases/{disputed(office)}/participants", {
        "capacity": "respondent", "name": COMPANY, "user": "", "code": INVITED, "agent": "示例律师",
        "authority": "special", "proof": staged(office)})


def excluded(office: Office) -> Request:
    case, key = seated(office)
    return Request(f"/cases/{case}/participants/{key}/remove", {"reason": "委托终止"})


NINE = "2026-03-16T09:00:00+08:00"
ELEVEN = "2026-03-16T11:00:00+08:00"
"""A Monday."""
_DAYS = count(1)


def room_kept(office: Office) -> str:
    key = f"r{uuid4().hex[:8]}"
    office.house.run(h.KeepRoom(key, "第一审理庭", 20, remote=True))
    return key


def hearing(office: Office, mode: str = "mixed") -> tuple[str, str]:
    """(case, hearing) in a room of its own, with a party called."""
    case = a_case(office)
    command = h.PlanHearing(case, mode, datetime.fromisoformat(NINE), datetime.fromisoformat(ELEVEN),
                            room_kept(office), True, (h.Attendee(COMPANY, "requester"),))
    return case, str(office.house.run(command)["hearing"])


def on_hearing(verb: str, **sent: Any) -> Callable[[Office], Request]:
    def made(office: Office) -> Request:
        case, key = hearing(office)
        return Request(f"/cases/{case}/hearings/{key}{verb}", sent)

    return made


def own_link(office: Office) -> Request:
    """By video, with the caller called; each on a day of its own, because nobody is in two places."""
    case, days = a_case(office), timedelta(days=next(_DAYS))
    office.caller(EVERYTHING)
    command = h.PlanHearing(case, "online", datetime.fromisoformat(NINE) + days, datetime.fromisoformat(ELEVEN) + days,
                            people=(h.Attendee(COMPANY, "requester", EVERYTHING),))
    key = office.house.run(command)["hearing"]
    return Request(f"/cases/{case}/hearings/{key}/own-link", {"passed": True})


def planned(office: Office) -> Request:
    return Request(f"/cases/{a_case(office)}/hearings", {
        "mode": "offline", "starts_at": NINE, "ends_at": ELEVEN, "room": room_kept(office), "public": True,
        "people": [{"name": COMPANY, "part": "requester", "user": ""}], "panel": 3})


DESK: Mapping[str, Callable[[Office], Request]] = {
    "files.upload": plain("/files", resources=[{"name": "a.pdf", "content": base64.b64encode(PDF).decode()}]),
    "files.get": lambda office: Request(f"/files/{staged(office)['sha256']}"),
    "cases.export": plain("/cases/export", q="", overdue="true"),
    "cases.notes": on("cases", "/notes", noted),
    "cases.papers": on("cases", "/papers", with_template),
    "cases.paper": on_paper(""),
    "cases.draft_paper": on("cases", "/papers", with_template, template=NOTICE, title="通知书", series="示预字",
                            internal=False),
    "cases.write_paper": written,
    "cases.submit_paper": on_paper("/submit"),
    "cases.approve_paper": approved,
    "cases.return_paper": on_paper("/return", reason="引用条款有误"),
    "cases.issue_paper": on_paper("/issue", "approve"),
    "cases.withdraw_paper": on_paper("/withdraw", reason="重新起草"),
    "cases.evidence": on("cases", "/evidence", lambda office: exhibit(office)[0]),
    "cases.add_evidence": evidence_sent,
    "cases.mark_original_seen": original,
    "deliveries.search": plain("/deliveries", own="false"),
    "cases.deliveries": on("cases", "/deliveries", lambda office: dispatched(office)[0]),
    "cases.deliver": delivered,
    "cases.record_receipt": receipt,
    "cases.acknowledge": acknowledged,
    "cases.addresses": on("cases", "/addresses", a_case),
    "cases.confirm_address": on("cases", "/addresses", a_case, recipient=COMPANY, electronic=True,
                                postal="某市某路1号", email="a@example.org", phone="020-1", user=""),
    "cases.participants": on("cases", "/participants", lambda office: seated(office)[0]),
    "cases.invite": invited,
    "cases.exclude": excluded,
    "cases.merge": merged,
    "cases.split": on("cases", "/split", a_case, title="第二项发明", reason="单一性", documents=None,
                      parties=[COMPANY], tasks=[]),
    "cases.transfer": transferred,
    "hearings.search": plain("/hearings", week="2026-03-16"),
    "hearings.rooms": plain("/hearings/rooms"),
    "hearings.keep_room": plain("/hearings/rooms", id="r1", name="第一审理庭", seats=20, remote=True, enabled=True),
    "hearings.free": plain("/hearings/free-rooms", on="2026-03-16", minutes="90", remote="true"),
    "cases.hearings": on("cases", "/hearings", lambda office: hearing(office)[0]),
    "cases.plan_hearing": planned,
    "cases.move_hearing": on_hearing("/move", starts_at=ELEVEN, ends_at="2026-03-16T12:00:00+08:00", room=None,
                                     reason="审理庭检修"),
    "cases.close_hearing": on_hearing("/close", state="cancelled", note="当事人撤回"),
    "cases.give_notice": on_hearing("/notice", on="2026-03-02", waiver=""),
    "cases.test_link": on_hearing("/link", passed=True, note="画面清楚"),
    "cases.try_link": own_link,
    "cases.call": on_hearing("/attendees", name="乙公司", part="respondent", user=""),
    "cases.uncall": on_hearing("/attendees/1/remove"),
    "cases.check_in": on_hearing("/attendees/1/check-in", present=True, identified=True),
    "cases.hearing_calendar": on_hearing("/calendar"),
    "user_tasks.prioritise": on("user-tasks", "/priority", task, priority=80),
    "user_tasks.bulk": lambda office: Request("/user-tasks/bulk", {
        "act": "follow-up", "keys": [claimed(office)], "to": "", "reason": "", "on": "2026-03-09"}),
    "filters.search": plain("/filters"),
    "filters.save": plain("/filters", name="我的", filters={"view": "mine", "urgent": "1"}),
    "filters.drop": on("filters", "/drop", kept),
}
