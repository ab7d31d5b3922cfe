"""Publishing over the API, as JSON and as an upload."""

import base64
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from tests.http.caller import Office, read, refused
from tests.http.described import resource
from tests.support import bpmn

FRESH = base64.b64decode(resource()["content"])


def test_files_come_as_json(office: Office) -> None:
    deployer = office.caller("deployer")
    answer = deployer.post("/deployments", {"resources": [resource()]})
    assert answer.status_code == 201
    key = read(answer)["definitions"][0]
    again = read(deployer.post("/deployments", {"resources": [resource()]}))
    assert (again["deployment"], again["definitions"], again["unchanged"]) == (None, [], [key])


def test_files_come_as_an_upload(office: Office) -> None:
    deployer = office.caller("deployer")
    office.house.clock.advance(timedelta(seconds=1))
    answer = deployer.post("/deployments", data={"resources": [(BytesIO(FRESH), "fresh.bpmn")]},
                           content_type="multipart/form-data")
    key = read(answer)["definitions"][0]
    found = read(deployer.get(f"/process-definitions/{key}"))
    assert (found["definition"]["process_id"], found["bpmn"].encode()) == ("fresh", FRESH)
    newest = read(deployer.get("/deployments"))["items"][0]
    assert (newest["definitions"], newest["deployed_by"]) == ([key], "deployer")


def test_a_diagram_in_another_encoding_is_read_as_it_says(office: Office) -> None:
    text = FRESH.decode().replace("UTF-8", "UTF-16").replace('id="fresh"', 'id="fresh" name="木棉"')
    deployer = office.caller("deployer")
    sent = {"name": "fresh.bpmn", "content": base64.b64encode(text.encode("utf-16")).decode()}
    key = read(deployer.post("/deployments", {"resources": [sent]}))["definitions"][0]
    assert 'name="木棉"' in read(deployer.get(f"/process-definitions/{key}"))["bpmn"]


def test_what_is_wrong_is_told_by_element(office: Office) -> None:
    model = bpmn.process("wrong", bpmn.start(), bpmn.script("s", "1 +"), bpmn.end(), bpmn.chain("start", "s", "end"))
    sent = {"name": "wrong.bpmn", "content": base64.b64encode(model).decode()}
    body = refused(office.caller("deployer").post("/deployments", {"resources": [sent]}), 422, "deployment_refused")
    found = {(item["file"], item["element"], item["severity"]) for item in body["findings"]}
    assert ("wrong.bpmn", "s", "error") in found


@pytest.mark.parametrize(("asked", "word"), [
    ("zh-CN,zh;q=0.9,en;q=0.5", "应为"), ("en", "Expected"), ("fr", "Expected")])
def test_what_is_wrong_is_told_in_the_language_of_the_caller(office: Office, asked: str, word: str) -> None:
    model = bpmn.process("wrong", bpmn.start(), bpmn.script("s", "1 +"), bpmn.end(), bpmn.chain("start", "s", "end"))
    sent = {"resources": [{"name": "wrong.bpmn", "content": base64.b64encode(model).decode()}]}
    caller = office.caller("deployer")
    answer = caller.client.post("/api/v1/deployments", json=sent, headers={
        "Authorization": f"Bearer {caller.token}", "Accept-Language": asked})
    assert all(word in item["message"] for item in answer.json["findings"] if item["rule"] == "feel-syntax")
    assert [item["rule"] for item in answer.json["findings"]].count("feel-syntax") == 1


@pytest.mark.parametrize(("asked", "said"), [("zh", "文件中应有图形"), ("en", "Expected a drawing")])
def test_what_could_be_better_is_told_in_the_language_of_the_caller(office: Office, asked: str, said: str) -> None:
    model = bpmn.process("bare", bpmn.start(), bpmn.end(), bpmn.chain("start", "end"))
    caller = office.caller("deployer")
    answer = caller.client.post(
        "/api/v1/deployments", headers={"Authorization": f"Bearer {caller.token}", "Accept-Language": asked},
        json={"resources": [{"name": "bare.bpmn", "content": base64.b64encode(model).decode()}]})
    assert said in {item["rule"]: item["message"] for item in answer.json["findings"]}["no-diagram"]


@pytest.mark.parametrize(("sent", "field"), [
    ({}, "/resources"), ({"resources": []}, "/resources"), ({"resources": [{"name": "a"}]}, "/resources/0/content"),
    ({"resources": [{"name": "a", "content": "!!"}]}, "/resources/0/content"),
    ({"resources": [{"name": "x" * 256, "content": ""}]}, "/resources/0/name"),
    ({"resources": [{"name": "a", "content": "", "mode": 1}]}, "/resources/0/mode")])
def test_a_wrong_field_is_pointed_at(office: Office, sent: object, field: str) -> None:
    body = refused(office.caller("deployer").post("/deployments", sent), 422, "fields_invalid")
    assert [item["field"] for item in body["problems"]] == [field]
    assert body["problems"][0]["params"]["message"]


def test_where_two_persons_are_needed_one_asks_and_another_publishes(office: Office,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    runner = office.house.kapok.runner
    monkeypatch.setattr(runner, "parts", replace(runner.parts, two_persons=True))
    designer, deployer, intake = (office.caller(role) for role in ("designer", "deployer", "intake"))
    answer = designer.post("/deployments", {"resources": [resource()]})
    asked = read(answer)
    assert (answer.status_code, asked["state"], asked["kind"]) == (202, "pending", "deployment")
    assert read(deployer.get("/process-definitions", process_id="fresh"))["items"] == []
    shown = read(deployer.get("/approvals", state="pending"))["items"][0]
    assert (shown["id"], shown["requested_by"], shown["may_decide"]) == (asked["request"], "designer", True)
    refused(intake.get(f"/approvals/{asked['request']}"), 404, "not_found")
    refused(designer.post(f"/approvals/{asked['request']}/approve"), 403, "not_allowed")
    decided = read(deployer.post(f"/approvals/{asked['request']}/approve", {"reason": "已审"}))
    assert [key.split(":")[0] for key in decided["outcome"]["definitions"]] == ["fresh"]
    assert decided["outcome"]["differences"] == []
    assert len(read(deployer.get("/process-definitions", process_id="fresh"))["items"]) == 1
    refused(deployer.post(f"/approvals/{asked['request']}/reject"), 409, "conflict")


def test_only_the_deployer_publishes(office: Office) -> None:
    refused(office.caller("supervisor").post("/deployments", {"resources": [resource()]}), 403, "not_allowed")


def test_versions_are_listed(office: Office) -> None:
    found = read(office.caller("designer").get("/process-definitions", process_id="errand"))["items"]
    assert [(item["process_id"], item["version"], item["startable"]) for item in found] == [("errand", 1, True)]


def test_the_second_engine_plays_what_is_published(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    deployer = office.caller("deployer")
    model = bpmn.process("played", bpmn.start(), bpmn.user("u"), bpmn.end(), bpmn.chain("start", "u", "end"))
    sent = {"resources": [{"name": "played.bpmn", "content": base64.b64encode(model).decode()}]}
    assert read(deployer.post("/deployments", sent))["differences"] == []

    def broken(*given: object, **named: object) -> object:
        raise RuntimeError("no second opinion")

    monkeypatch.setattr("engine.workbench.publishing.verify", broken)
    changed = base64.b64encode(model.replace(b'id="u"', b'id="u" name="U"')).decode()
    body = read(deployer.post("/deployments", {"resources": [{"name": "played.bpmn", "content": changed}]}))
    assert [(item["about"], item["definition"]) for item in body["differences"]] == [("error", body["definitions"][0])]
