"""The job workers' client: over real HTTP against the service, and against a server that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import waitress

from engine.client import ApiError, BpmnError, Client, Job
from tests.http.caller import Office, read
from tests.support.waiting import wait_until

Answer = Callable[[httpx.Request], httpx.Response]
JOB = {"key": "c~1", "type": "t", "case": "c", "process": "p", "element": "e", "headers": {}, "variables": {},
       "retries": 3, "locked_until": "2026-03-02T01:05:00+00:00"}


@pytest.fixture
def served(office: Office) -> Iterator[str]:
    """The office behind a real server on a free port."""
    server = waitress.create_server(office.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


def test_a_worker_does_jobs_until_it_is_stopped(office: Office, served: str) -> None:
    office.caller("worker")
    cases = [office.house.start("parcel", {"weight": Decimal("0.1"), "number": number}) for number in range(3)]
    stop, seen = threading.Event(), []

    def ship(job: Job) -> dict[str, Any]:
        seen.append(job)
        if len(seen) == 3:
            stop.set()
        return {"doubled": job.variables["weight"] * 2}

    with Client(served, office.token("worker"), worker="w1") as client:
        client.work("parcel.ship", ship, stop, max=2, timeout=0)
    assert [office.house.case(case).state for case in cases] == ["completed"] * 3
    assert {(job.type, job.variables["weight"]) for job in seen} == {("parcel.ship", Decimal("0.1"))}


def test_handlers_fail_and_throw(office: Office, served: str) -> None:
    office.caller("worker")
    case = office.house.start("errand")
    office.house.complete(case, "look")
    answers: Iterator[Exception] = iter((ValueError("no paper"), BpmnError("LOST", {"where": "海关"})))
    stop = threading.Event()

    def ship(job: Job) -> None:
        error = next(answers)
        if isinstance(error, BpmnError):
            stop.set()
        raise error

    with Client(served, office.token("worker")) as client:
        client.work("parcel.ship", ship, stop, timeout=0, back_off=0)
    assert office.house.case(case).state == "completed"
    assert "gone" in office.house.completed(case)


def test_a_stopped_worker_gives_back_what_it_has_not_begun(office: Office, served: str) -> None:
    office.caller("worker")
    for _ in range(2):
        office.house.start("parcel")
    stop = threading.Event()

    with Client(served, office.token("worker")) as client:
        client.work("parcel.ship", lambda job: stop.set(), stop, max=2, timeout=0)
        assert len(client.activate("parcel.ship", max=2)) == 1


def test_a_refusal_names_status_and_code(office: Office, served: str) -> None:
    with Client(served, "kpk_guessed") as client, pytest.raises(ApiError) as refused:
        client.activate("parcel.ship")
    assert (refused.value.status, refused.value.code) == (401, "not_authenticated")


def fake(answer: Answer, rests: list[float]) -> Client:
    return Client("http://kapok.test", "t", worker="w", transport=httpx.MockTransport(answer), wait=rests.append)


def test_a_lost_answer_is_asked_for_again_under_the_same_key() -> None:
    keys: list[str] = []
    rests: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ReadTimeout("lost")
        return httpx.Response(503 if len(keys) == 2 else 200, json={"case_id": "c", "state": "active"})

    fake(answer, rests).complete(Job(**JOB), {"a": Decimal("0.10"), "b": [1, None, "x"]})
    assert keys == ["complete:c~1:2026-03-02T01:05:00+00:00"] * 3
    assert 0 < rests[0] <= 0.5 < 2 * rests[1] <= 2


def test_numbers_are_sent_exactly() -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(200, content=b'{"jobs":[]}')

    client = fake(answer, [])
    client.complete(Job(**JOB), {"a": Decimal("0.10"), "n": 2**70, "t": "木\"棉", "l": [Decimal("1E+400")]})
    assert b'"a":0.10' in sent[0] and b"1180591620717411303424" in sent[0] and b"1E+400" in sent[0]
    with pytest.raises(ValueError, match="finite"):
        client.complete(Job(**JOB), {"a": Decimal("NaN")})
    with pytest.raises(ValueError, match="JSON compliant"):
        client.complete(Job(**JOB), {"a": float("inf")})


def test_durations_are_iso() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content.decode())
        return httpx.Response(200, json={"jobs": []})

    fake(answer, []).activate("t", timeout=1.5, lock=86400)
    assert '"timeout":"PT1.5S"' in sent[0].replace(" ", "") and '"lock":"PT86400S"' in sent[0].replace(" ", "")


def test_a_server_that_stays_away_is_an_error_after_some_attempts() -> None:
    rests: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(httpx.ConnectError):
        fake(answer, rests).fail(Job(**JOB), "m")
    assert len(rests) == 4


@pytest.mark.parametrize("status", [404, 409, 503])
def test_a_job_that_is_gone_does_not_end_the_worker(status: int) -> None:
    stop, given = threading.Event(), iter([[JOB], [JOB]])
    done: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/activate"):
            return httpx.Response(200, json={"jobs": next(given)})
        return httpx.Response(status, json={"code": "not_found", "detail": "gone"})

    def handler(job: Job) -> None:
        done.append(job.key)
        if len(done) == 2:
            stop.set()

    fake(answer, []).work("t", handler, stop)
    assert done == ["c~1", "c~1"]


def test_a_refusal_for_good_ends_the_worker() -> None:
    with pytest.raises(ApiError, match="403"):
        fake(lambda request: httpx.Response(403, text="<html>proxy</html>"), []).work("t", lambda job: None)


def test_a_worker_waits_for_work(office: Office, served: str) -> None:
    """The long poll of a real request ends when a case arrives."""
    office.caller("worker")
    came = threading.Event()
    office.rest_by(lambda seconds: came.wait(seconds))
    found: list[Job] = []
    token = office.token("worker")

    def fetch() -> None:
        with Client(served, token) as client:
            found.extend(client.activate("parcel.ship", timeout=20))

    thread = threading.Thread(target=fetch)
    thread.start()
    case = office.house.start("parcel")
    came.set()
    wait_until(lambda: found, what="the job")
    thread.join(5)
    assert [job.case for job in found] == [case]
    assert read(office.caller("worker").post("/jobs/activate", {"type": "parcel.ship", "worker": "w"})) == {"jobs": []}
