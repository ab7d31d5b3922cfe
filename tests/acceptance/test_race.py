"""Many hands on one case at the same moment: nobody is turned away who need not be."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from engine.domain.commands import Resource, task_key
from engine.store import schema as s
from tests.support.bpmn import assign, chain, end, multi, process, properties, start, user
from tests.support.person import Person, said
from tests.support.server import Server, Site

pytestmark = pytest.mark.process
HANDS = 8
EIGHT_OPINIONS = process(
    "panel", start("s", properties(role="applicant")),
    user("Opinion", assign(groups="examiner"), multi(f"=for i in 1..{HANDS} return i", "seat")),
    end("e"), chain("s", "Opinion", "e"))
EXAMINERS = [f"examiner{number}" for number in range(1, HANDS + 1)]


@pytest.fixture(scope="module")
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    accounts = ("applicant", *(f"{name}:examiner" for name in EXAMINERS))
    return Site(tmp_path_factory.mktemp("race"), database_url).prepare(
        Resource("panel.bpmn", EIGHT_OPINIONS), accounts=accounts)


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with site.serve() as running:
        yield running


@pytest.fixture(scope="module")
def applicant(server: Server) -> Person:
    return Person(server.url, "applicant").sign_in()


@pytest.fixture(scope="module")
def panel(server: Server) -> list[Person]:
    return [Person(server.url, name).sign_in() for name in EXAMINERS]


def tasks_of(site: Site, case: str) -> list[str]:
    return [task_key(case, row.wait) for row in site.rows(s.user_task, s.user_task.c.case_id == case)]


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers of requests that were sent at the same moment."""
    gate = threading.Barrier(len(calls))

    def wait_and(call: Callable[[], httpx.Response]) -> httpx.Response:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(wait_and, calls))


def test_eight_clients_complete_eight_parallel_tasks_of_one_case_at_once(
        site: Site, applicant: Person, panel: list[Person]) -> None:
    for _ in range(3):
        case = applicant.start("panel", {})
        tasks = tasks_of(site, case)
        answers = at_once(*(lambda who=who, task=task: who.complete(task, {})
                            for who, task in zip(panel, tasks, strict=True)))
        assert [answer.status_code for answer in answers] == [302] * HANDS, [said(answer) for answer in answers]
        done = site.rows(s.user_task, s.user_task.c.case_id == case)
        assert {row.state for row in done} == {"completed"}
        assert sorted(row.ended_by for row in done) == EXAMINERS
        assert site.rows(s.case, s.case.c.id == case)[0].state == "completed"
    assert site.broken() == []


def test_of_two_who_complete_the_same_task_one_succeeds_and_the_other_is_told_who_and_when(
        site: Site, applicant: Person, panel: list[Person]) -> None:
    case = applicant.start("panel", {})
    for task in tasks_of(site, case)[:5]:
        first, second = at_once(*(lambda who=who, task=task: who.complete(task, {}) for who in panel[:2]))
        assert sorted([first.status_code, second.status_code]) == [302, 409]
        winner, loser = (panel[0], second) if first.status_code == 302 else (panel[1], first)
        row = next(row for row in site.rows(s.user_task, s.user_task.c.case_id == case)
                   if task_key(case, row.wait) == task)
        assert row.ended_by == winner.name
        words = html.unescape(said(loser))
        assert winner.name in words
        assert row.ended_at.strftime("%M") in words
    refusals = [row for row in site.rows(s.audit, s.audit.c.chain == "system") if "task_completed" in row.entry]
    assert len(refusals) == 5
    assert site.broken() == []


def test_the_same_request_sent_twice_at_once_is_done_once(site: Site, applicant: Person, panel: list[Person]) -> None:
    """A double click carries one idempotency key: both are told that it is done, and it is done once."""
    case = applicant.start("panel", {})
    task = tasks_of(site, case)[0]
    answers = at_once(*(lambda: panel[0].complete(task, {}, key="one-click") for _ in range(2)))
    assert [answer.status_code for answer in answers] == [302, 302], [said(answer) for answer in answers]
    completed = site.rows(s.history, s.history.c.case_id == case, s.history.c.kind == "completed",
                          s.history.c.element == "Opinion")
    assert len(completed) == 1


def test_a_start_sent_twice_at_once_makes_one_case(site: Site, applicant: Person, tmp_path: Path) -> None:
    before = len(site.rows(s.case))
    answers = at_once(*(lambda: applicant.send("/start/panel", {}, "one-start") for _ in range(2)))
    assert [answer.status_code for answer in answers] == [302, 302], [said(answer) for answer in answers]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(site.rows(s.case)) == before + 1
