"""A day at the desk by programs: a file becomes evidence, a paper goes to its seal and its recipient, two persons
merge."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from engine.domain.actors import SHELL
from engine.domain.commands import AddUser, CreateToken
from engine.services.people.identity import new_token
from tests.http.caller import Caller, Office, read, refused
from tests.http.desk_requests import COMPANY, LETTER, NOTICE, PDF, with_template
from tests.support.house import House


def second(office: Office) -> Caller:
    """Another supervisor."""
    secret, digest = new_token()
    office.house.run(AddUser("second", "second", ("supervisor",), "!"), SHELL)
    office.house.run(CreateToken("second", digest), SHELL)
    return Caller(office.app.test_client(), secret)


def uploaded(caller: Caller, content: bytes, name: str) -> dict[str, str]:
    answer = caller.post("/files", data={"resources": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    found = read(answer)["items"][0]
    assert (answer.status_code, found["size"]) == (201, len(content))
    return {"sha256": found["sha256"], "name": found["name"]}


def test_a_file_becomes_evidence_that_only_its_case_shows(office: Office) -> None:
    case, intake = with_template(office), office.caller("supervisor")
    file = uploaded(intake, PDF, "照片.pdf")
    added = read(intake.post(f"/cases/{case}/evidence", {"title": "照片", "source": "applicant", "files": [file]}))
    kept, = read(intake.get(f"/cases/{case}/evidence"))["items"]
    assert (kept["key"], kept["sha256"], kept["seen_by"]) == (added["documents"][0], file["sha256"], "")
    assert intake.get(f"/files/{file['sha256']}").data == PDF
    stranger = office.caller("mediator")
    refused(stranger.get(f"/files/{file['sha256']}"), 404, "not_found")
    refused(stranger.post(f"/cases/{case}/evidence", {"title": "x", "source": "other", "files": [file]}), 404,
            "not_found")
    refused(intake.post("/files", {"resources": [{"name": "../a.pdf", "content": ""}]}), 422, "fields_invalid")


def test_a_paper_goes_from_template_to_legal_receipt(office: Office) -> None:
    case, writer, approver = with_template(office), office.caller("supervisor"), second(office)
    paper = read(writer.post(f"/cases/{case}/papers", {"template": NOTICE, "title": "审查意见通知书"}))["paper"]
    place = f"/cases/{case}/papers/{paper}"
    writer.post(f"{place}/versions", {"file": uploaded(writer, LETTER, "改.docx")})
    assert read(writer.post(f"{place}/submit"))["state"] == "submitted"
    shown = read(approver.get(place))
    assert [version["version"] for version in shown["versions"]] == [2, 1] and "approve" in shown["acts"]
    refused(writer.post(f"{place}/approve", {"sha256": shown["sha256"]}), 409, "own_paper")
    refused(approver.post(f"{place}/approve", {"sha256": "0" * 64}), 409, "not_the_version")
    assert read(approver.post(f"{place}/approve", {"sha256": shown["sha256"]}))["state"] == "approved"
    issued = read(writer.post(f"{place}/issue"))
    assert issued["number"].endswith("〔2026〕1号")
    assert issued["document"] in [row["document"] for row in read(writer.get(f"/cases/{case}/deliveries"))["servable"]]
    refused(writer.post(f"/cases/{case}/deliveries", {"document": issued["document"], "recipient": COMPANY,
                                                      "mode": "electronic"}), 409, "consent_needed")
    sent = read(writer.post(f"/cases/{case}/deliveries", {"document": issued["document"], "recipient": COMPANY,
                                                          "mode": "direct"}))
    got = read(writer.post(f"/cases/{case}/deliveries/{sent['delivery']}/receipt",
                           {"state": "received", "on": "2026-03-02", "note": "本人签收"}))
    assert (sent["legal_on"], got["legal_on"]) == (None, "2026-03-02")


def test_of_many_tasks_each_is_done_or_told_why_not(office: Office) -> None:
    house: House = office.house
    tasks = [house.task(house.start("errand", {}), "look") for _ in range(2)]
    examiner = office.caller("examiner")
    answer = read(examiner.post("/user-tasks/bulk", {"act": "claim", "keys": [*tasks, "absent~1"]}))["items"]
    assert [(row["done"], row["code"]) for row in answer] == [(True, None), (True, None), (False, "not_found")]


def test_two_persons_merge_by_requests(office: Office) -> None:
    runner = office.house.kapok.runner
    runner.parts = replace(runner.parts, two_persons=True)
    asker, decider = office.caller("supervisor"), second(office)
    gone, kept = (office.house.start("errand", {"title": title}) for title in ("甲", "乙"))
    asked = asker.post(f"/cases/{gone}/merge", {"into": kept, "reason": "同一事项"})
    assert asked.status_code == 202
    key = read(asked)["request"]
    refused(asker.post(f"/approvals/{key}/approve", {}), 409, "own_request")
    assert read(decider.post(f"/approvals/{key}/approve", {}))["outcome"]["case_id"] == kept
    assert (read(asker.get(f"/cases/{gone}"))["state"], read(asker.get(f"/cases/{kept}"))["state"]) == (
        "cancelled", "active")
    for here, there in ((gone, kept), (kept, gone)):
        link, = read(asker.get(f"/cases/{here}/links"))["items"]
        assert (link["id"], link["reason"]) == (there, "同一事项")


def test_a_list_leaves_for_those_who_may(office: Office) -> None:
    office.house.start("errand", {"title": "=1+1"})
    answer = office.caller("supervisor").get("/cases/export", q="1+1")
    assert (answer.headers["X-Count"], answer.headers["X-Withheld"], answer.headers["X-More"]) == ("0", "0", "false")
    answer = office.caller("supervisor").get("/cases/export")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [(row["title"], row["state"]) for row in rows] == [("'=1+1", "active")]
    refused(office.caller("examiner").get("/cases/export"), 403, "not_allowed")
    refused(office.caller("supervisor").get("/cases/export", q="1"), 422, "fields_invalid")
