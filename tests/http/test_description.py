"""The description tells the truth: every operation is in it, every status it documents happens, every answer fits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.app import create_app
from engine.config import Settings
from engine.domain.permissions import SCOPES
from engine.errors import Busy
from engine.http.api.operations import MAX_BODY, PREFIX
from tests.architecture.source import ROOT
from tests.http.caller import Caller, Office, read
from tests.http.described import EVERYTHING, VALID, Description, Operation, Request, describe, url

WRONG: tuple[Any, ...] = (
    None, 5, -1, 2**80, 0.5, True, "", "x", "x" * 5000, "P1D", "~", "PT99999999H", [], [None], [1, "a"], {}, {"": 1},
    {"a": {"b": [None]}}, {"x" * 300: 1}, "2026-13-45", "é" * 300)
WRONG_BODIES = (
    b"{", b"null", b"[]", b"5", b'"text"', b"NaN", b'{"variables": {"a": Infinity}}', b'{"a": 1, "a": 2}',
    b'{"variables": {"a": 1, "a": 2}}', b"\xff\xfe", b'{"reason": "\\ud800"}', b'{"reason": "\\u0000"}',
    b"[" * 100_000, b'{"variables":' + b'{"a":' * 90 + b"1" + b"}" * 91, b'{"variables": {"a": 1E999999999}}',
    b'{"variables": {"a": ' + b"9" * 5000 + b"}}")
WRONG_KEYS = ("~", "~1", "x~1", "1~99999999999999999999", "%00", "%F0%9F%92%A9", "a" * 3000, "..%2F..", "%FF", "x~-1",
              "'")
WRONG_QUERIES = ("", "x", "\0", "é" * 300, "WzFd", "W10=", "WyJ4Il0=", "eyJhIjogMX0=", "%", "' OR 1=1 --", "5" * 400)


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture(scope="module")
def described(office: Office) -> Description:
    return describe(office)


def test_every_route_is_described_and_nothing_else(office: Office, described: Description) -> None:
    routes = {(rule.rule.replace("<", "{").replace(">", "}"), method) for rule in office.app.url_map.iter_rules()
              if rule.rule.startswith(PREFIX) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    own = {(url(path), "GET") for path in ("/openapi.json", "/docs", "/docs.css")}
    assert routes - own == {(item.path, item.method) for item in described.operations().values()}
    assert described.operations().keys() == VALID.keys()


def test_the_document_is_well_formed(described: Description) -> None:
    document = described.document
    assert document["openapi"].startswith("3.1")
    assert {"cnipa.event", "pre.fastlane.push"} <= document["webhooks"].keys()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(document["paths"]):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    for operation in described.operations().values():
        scopes = {scope for one in operation.document["security"] for scope in one["bearer"]}
        assert scopes and scopes <= SCOPES.keys(), operation.name
        assert operation.document["summary"], operation.name


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


@pytest.mark.parametrize("name", sorted(VALID))
def test_every_documented_status_happens(name: str, office: Office, described: Description,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    operation = described.operations()[name]
    request = VALID[name](office)
    answers = [*refusals(operation, office), operation.ask(office.caller(EVERYTHING), request)]
    if 202 in operation.statuses:
        answers.append(later(operation, office, VALID[name](office), monkeypatch))
    if 409 in operation.statuses:
        answers.append(conflict(operation, office, request))
    if 503 in operation.statuses:
        answers.append(busy(operation, office, request, monkeypatch))
    assert [problem for answer in answers for problem in described.problems(operation, answer)] == []
    assert {answer.status_code for answer in answers} == operation.statuses - {429}


def test_who_asks_too_often_is_told_to_wait_as_documented(office: Office, described: Description) -> None:
    app = create_app(Settings(database_url="sqlite://", secret_key="only for tests", secure_cookies=False,
                              rate_api="3 per minute"), office.house.kapok)
    caller = Caller(app.test_client(), office.caller("supervisor").token)
    answers = [caller.get("/cases") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert all(429 in operation.statuses for operation in described.operations().values())
    assert described.problems(described.operations()["cases.search"], answers[-1]) == []


def refusals(operation: Operation, office: Office) -> Iterator[Any]:
    """Refused before the operation is looked at more closely: 401, 403, 404, and for bodies 400, 413, 415, 422."""
    caller, path = office.caller(EVERYTHING), operation.path.removeprefix(PREFIX).replace("{key}", "absent~1")
    yield operation.ask(office.nobody(), Request(path))
    yield operation.ask(office.caller(EVERYTHING, "none"), Request(path))
    yield operation.ask(caller, Request(path, {"unheard_of": "x"}))
    if operation.method == "POST":
        yield caller.post(path, data=b"{", content_type="application/json")
        yield caller.post(path, data=b" " * (MAX_BODY + 1), content_type="application/json")
        yield caller.post(path, data=b"{}", content_type="text/plain")
    if 404 in operation.statuses:
        yield operation.ask(caller, absent(operation, office, path))


def absent(operation: Operation, office: Office, path: str) -> Request:
    sent = dict(VALID[operation.name](office).sent)
    named = {name: "absent" for name in ("process_id", "user", "holder") if name in sent}
    return Request(path, {**sent, **named})


def conflict(operation: Operation, office: Office, request: Request) -> Any:
    """The idempotency key of another request."""
    caller = office.caller(EVERYTHING)
    assert caller.post("/signals", {"name": "other"}, key="taken").status_code == 200
    return operation.ask(caller, request, key="taken")


def later(operation: Operation, office: Office, request: Request, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Where two persons are needed."""
    runner = office.house.kapok.runner
    with monkeypatch.context() as patch:
        patch.setattr(runner, "parts", replace(runner.parts, two_persons=True))
        return operation.ask(office.caller(EVERYTHING), request)


def busy(operation: Operation, office: Office, request: Request, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*_: Any) -> Any:
        raise Busy(noun="case", key="x")

    caller = office.caller(EVERYTHING)
    for way in ("run", "register_file"):
        monkeypatch.setattr(office.house.kapok.runner, way, run)
    answer = operation.ask(caller, request)
    assert answer.headers["Retry-After"]
    return answer


@pytest.mark.parametrize("name", sorted(VALID))
def test_nonsense_is_answered_as_documented(name: str, office: Office, described: Description,
                                            rng: random.Random) -> None:
    operation, caller = described.operations()[name], office.caller(EVERYTHING)
    request = VALID[name](office)
    asked = [operation.ask(caller, Request(request.path, {**request.sent, field: value}))
             for field in request.sent for value in (WRONG if operation.method == "POST" else WRONG_QUERIES)]
    if operation.method == "POST":
        asked += [caller.post(request.path, data=body, content_type="application/json") for body in WRONG_BODIES]
        asked += [caller.post(request.path, some_json(rng, 4)) for _ in range(20)]
        asked += [caller.post(request.path, data=b"a=1", content_type="application/x-www-form-urlencoded"),
                  caller.post(request.path, data={"a": (wire_file(), "x.bpmn")}, content_type="multipart/form-data")]
    else:
        asked += [caller.get(request.path, cursor=value) for value in WRONG_QUERIES]
    if "{key}" in operation.path:
        path = operation.path.removeprefix(PREFIX)
        asked += [operation.ask(caller, Request(path.replace("{key}", key), request.sent)) for key in WRONG_KEYS]
    problems = [problem for answer in asked if answer.status_code != 404 or "{key}" not in operation.path
                for problem in described.problems(operation, answer)]
    assert problems == []
    assert max(answer.status_code for answer in asked) < 500


def wire_file() -> Any:
    return BytesIO(b"not a diagram")


def some_json(rng: random.Random, depth: int) -> Any:
    """Random JSON that often has names the API knows."""
    names = ("variables", "name", "key", "type", "worker", "reason", "resources", "content", "lock", "code", "values")
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(WRONG)
    if rng.random() < 0.3:
        return [some_json(rng, depth - 1) for _ in range(rng.randrange(3))]
    return {rng.choice(names): some_json(rng, depth - 1) for _ in range(rng.randrange(4))}


def test_the_page_asks_nothing_of_another_machine(office: Office) -> None:
    answer = office.nobody().get("/docs")
    text = answer.text
    assert answer.status_code == 200
    assert all(f"<code>{item.path}</code>" in text for item in describe(office).operations().values())
    assert "<script" not in text and "style=" not in text and 'src="' not in text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert office.nobody().get("/docs.css").content_type.startswith("text/css")


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("DELETE", "/cases", 405), ("GET", "/jobs/activate", 405), ("PUT", "/messages", 405)])
def test_what_is_not_there_is_a_problem_document(office: Office, method: str, path: str, status: int) -> None:
    answer = office.app.test_client().open(url(path), method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert read(answer)["status"] == status
    assert (status == 405) == ("Allow" in answer.headers)


def test_our_own_faults_tell_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any) -> Any:
        raise RuntimeError("a secret of the house")

    caller = office.caller("supervisor")
    monkeypatch.setattr(office.house.kapok.runner, "run", run)
    answer = caller.post("/signals", {"name": "x"})
    assert read(answer)["code"] == "internal_server_error"
    assert "secret of the house" not in answer.text


@pytest.mark.parametrize("page", ["api.md", "api.en.md"])
def test_the_handbook_names_every_scope_and_noun(page: str, described: Description) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    nouns = {"/" + tag["name"] for tag in described.document["tags"]}
    assert [name for name in (*SCOPES, *sorted(nouns)) if f"`{name}`" not in text] == []
