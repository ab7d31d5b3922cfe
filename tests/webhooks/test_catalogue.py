"""The catalogue: every schema is sound, every example valid, every problem named."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.webhooks.world import CATALOGUE, message
from webhooks.catalogue import MAX_PROBLEMS, Problem, words
from webhooks.catalogue.__main__ import page

DOMAIN_TYPES = {
    *("receipt", "pre.fastlane.push", "pre.fastlane.ack", "cnipa.event", "cnipa.abnormal.list", "station.intake"),
    "deadline.notice",
    *("inv.event", "inv.status.notice", "inv.closure.notice", "joint.proposal", "joint.answer"),
    *("hearing.host.request", "hearing.host.confirm", "hearing.host.notice", "hearing.host.change"),
    *("court.info.notice", "court.info.case", "court.mediation.delegate", "court.mediation.answer"),
    *("court.mediation.result", "court.confirm.submit", "court.confirm.result", "court.filing.push"),
    *("court.filing.result", "court.preservation", "arb.case.submit", "arb.consent.submit", "arb.result"),
    *("notary.evidence.request", "notary.evidence.result", "notary.agreement.result", "appraisal.entrust"),
    *("appraisal.accept", "appraisal.report", "evidence.anchor", "mediation.transfer", "mediation.outcome"),
}


def test_every_message_of_the_domain_document_is_there() -> None:
    assert set(CATALOGUE.types) == DOMAIN_TYPES


FILES = ["envelope.json", "common.json", *(f"v1/{name}.json" for name in sorted(DOMAIN_TYPES))]


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_a_sound_schema(name: str) -> None:
    schema = json.loads((files("webhooks.catalogue") / name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    if name.startswith("v1/"):
        assert name == f"v1/{schema['x-type']}.json"
        assert schema["x-direction"] in ("in", "out", "both")
        assert set(schema["required"]) <= set(schema["properties"])


@pytest.mark.parametrize("type_", CATALOGUE.types)
def test_every_example_is_valid_and_correlates(type_: str) -> None:
    envelope = CATALOGUE.example(type_)
    assert CATALOGUE.validate_envelope(envelope) == []
    assert CATALOGUE.validate_message(envelope) == []
    assert CATALOGUE.correlation_key(type_, envelope)
    for payload in CATALOGUE.message(type_).schema["examples"]:
        assert CATALOGUE.validate(type_, "1.0", payload) == []


@pytest.mark.parametrize("type_", CATALOGUE.types)
def test_no_required_field_may_be_missing_or_of_another_type(type_: str) -> None:
    payload = CATALOGUE.example(type_)["payload"]
    for name in CATALOGUE.message(type_).schema["required"]:
        without = {key: value for key, value in payload.items() if key != name}
        assert CATALOGUE.validate(type_, "1.0", without) == [Problem(f"/{name}", "a value", "nothing")]
        assert CATALOGUE.validate(type_, "1.0", payload | {name: ["x", 5]}) != []


def test_named_answers_are_messages_of_the_catalogue() -> None:
    for type_ in CATALOGUE.types:
        answer = CATALOGUE.message(type_).answer
        assert answer == "none" or answer.startswith("receipt") or answer in CATALOGUE.types
        assert CATALOGUE.message(type_).decided_by in (None, *CATALOGUE.types)


def test_what_is_cleared_for_unpublished_applications_carries_numbers_and_digests_only() -> None:
    cleared = {type_ for type_ in CATALOGUE.types if CATALOGUE.message(type_).clearance == "L3"}
    assert cleared == {"receipt", "pre.fastlane.push"}


def test_an_example_is_the_callers_own() -> None:
    CATALOGUE.example("cnipa.event")["payload"]["event_code"] = "x"
    assert CATALOGUE.example("cnipa.event")["payload"]["event_code"] == "一通"


def test_problems_say_where_and_what() -> None:
    payload = {"event_code": "乱", "issued_at": "2026-02-30", "doc_no": 3, "delivered_at": None}
    problems = {problem.pointer: problem for problem in CATALOGUE.validate("cnipa.event", "1.0", payload)}
    assert problems["/event_code"].expected.startswith("one of 受理, 缴费")
    assert problems["/issued_at"] == Problem("/issued_at", "a date YYYY-MM-DD", '"2026-02-30"')
    assert problems["/doc_no"] == Problem("/doc_no", "text", "3")
    assert problems["/delivered_at"] == Problem("/delivered_at", "text", "null")


def test_a_constant_that_is_required() -> None:
    payload = CATALOGUE.example("court.confirm.submit")["payload"]
    payload["declarations"]["no_ip_validity"] = False
    problems = CATALOGUE.validate("court.confirm.submit", "1.0", payload)
    assert problems == [Problem("/declarations/no_ip_validity", "the value true", "false")]


def test_deep_pointers_follow_rfc_6901() -> None:
    parties = [{"role": "原告", "name": "甲公司"}, {"role": "被告", "uscc": "91"}]
    payload = CATALOGUE.example("court.info.case")["payload"] | {"parties": parties}
    pointers = [problem.pointer for problem in CATALOGUE.validate("court.info.case", "1.0", payload)]
    assert pointers == ["/parties/1/name", "/parties/1/uscc"]
    assert CATALOGUE.validate_envelope(message() | {"a/b~c": 1})[0].pointer == "/a~1b~0c"


def test_a_body_full_of_mistakes_gives_a_short_answer() -> None:
    payload = CATALOGUE.example("station.intake")["payload"] | {"files": [{}] * 50_000}
    problems = CATALOGUE.validate("station.intake", "1.0", payload)
    assert len(problems) == MAX_PROBLEMS


def test_unknown_payload_fields_pass_unknown_envelope_fields_do_not() -> None:
    assert CATALOGUE.validate("pre.fastlane.ack", "1.7", {"accepted": True, "new": 1}) == []
    assert CATALOGUE.validate_envelope(message(extra=1)) == [Problem("/extra", "no such field", "1")]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"msg_id": "a.b"}, "/msg_id"),
        ({"sent_at": "2026-03-18T10:21:33"}, "/sent_at"),
        ({"sent_at": "2026-03-18 10:21:33Z"}, "/sent_at"),
        ({"sent_at": "0001-01-01T00:00:00+08:00"}, "/sent_at"),
        ({"sent_at": "2026-03-18T25:21:33Z"}, "/sent_at"),
        ({"version": "1"}, "/version"),
        ({"event_seq": -1}, "/event_seq"),
        ({"event_seq": 1.5}, "/event_seq"),
        ({"event_seq": True}, "/event_seq"),
        ({"payload": []}, "/payload"),
        ({"correlation": {"other": "x" * 129}}, "/correlation/other"),
        ({"correlation": {str(n): "x" for n in range(21)}}, "/correlation"),
        ({"correlation": {"application_no": "20261012345"}}, "/correlation/application_no"),
        ({"correlation": {"other": 5}}, "/correlation/other"),
        ({"attachments": [{"file_id": "f"}]}, "/attachments/0/media"),
    ],
)
def test_envelope_problems(changes: dict, pointer: str) -> None:
    assert pointer in [problem.pointer for problem in CATALOGUE.validate_envelope(message(**changes))]


@pytest.mark.parametrize("document", [None, [], "x", 5, {}])
def test_what_is_no_envelope_at_all(document: object) -> None:
    assert CATALOGUE.validate_envelope(document) != []


def test_version_and_type_and_correlation_are_checked() -> None:
    assert CATALOGUE.validate("nothing.here", "1.0", {})[0].pointer == "/type"
    assert CATALOGUE.validate_message(message(version="2.0")) == [Problem("/version", "version 1.x", '"2.0"')]
    assert CATALOGUE.validate_message(message(correlation={})) == [Problem("/correlation", "application_no", "nothing")]


def test_correlation_takes_the_first_name_that_is_there() -> None:
    result = CATALOGUE.example("court.confirm.result")
    assert CATALOGUE.correlation_key("court.confirm.result", result) == "TJ-2026-00042"
    del result["correlation"]["center_case_no"]
    assert CATALOGUE.correlation_key("court.confirm.result", result) == "（2026）粤73民特12号"
    proposal = CATALOGUE.example("joint.proposal") | {"correlation": {}}
    assert CATALOGUE.correlation_key("joint.proposal", proposal) == "4W123456"
    assert CATALOGUE.correlation_key("nothing.here", proposal) is None


def test_openapi_section_is_self_contained() -> None:
    section = CATALOGUE.openapi_webhooks()
    assert set(section) == DOMAIN_TYPES
    assert "$ref" not in json.dumps(section)
    content = section["cnipa.event"]["post"]["requestBody"]["content"]["application/json"]
    assert Draft202012Validator(content["schema"]).is_valid(content["example"])
    assert set(section["cnipa.event"]["post"]["responses"]) == {
        *("202", "400", "401", "403", "409", "413", "415", "422", "429", "503")
    }


def fields_of(schema: dict) -> set[str]:
    """Every name of a field in a schema, at whatever depth."""
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return set(schema.get("properties", {})).union(*(fields_of(one) for one in inner))


def test_every_field_has_a_name_in_chinese_and_none_is_left_over() -> None:
    named = {name for type_ in CATALOGUE.types for name in fields_of(dict(CATALOGUE.message(type_).schema))}
    named |= {name for type_ in CATALOGUE.types for name in CATALOGUE.message(type_).correlates_on}
    envelope = json.loads((files("webhooks.catalogue") / "envelope.json").read_text("utf-8"))
    named |= set(envelope["properties"]["correlation"]["properties"])
    assert set(words().fields) == named
    assert set(words().messages) == set(CATALOGUE.types)
    assert set(words().english) <= named
    assert (words().field("due_date", "en"), words().code("court.post", "en")) == ("Due date", "Court, post")
    assert (words().code("委派", "en"), words().code("示例", "en")) == ("Delegated before filing", "示例")


def choices(schema: dict) -> set[str]:
    """Every Chinese value that a schema offers, at whatever depth."""
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    own = {one for one in (*schema.get("enum", ()), schema.get("const")) if isinstance(one, str) and not one.isascii()}
    return own.union(*(choices(one) for one in inner))


def test_every_value_that_a_message_may_have_is_said_in_english_and_none_is_left_over() -> None:
    assert set(words().values) == {
        value for type_ in CATALOGUE.types for value in choices(dict(CATALOGUE.message(type_).schema))}


def test_the_page_of_messages_is_the_catalogue() -> None:
    found = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
    assert found == page(CATALOGUE, words()), "python -m webhooks.catalogue --page > docs/messages.md"
