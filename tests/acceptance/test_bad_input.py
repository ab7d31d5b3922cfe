"""Bad input: a clear message that says what was expected, nothing changed, and an audit entry where a person or partner
tried something. Partners are in ``test_webhooks``, second completions in ``test_race``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.domain.actors import SHELL
from engine.domain.commands import CreateToken
from engine.services.people.identity import new_token
from engine.store import schema as s
from tests.support.bpmn import chain, end, node, process, script, start, task, user, zeebe
from tests.support.person import Person, said
from tests.support.server import Server, Site
from tests.support.shell import Shell

pytestmark = pytest.mark.process
GOOD = process("good", start("s"), user("Ask"), end("e"), chain("s", "Ask", "e"))
LIMIT = 1024 * 1024
Unchanged = Callable[..., None]


@dataclass(frozen=True)
class Place:
    site: Site
    server: Server
    token: str

    def deploy(self, content: bytes) -> httpx.Response:
        return httpx.post(f"{self.server.url}/api/v1/deployments", headers={"Authorization": f"Bearer {self.token}"},
                          files={"resources": ("bad.bpmn", content)}, trust_env=False, timeout=30)

    def state(self) -> tuple[Any, ...]:
        """Everything that bad input must leave alone."""
        tables = (s.process_definition, s.case, s.user_task, s.history, s.message, s.outbox, s.document, s.file,
                  s.timer)
        return tuple(len(self.site.rows(table)) for table in tables)

    def tried(self) -> list[tuple[str, str]]:
        """(who, action) of the audit entries about what was refused."""
        rows = self.site.rows(s.audit, s.audit.c.chain == "system")
        return [(row.actor, row.action) for row in rows if '"refused"' in row.entry]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bad")
    site = Site(folder, f"sqlite:///{folder / 'kapok.db'}")
    site.settings["max_upload"] = LIMIT
    site.prepare(accounts=("applicant", "examiner", "deployer", "classifier"))
    secret, digest = new_token()
    with site.house() as kapok:
        kapok.run(CreateToken("deployer", digest), SHELL)
    with site.serve() as server:
        yield Place(site, server, secret)


@pytest.fixture(scope="module")
def applicant(place: Place) -> Person:
    return Person(place.server.url, "applicant").sign_in()


@pytest.fixture
def unchanged(place: Place) -> Unchanged:
    """Called last, with whoever tried something: nothing has changed, and that they tried, no more, is on record."""
    before, told = place.state(), len(place.tried())

    def check(*who: str) -> None:
        assert place.state() == before
        assert [name for name, _ in place.tried()[told:]] == list(who)

    return check


# -- diagrams ---------------------------------------------------------------------------------------------------------

BAD_MODELS = {
    "malformed": (GOOD.replace(b"</bpmn:process>", b""), "bad.bpmn"),
    "doctype": (GOOD.replace(b"?>", b"?>\n<!DOCTYPE a [<!ENTITY b 'c'>]>", 1), "DOCTYPE"),
    "unknown element": (GOOD.replace(b"<bpmn:userTask", b"<bpmn:magicTask").replace(
        b"</bpmn:userTask", b"</bpmn:magicTask"), "magicTask"),
    "unknown zeebe element": (process("bad", start("s"), task("Odd", zeebe("spell", name="x")), end("e"),
                                      chain("s", "Odd", "e")), "Odd"),
    "FEEL that does not parse": (process("bad", start("s"), script("Sum", "=1 +* 2"), end("e"), chain("s", "Sum", "e")),
                                 "Sum"),
    "a script in another language": (process("bad", start("s"), node(
        "scriptTask", node("script", text="import os"), id="Py", scriptFormat="python"), end("e"),
        chain("s", "Py", "e")), "Py"),
    "a form that is not there": (process("bad", start("s"), user("Ask", zeebe("formDefinition", formId="nowhere")),
                                         end("e"), chain("s", "Ask", "e")), "Ask"),
}


@pytest.mark.parametrize(("model", "named"), BAD_MODELS.values(), ids=BAD_MODELS)
def test_a_diagram_that_cannot_be_run_is_refused_over_the_api(
        place: Place, unchanged: Unchanged, model: bytes, named: str) -> None:
    answer = place.deploy(model)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    body = answer.json()
    assert body["code"] == "deployment_refused"
    errors = [item for item in body["findings"] if item["severity"] == "error"]
    assert errors
    assert named in json.dumps(errors, ensure_ascii=False)
    assert all(item["message"] and item["file"] == "bad.bpmn" for item in errors)
    unchanged("deployer")


@pytest.mark.parametrize(("model", "named"), BAD_MODELS.values(), ids=BAD_MODELS)
def test_a_diagram_that_cannot_be_run_is_refused_on_the_command_line(
        tmp_path: Path, model: bytes, named: str) -> None:
    shell, path = Shell(tmp_path, {}), tmp_path / "bad.bpmn"
    path.write_bytes(model)
    for command in ("deploy", "lint"):
        result = shell.run(command, path, status=1)
        assert named in result.stdout + result.stderr
        assert "Traceback" not in result.stderr
    path.write_bytes(GOOD)
    assert shell.json("deploy", path)["unchanged"] == []


def test_a_deployment_without_a_token_or_right_is_refused(
        place: Place, unchanged: Unchanged) -> None:
    url = f"{place.server.url}/api/v1/deployments"
    nobody = httpx.post(url, files={"resources": ("good.bpmn", GOOD)}, trust_env=False)
    assert (nobody.status_code, nobody.headers["content-type"]) == (401, "application/problem+json")
    assert nobody.json()["detail"].startswith("Expected a bearer token")
    unchanged()


# -- forms ------------------------------------------------------------------------------------------------------------

REQUEST = {
    "applicant": {"name": "甲公司", "uscc": "91440101MA5XXXXXXX", "contact": "示例经办人", "phone": "020-00000000"},
    "title": "一种示例装置", "kind": "invention", "classification": "H04L 9/32", "request_type": "ordinary",
    "commitment": True, "screening": {"filings_12m": 1, "rd_staff": 2, "inventor_count": 3}}


def uploaded(applicant: Person, name: str, content: bytes) -> dict[str, Any]:
    answer = applicant.upload(name, content)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def request_form(applicant: Person) -> dict[str, Any]:
    """A request that would be taken as it is."""
    files = {name: [uploaded(applicant, f"{name}.pdf", f"%PDF-1.7 {name}".encode())]
             for name in ("claims", "description", "search_report")}
    return {**REQUEST, "files": files}


WRONG_VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "too long": ({"title": "长" * 61}, "最多填写 60 个字"),
    "too short": ({"title": "短"}, "至少填写 2 个字"),
    "missing": ({"title": ""}, "请填写此项"),
    "a number for a text": ({"title": 5}, "请填写文字"),
    "a text for a number": ({"screening": {"filings_12m": "many", "rd_staff": 2, "inventor_count": 3}}, "请填写数字"),
    "a number too large": (
        {"screening": {"filings_12m": 100001, "rd_staff": 2, "inventor_count": 3}}, "不能大于 100000"),
    "none of the options": ({"kind": "perpetuum mobile"}, "所选不在选项之内"),
    "a text for a check box": ({"commitment": "yes"}, "请勾选或不勾选"),
    "a field that the form does not have": ({"granted": True}, "表单没有这一项"),
    "a file that was never uploaded": ({"files": {"search_report": [{"sha256": "0" * 64, "name": "a.pdf"}]}}, ""),
}


@pytest.mark.parametrize(("changes", "words"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_form_values_that_do_not_fit_are_refused_field_by_field(
        applicant: Person, request_form: dict[str, Any], unchanged: Unchanged,
        changes: dict[str, Any], words: str) -> None:
    answer = applicant.send("/start/pre_examination", {**request_form, **changes})
    assert answer.status_code == 422, said(answer)
    assert words in said(answer)
    unchanged("applicant")


@pytest.mark.parametrize("text", ["[]", "{", '"text"', "{\"title\": NaN", "[" * 100_000])
def test_what_is_no_form_at_all_is_refused(
        applicant: Person, unchanged: Unchanged, request_form: dict[str, Any], text: str) -> None:
    answer = applicant.send("/start/pre_examination", text)
    assert answer.status_code == 422
    assert "收到的内容不是表单" in said(answer)
    unchanged("applicant")


# -- uploads ----------------------------------------------------------------------------------------------------------

WRONG_FILES = {
    "an unknown kind": ("a.exe", b"MZ\x90", 422, "PDF"),
    "a kind that lies about itself": ("a.pdf", b"MZ\x90", 422, "PDF"),
    "a page": ("a.html", b"<script>alert(1)</script>", 422, "PDF"),
    "a drawing with scripts": ("a.svg", b"<svg onload='alert(1)'/>", 422, "PDF"),
    "nothing in it": ("a.pdf", b"", 422, "a.pdf"),
    "over the limit": ("a.pdf", b"%PDF-" + b"x" * LIMIT, 422, "1 MB"),
    "far over the limit": ("a.pdf", b"%PDF-" + b"x" * (LIMIT + 128 * 1024), 413, "上限"),
    "many times the limit": ("a.pdf", b"%PDF-" + b"x" * (8 * LIMIT), 413, "上限"),
}


@pytest.mark.parametrize(("name", "content", "status", "words"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_an_upload_of_the_wrong_kind_or_size_is_refused(
        place: Place, applicant: Person, unchanged: Unchanged, name: str, content: bytes, status: int,
        words: str) -> None:
    kept = sorted((place.site.folder / "var" / "files").rglob("*"))
    answer = applicant.upload(name, content)
    assert answer.status_code == status, answer.text
    assert words in said(answer)
    assert sorted((place.site.folder / "var" / "files").rglob("*")) == kept
    unchanged("applicant")


# -- numbers and keys -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", [
    "/cases/YS-2026-FM-999999", "/cases/nonsense", "/cases/YS-2026-FM-999999/do/answer-1", "/tasks/nonsense",
    "/tasks/01~1", "/deadlines/01~1", "/files/" + "0" * 64])
def test_an_unknown_number_is_answered_in_words(applicant: Person, unchanged: Unchanged, path: str) -> None:
    answer = applicant.get(path)
    assert answer.status_code == 404
    assert "请核对编号" in said(answer)
    unchanged()


def test_an_unknown_number_over_the_api_is_a_problem_document(place: Place, unchanged: Unchanged) -> None:
    answer = httpx.get(f"{place.server.url}/api/v1/cases/YS-2026-FM-999999", trust_env=False,
                       headers={"Authorization": f"Bearer {place.token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "YS-2026-FM-999999" in answer.json()["detail"]
    unchanged()


def test_completing_a_task_that_is_not_there_is_refused(applicant: Person, unchanged: Unchanged) -> None:
    assert applicant.complete("01~1", {}).status_code == 404
    unchanged("applicant")


def test_a_case_that_is_not_ones_own_answers_like_none(
        place: Place, applicant: Person, request_form: dict[str, Any]) -> None:
    case = applicant.start("pre_examination", request_form)
    number = place.site.rows(s.case, s.case.c.id == case)[0].case_no
    stranger = Person(place.server.url, "classifier").sign_in()
    theirs, nothing = stranger.get(f"/cases/{number}"), stranger.get("/cases/YS-2026-FM-999999")
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    assert said(theirs).replace(number, "") == said(nothing).replace("YS-2026-FM-999999", "")


def test_a_second_completion_changes_nothing(
        place: Place, applicant: Person, request_form: dict[str, Any]) -> None:
    case = applicant.start("pre_examination", {**request_form, "title": "另一示例装置"})
    examiner = Person(place.server.url, "examiner").sign_in()
    task_key, = examiner.tasks(case).values()
    assert examiner.complete(task_key, {"outcome": "qualified", "opinion": "未发现缺陷。"}).status_code == 302
    before, told = place.state(), len(place.tried())
    again = examiner.complete(task_key, {"outcome": "defects", "opinion": "有缺陷。"})
    assert again.status_code == 409
    assert "examiner" in said(again)
    assert place.state() == before
    assert place.tried()[told:] == [("examiner", "CompleteUserTask")]


def test_the_trail_is_whole_after_all_this(place: Place) -> None:
    assert place.site.broken() == []
