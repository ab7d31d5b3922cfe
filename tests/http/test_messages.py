"""Messages, signals, jobs and idempotency over the API."""

from datetime import timedelta

import pytest

from engine.http.api import jobs
from tests.http.caller import Office, read, refused

ACTIVATE = {"type": "parcel.ship", "worker": "w"}


def test_a_message_finds_its_case(office: Office) -> None:
    intake = office.caller("intake")
    key = read(intake.post("/cases", {"process_id": "letter", "variables": {"ref": "R1"}}))["case_id"]
    sent = {"name": "reply", "key": "R1", "variables": {"said": "yes"}, "message_id": "m1", "time_to_live": "PT1H"}
    assert read(intake.post("/messages", sent))["matched"] == 1
    assert read(intake.get(f"/cases/{key}"))["state"] == "completed"
    assert read(intake.post("/messages", sent))["duplicate"] is True


def test_a_message_waits_for_its_time_to_live(office: Office) -> None:
    intake = office.caller("intake")
    intake.post("/messages", {"name": "reply", "key": "R1", "time_to_live": "PT1H"})
    office.house.advance(hours=2)
    key = read(intake.post("/cases", {"process_id": "letter", "variables": {"ref": "R1"}}))["case_id"]
    assert read(intake.get(f"/cases/{key}"))["state"] == "active"


def test_a_signal_is_broadcast(office: Office) -> None:
    assert read(office.caller("supervisor").post("/signals", {"name": "holiday"}))["receivers"] == 0


def test_a_repeated_key_gives_the_first_answer(office: Office) -> None:
    intake = office.caller("intake")
    first = intake.post("/cases", {"process_id": "parcel"}, key="once")
    assert intake.post("/cases", {"process_id": "parcel"}, key="once").data == first.data
    assert len(read(intake.get("/cases"))["items"]) == 1
    refused(intake.post("/cases", {"process_id": "letter"}, key="once"), 409, "idempotency_conflict")


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(office: Office, key: str) -> None:
    answer = office.caller("intake").post("/cases", {"process_id": "parcel"}, key=key)
    assert refused(answer, 422, "invalid_input")["problems"][0]["field"] == "Idempotency-Key"


def test_activation_waits_without_holding_a_transaction(office: Office) -> None:
    worker = office.caller("worker")
    assert read(worker.post("/jobs/activate", {**ACTIVATE, "timeout": "PT2S"})) == {"jobs": []}
    assert sum(office.rests) == pytest.approx(2)
    assert max(office.rests) <= jobs.REST


def test_activation_ends_its_wait_when_a_job_comes(office: Office) -> None:
    worker = office.caller("worker")
    rested = office.app.extensions["kapok.api"].wait

    def rest(seconds: float) -> None:
        rested(seconds)
        if len(office.rests) == 3:
            office.house.start("parcel")

    office.rest_by(rest)
    assert len(read(worker.post("/jobs/activate", {**ACTIVATE, "timeout": "PT30S"}))["jobs"]) == 1
    assert len(office.rests) == 3


def test_only_some_requests_wait_at_once(office: Office) -> None:
    places = office.app.extensions["kapok.api"].places
    taken = 0
    while places.acquire(blocking=False):
        taken += 1
    assert read(office.caller("worker").post("/jobs/activate", {**ACTIVATE, "timeout": "PT30S"})) == {"jobs": []}
    assert (office.rests, taken) == ([], 4)


def test_a_repeated_activation_gives_the_same_jobs(office: Office) -> None:
    worker = office.caller("worker")
    office.caller("intake").post("/cases", {"process_id": "parcel"})
    first = worker.post("/jobs/activate", ACTIVATE, key="a")
    assert len(read(first)["jobs"]) == 1
    assert worker.post("/jobs/activate", ACTIVATE, key="a").data == first.data
    assert read(worker.post("/jobs/activate", ACTIVATE)) == {"jobs": []}


def test_a_lock_that_runs_out_gives_the_job_away_again(office: Office) -> None:
    worker = office.caller("worker")
    office.caller("intake").post("/cases", {"process_id": "parcel"})
    job = read(worker.post("/jobs/activate", {**ACTIVATE, "lock": "PT1M"}))["jobs"][0]
    worker.post(f"/jobs/{job['key']}/extend", {"lock": "PT5M"})
    office.house.clock.advance(timedelta(minutes=2))
    assert read(worker.post("/jobs/activate", ACTIVATE))["jobs"] == []
    worker.post(f"/jobs/{job['key']}/extend", {"lock": "PT0S"})
    assert read(worker.post("/jobs/activate", ACTIVATE))["jobs"][0]["key"] == job["key"]


def test_failing_backs_off_then_raises_an_incident(office: Office) -> None:
    worker = office.caller("worker")
    office.caller("intake").post("/cases", {"process_id": "parcel"})
    job = read(worker.post("/jobs/activate", ACTIVATE))["jobs"][0]
    failed = worker.post(f"/jobs/{job['key']}/fail", {"message": "no paper", "retries": 2, "back_off": "PT10M"})
    assert read(failed)["retries"] == 2
    assert read(worker.post("/jobs/activate", ACTIVATE))["jobs"] == []
    office.house.clock.advance(timedelta(minutes=11))
    assert read(worker.post("/jobs/activate", ACTIVATE))["jobs"][0]["retries"] == 2
    assert read(worker.post(f"/jobs/{job['key']}/fail", {"message": "no paper", "retries": 0}))["retries"] == 0
    assert "no paper" in read(office.caller("supervisor").get("/incidents"))["items"][0]["message"]


def test_a_job_throws_an_error_of_the_diagram(office: Office) -> None:
    worker, supervisor = office.caller("worker"), office.caller("supervisor")
    key = read(supervisor.post("/cases", {"process_id": "errand"}))["case_id"]
    office.house.complete(key, "look")
    job = read(worker.post("/jobs/activate", ACTIVATE))["jobs"][0]
    assert read(worker.post(f"/jobs/{job['key']}/error", {"code": "LOST"}))["state"] == "completed"
    assert "gone" in office.house.completed(key)


def test_who_may_not_work_does_not_wait(office: Office) -> None:
    answer = office.caller("intake").post("/jobs/activate", {**ACTIVATE, "timeout": "PT30S"})
    refused(answer, 403, "not_allowed")
    assert office.rests == []
