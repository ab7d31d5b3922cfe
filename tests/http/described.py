"""The API's description as a test reads it: operations, what they document, one valid request for each."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from engine.domain.actors import Actor
from engine.domain.administration import GrantAccess, RequestApproval
from engine.domain.commands import AddPartner, Deploy, PartnerKey
from engine.domain.commands import Resource as BpmnResource
from engine.domain.deadline_commands import ArmDeadline, PauseDeadline
from engine.domain.recusal_commands import Declare
from engine.http.api.operations import PREFIX
from engine.store import schema as s
from tests.architecture.source import ROOT
from tests.http.asked import EVERYTHING, Request, a_case, claimed, on, plain, started, task
from tests.http.caller import Caller, Office, read
from tests.http.desk_requests import DESK
from tests.support import bpmn
from webhooks.signature import HMAC_SHA256, generate_secret

ACTIVATE = {"type": "parcel.ship", "worker": "w"}


def handed_on(office: Office) -> Request:
    key = claimed(office)
    office.caller("examiner")
    return Request(f"/user-tasks/{key}/delegate", {"to": "examiner", "reason": "r"})


def job(office: Office) -> str:
    started(office, "parcel")
    found = read(office.caller(EVERYTHING).post("/jobs/activate", ACTIVATE))["jobs"]
    return str(found[0]["key"])


def incident(office: Office) -> str:
    case = started(office, "broken", amount=1, rate=0)
    return str(read(office.caller(EVERYTHING).get("/incidents", case=case))["items"][0]["key"])


def held(office: Office) -> str:
    key = started(office, "parcel")
    office.caller(EVERYTHING).post(f"/cases/{key}/suspend", {"reason": "r"})
    return key


def definition(office: Office) -> str:
    return str(read(office.caller(EVERYTHING).get("/process-definitions"))["items"][0]["key"])


def deadline(office: Office) -> str:
    key = started(office, "timely")
    return str(read(office.caller(EVERYTHING).get(f"/cases/{key}"))["deadlines"][0]["key"])


def granted(office: Office) -> str:
    office.caller(EVERYTHING)
    return str(office.house.run(GrantAccess("export", EVERYTHING, "audit", "r"))["grant"])


def period(office: Office, from_on: date = date(2026, 3, 2)) -> str:
    """A deadline armed by hand, of a rule that may be extended, paused and restored."""
    command = ArmDeadline(a_case(office), "dl.cnipa.oa1", from_on, "cnipa.electronic")
    return str(office.house.run(command)["deadline"])


def limitation(office: Office) -> str:
    """A deadline that an act interrupts."""
    command = ArmDeadline(a_case(office), "dl.limitation", date(2026, 2, 2))
    return str(office.house.run(command)["deadline"])


def stopped(office: Office) -> str:
    key = period(office)
    office.house.run(PauseDeadline(key, "r"))
    return key


def over(office: Office) -> str:
    key = period(office, date(2025, 9, 1))
    office.house.run_timers()
    return key


def versions(office: Office) -> Request:
    """A rule with another length each time it is asked for."""
    with office.house.kapok.database.reading() as connection:
        rule = dict(office.house.kapok.parts.almanac.rules(connection).versions["dl.inv.answer"][0].content)
    longer = {**rule, "length": rule["length"] + 1}
    return Request("/rules", {"key": "dl.inv.answer", "reason": "r", "versions": [longer]})


def resource() -> dict[str, str]:
    model = bpmn.process("fresh", bpmn.start(), bpmn.end(), bpmn.chain("start", "end"))
    return {"name": "fresh.bpmn", "content": base64.b64encode(model).decode()}


def asked_for(office: Office, who: str = "deployer") -> str:
    """A request that waits for a second person."""
    asker = Actor(who, who, frozenset({"deployer"}))
    content = base64.b64decode(resource()["content"])
    command = RequestApproval(Deploy((BpmnResource("fresh.bpmn", content),)), "r")
    return str(office.house.run(command, asker)["request"])


def linked(office: Office) -> Request:
    return Request(f"/cases/{a_case(office)}/links", {"other": a_case(office), "reason": "r"})


def disclosed(office: Office) -> Request:
    key = started(office, "parcel", applicant={"name": "甲公司"})
    return Request(f"/cases/{key}/disclosures", {"user": "x", "party": "甲公司", "accepted": True, "evidence": "e"})


def served(office: Office) -> Request:
    key = a_case(office)
    office.caller("applicant")
    row = {"case_id": key, "id": "d", "category": "document", "title": "t", "name": "n.docx", "role": "",
           "sha256": "d" * 64, "added_by": "x", "added_at": office.house.clock.now()}
    with office.house.kapok.database.writing() as connection:
        connection.execute(s.document.insert(), row)
    return Request(f"/cases/{key}/services", {"document": "d", "party": "applicant", "on": "2026-03-02"})


def asked_to_keep_away(office: Office) -> Request:
    """Of an examiner who has claimed a task, with the process that decides it."""
    folder = ROOT / "bpmn" / "recusal"
    office.house.deploy(*((path.name, path.read_bytes()) for path in [*folder.glob("*.bpmn"),
                                                                      *(folder / "forms").glob("*")]))
    key = task(office)
    assert office.caller("examiner").post(f"/user-tasks/{key}/claim").status_code == 200
    return Request(f"/cases/{key.partition('~')[0]}/recusals", {"user": "examiner", "ground": "other", "reason": "r"})


def recused(office: Office) -> str:
    """A recusal in force; there are two, so that it can be asked about once more when one was lifted."""
    case, now = a_case(office), office.house.clock.now()
    keys = str(uuid4()), str(uuid4())
    with office.house.kapok.database.writing() as connection:
        connection.execute(s.recusal.insert(), [{
            "id": key, "case_id": case, "user": "examiner", "state": "recused", "ground": "relative",
            "source": "rule", "reason": "r", "requested_by": "system", "requested_at": now} for key in keys])
    return keys[0]


def declared(office: Office) -> str:
    office.caller(EVERYTHING)
    command = Declare(EVERYTHING, "relative", "甲公司")
    return str(office.house.run(command, Actor(EVERYTHING, EVERYTHING))["declaration"])


def known(office: Office, **sent: Any) -> dict[str, Any]:
    """With an account that is there."""
    office.caller("examiner")
    return sent


def partner(office: Office) -> str:
    """A partner of its own with one key."""
    code = f"court.{uuid4().hex[:12]}"
    key = PartnerKey("k1", HMAC_SHA256, "shared", generate_secret(HMAC_SHA256))
    office.house.run(AddPartner(code, "court", keys=(key,)))
    return code


def fresh_partner(office: Office) -> Request:
    keys = [{"id": "k1", "algorithm": HMAC_SHA256, "use": "shared", "secret": generate_secret(HMAC_SHA256)}]
    return Request("/partners", {
        "code": f"court.{uuid4().hex[:12]}", "kind": "court", "name": "示例法院", "endpoint": "https://court.example/in",
        "allowed_cidrs": ["10.1.0.0/16"], "may_send": ["court.confirm.result"], "may_see": ["court.confirm.submit"],
        "contact": {"phone": "020-1"}, "keys": keys})


VALID: Mapping[str, Callable[[Office], Request]] = {
    "approvals.search": plain("/approvals", state="pending"),
    "approvals.get": on("approvals", "", asked_for),
    "approvals.approve": on("approvals", "/approve", asked_for, reason="r"),
    "approvals.reject": on("approvals", "/reject", asked_for, reason="r"),
    "approvals.withdraw": on("approvals", "/withdraw", lambda office: asked_for(office, EVERYTHING)),
    "deployments.deploy": plain("/deployments", resources=[resource()]),
    "deployments.search": plain("/deployments"),
    "process_definitions.search": plain("/process-definitions", process_id="parcel"),
    "process_definitions.get": on("process-definitions", "", definition),
    "cases.search": plain("/cases", q=""),
    "cases.start": plain("/cases", process_id="parcel", variables={"a": 1}),
    "cases.get": on("cases", "", a_case),
    "cases.history": on("cases", "/history", a_case),
    "cases.note": on("cases", "/notes", a_case, text="看一下"),
    "cases.suspend": on("cases", "/suspend", a_case, reason="r"),
    "cases.resume": on("cases", "/resume", held, reason="r"),
    "cases.cancel": on("cases", "/cancel", a_case, reason="r"),
    "cases.modify": on("cases", "/modification", a_case, activate=["ship"], terminate=[], reason="r"),
    "cases.set_variables": on("cases", "/variables", a_case, variables={"a": 1}),
    "user_tasks.search": plain("/user-tasks", view="all", q=""),
    "user_tasks.get": on("user-tasks", "", task),
    "user_tasks.claim": on("user-tasks", "/claim", task),
    "user_tasks.release": on("user-tasks", "/release", claimed),
    "user_tasks.assign": on("user-tasks", "/assign", task, assignee="examiner", reason="r"),
    "user_tasks.delegate": handed_on,
    "user_tasks.follow_up": on("user-tasks", "/follow-up", claimed, on="2026-03-09"),
    "user_tasks.complete": on("user-tasks", "/complete", task, variables={"a": 1}),
    "user_tasks.throw_error": on("user-tasks", "/error", task, code="E", variables={"a": 1}),
    "user_tasks.save_draft": on("user-tasks", "/draft", task, values={"a": 1}),
    "messages.publish": plain("/messages", name="reply", key="R", variables={"a": 1}, message_id="m",
                               time_to_live="PT1H", legal_on="2026-03-02"),
    "signals.broadcast": plain("/signals", name="holiday", variables={"a": 1}),
    "jobs.activate": plain("/jobs/activate", type="parcel.ship", worker="w", maximum=1, lock="PT1M", timeout="PT1S"),
    "jobs.complete": on("jobs", "/complete", job, variables={"a": 1}),
    "jobs.fail": on("jobs", "/fail", job, message="m", retries=1, back_off="PT1S"),
    "jobs.throw_error": on("jobs", "/error", job, code="E", variables={"a": 1}),
    "jobs.extend": on("jobs", "/extend", job, lock="PT1M"),
    "deadlines.search": plain("/deadlines"),
    "deadlines.get": on("deadlines", "", deadline),
    "cases.arm": lambda office: Request(f"/cases/{a_case(office)}/deadlines", {
        "key": "dl.inv.answer", "from_on": "2026-03-02", "reason": "r"}),
    "deadlines.extend": on("deadlines", "/extend", period, count=1, unit="month", reason="r"),
    "deadlines.pause": on("deadlines", "/pause", period, reason="r", evidence="e"),
    "deadlines.resume": on("deadlines", "/resume", stopped, evidence="e"),
    "deadlines.interrupt": on("deadlines", "/interrupt", limitation, on="2026-03-02", reason="r"),
    "deadlines.prove_service": on("deadlines", "/prove-service", period, proven_on="2026-03-02", evidence="e"),
    "deadlines.override": on("deadlines", "/override", period, due_on="2026-09-01", reason="r"),
    "deadlines.close": on("deadlines", "/close", period, state="met", reason="r"),
    "deadlines.restore": on("deadlines", "/restore", over, ground="due_cause", from_on="2026-03-02", reason="r"),
    "deadlines.confirm": on("deadlines", "/confirm", over, reason="r"),
    "deadlines.accept_late": on("deadlines", "/accept-late", over, reason="r", evidence="e"),
    "rules.change": versions,
    "incidents.search": plain("/incidents", case="x"),
    "incidents.resolve": on("incidents", "/resolve", incident, variables={"total": 2}),
    "partners.search": plain("/partners"),
    "partners.get": on("partners", "", partner),
    "partners.add": fresh_partner,
    "partners.change": on("partners", "/change", partner, name="示例法院", may_send=["court.confirm.result"]),
    "partners.add_key": lambda office: Request(f"/partners/{partner(office)}/keys", {
        "id": "k2", "algorithm": HMAC_SHA256, "use": "shared", "secret": generate_secret(HMAC_SHA256),
        "overlap": "PT1H"}),
    "partners.revoke_key": on("partners", "/keys/k1/revoke", partner),
    "cases.links": on("cases", "/links", a_case),
    "cases.link": linked,
    "cases.disclosures": on("cases", "/disclosures", a_case),
    "cases.disclose": disclosed,
    "cases.served": on("cases", "/services", a_case),
    "cases.serve": served,
    "cases.ask_recusal": asked_to_keep_away,
    "recusals.search": plain("/recusals", state="recused"),
    "recusals.get": on("recusals", "", recused),
    "recusals.lift": on("recusals", "/lift", recused, reason="r"),
    "declarations.search": plain("/declarations", user=EVERYTHING),
    "declarations.declare": lambda office: Request("/declarations", known(
        office, user="examiner", kind="employer", subject="乙公司", detail="d", ended_on="2024-01-31")),
    "declarations.withdraw": on("declarations", "/withdraw", declared),
    "cases.bundle": on("cases", "/bundle", a_case),
    "keys.rotate": plain("/keys/rotate", reason="r"),
    **DESK,
    "access_grants.search": plain("/access-grants"),
    "access_grants.revoke": lambda office: Request(f"/access-grants/{granted(office)}/revoke", {"reason": "r"}),
    "access_grants.ask": lambda office: Request("/access-grants", known(
        office, kind="export", holder="examiner", scope="YS-2026", reason="r", lasts="PT1H")),
}
"""One request for each operation that is carried out."""


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    document: Mapping[str, Any]

    @property
    def statuses(self) -> set[int]:
        return {int(code) for code in self.document["responses"]}

    def ask(self, caller: Caller, request: Request, key: str | None = None) -> Any:
        if self.method == "GET":
            return caller.get(request.path, **request.sent)
        return caller.post(request.path, dict(request.sent), key)


class Description:
    """The document, able to judge an answer."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._registry = Registry().with_resource("urn:api", Resource(contents=document, specification=DRAFT202012))

    def operations(self) -> dict[str, Operation]:
        return {item["operationId"]: Operation(item["operationId"], method.upper(), path, item)
                for path, methods in self.document["paths"].items()
                for method, item in methods.items() if method in ("get", "post")}

    def problems(self, operation: Operation, answer: Any) -> list[str]:
        """What is wrong with an answer: an undocumented status or media type, or a body that does not fit."""
        found = operation.document["responses"].get(str(answer.status_code))
        if found is None:
            return [f"{answer.status_code} is not documented: {answer.text[:300]}"]
        if "$ref" in found:
            found = self.document["components"]["responses"][found["$ref"].rpartition("/")[2]]
        content = found["content"].get(answer.content_type) or found["content"].get(answer.mimetype)
        if content is None:
            return [f"{answer.content_type} is not documented for {answer.status_code}"]
        if "contentMediaType" in content["schema"]:
            return []
        schema = {"$ref": "urn:api" + content["schema"]["$ref"]}
        validator = Draft202012Validator(schema, registry=self._registry)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(read(answer))]


def describe(office: Office) -> Description:
    return Description(read(office.nobody().get("/openapi.json")))


def url(path: str) -> str:
    return PREFIX + path
