"""Background work: nothing blocks, nothing is lost, nothing is kept for ever."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine.clock import SystemClock
from engine.domain.actors import SYSTEM
from engine.domain.commands import (
    AddPartner,
    CompleteUserTask,
    FileRef,
    PartnerKey,
    ResolveIncident,
    SaveDraft,
    StartCase,
    task_key,
)
from engine.errors import Busy, NotFound
from engine.execution import Instance
from engine.services.runner import Runner
from engine.store import schema as s
from engine.workers.cleaner import Cleaner
from engine.workers.dispatcher import Dispatcher
from engine.workers.loop import Loop
from engine.workers.timers import ATTEMPTS
from tests.support.bpmn import boundary, catch, chain, end, process, properties, start, timer, user
from tests.support.house import ACTORS, MORNING, SUPERVISOR, House

TIMED = process("p", start("s"), catch("T", timer("=after", "duration")), end("e"), chain("s", "T", "e"))
PLAIN = process("q", start("s", properties(role="applicant")), user("A"),
                boundary("b", "A", timer("P9D"), interrupting=False), end("e"), end("f"),
                chain("s", "A", "e"), chain("b", "f"))


def poison(monkeypatch: pytest.MonkeyPatch, house: House, case: str) -> None:
    """Firing a timer of this case fails as a defect would."""
    real = Instance.fire
    victim = house.rows(s.timer, s.timer.c.case_id == case)[0]

    def fire(instance: Instance, wait: int, now: Any) -> Any:
        if instance.variables.get("poisoned"):
            raise ZeroDivisionError(f"defect in timer {victim.wait}")
        return real(instance, wait, now)

    monkeypatch.setattr(Instance, "fire", fire)


def test_a_poisoned_timer_blocks_nobody_and_becomes_an_incident(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(TIMED)
    bad = house.start("p", {"after": "PT1H", "poisoned": True})
    good = house.start("p", {"after": "PT2H"})
    with monkeypatch.context() as patch:
        poison(patch, house, bad)
        house.clock.advance(timedelta(hours=3))
        for _ in range(ATTEMPTS):
            house.settle()
            house.clock.advance(timedelta(minutes=5))
    assert (house.case(bad).state, house.case(good).state) == ("active", "completed")
    incident = house.rows(s.incident)[0]
    assert (incident.case_id, incident.element, incident.code) == (bad, "T", "timer_failed")
    house.settle()
    assert house.case(bad).state == "active", "a person must look first"
    house.run(ResolveIncident(task_key(bad, incident.incident)), SUPERVISOR)
    house.settle()
    assert house.case(bad).state == "completed"
    assert house.broken() == []


def stage(house: House, content: bytes, who: str = "applicant") -> FileRef:
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-" + content), "a.pdf", "application/pdf", ACTORS[who])
    return FileRef(staged.sha256, "a.pdf")


def test_the_cleaner_sweeps_what_nobody_needs(house: House) -> None:
    house.deploy(PLAIN)
    kept, lost = stage(house, b"kept"), stage(house, b"lost")
    case = str(house.run(StartCase("q", {}, (kept,)), ACTORS["applicant"], "key")["case_id"])
    task = house.task(case, "A")
    house.run(SaveDraft(task, {"x": 1}), SYSTEM)
    house.publish("nobody", "k")
    house.clock.advance(timedelta(days=2))
    fresh = stage(house, b"fresh")
    Cleaner(house.kapok.runner).poll()
    store = house.kapok.parts.files
    assert [store.holds(ref.sha256) for ref in (kept, lost, fresh)] == [True, False, True]
    assert len(house.rows(s.message)) == len(house.rows(s.draft)) == len(house.rows(s.command_log)) == 1
    with pytest.raises(NotFound):
        house.run(StartCase("q", {}, (lost,)), ACTORS["applicant"])
    house.run(CompleteUserTask(task))
    house.clock.advance(timedelta(days=40))
    Cleaner(house.kapok.runner).poll()
    assert house.rows(s.message) == house.rows(s.draft) == house.rows(s.command_log) == []
    assert len(house.rows(s.history)) > 3


def test_an_upload_that_was_swept_meanwhile_is_refused(house: House) -> None:
    ref = stage(house, b"again")
    house.kapok.parts.files.remove(ref.sha256)
    staged = house.kapok.files.store.put(b"%PDF-other", "b.pdf", "application/pdf")
    house.kapok.parts.files.remove(staged.sha256)
    with pytest.raises(Busy):
        house.kapok.runner.register_file(staged, ACTORS["applicant"])





class Endpoint:
    """What a partner answers, and what it was sent."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.seen: list[str] = []

    def __call__(self, _partner: Any) -> httpx.BaseTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            self.seen.append(request.headers["webhook-id"])
            return httpx.Response(self.status, stream=httpx.ByteStream(b""))
        return httpx.MockTransport(answer)


def outgoing(house: House, count: int) -> str:
    house.deploy(PLAIN)
    key = PartnerKey("k1", "hmac-sha256", "shared", "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
    house.run(AddPartner("court", "court", endpoint="https://court.example/in", keys=(key,)), ACTORS["admin"])
    cases = [house.start("q") for _ in range(count)]
    with house.kapok.database.writing() as connection:
        connection.execute(s.outbox.insert(), [
            {"id": f"entry-{place}", "case_id": case, "partner": "court", "position": 1, "type": "t", "body": "{}",
             "state": "pending", "attempts": 0, "next_at": MORNING, "created_at": MORNING}
            for place, case in enumerate(cases)])
    return cases[0]


def dispatcher(house: House, transport: Callable[[Any], httpx.BaseTransport]) -> Dispatcher:
    return Dispatcher(house.kapok.runner, house.kapok.database, house.clock, timedelta(seconds=1), transport)


def test_an_endpoint_that_is_down_is_left_alone_and_then_probed(house: House) -> None:
    outgoing(house, 8)
    down = Endpoint(503)
    sender = dispatcher(house, down)
    sender.poll()
    assert len(down.seen) == 5, "the fifth failure in a row opens the circuit"
    assert house.rows(s.partner)[0].circuit["state"] == "open"
    assert sorted(row.attempts for row in house.rows(s.outbox)) == [0, 0, 0, 1, 1, 1, 1, 1]
    sender.poll()
    assert len(down.seen) == 5
    house.clock.advance(timedelta(minutes=1))
    sender.poll()
    assert len(down.seen) == 6, "one probe, and it failed: the cool-down doubles"
    house.clock.advance(timedelta(minutes=1))
    sender.poll()
    assert len(down.seen) == 6


def test_a_partner_without_an_endpoint_costs_no_attempts(house: House) -> None:
    outgoing(house, 1)
    with house.kapok.database.writing() as connection:
        connection.execute(s.partner.update().values(endpoint=None))
    sender = dispatcher(house, Endpoint(200))
    sender.poll()
    assert house.rows(s.outbox)[0].attempts == 0


def test_a_report_that_fails_is_made_up_for_after_the_lease(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    outgoing(house, 1)
    hopeless = Endpoint(400)
    sender = dispatcher(house, hopeless)
    with monkeypatch.context() as patch:
        patch.setattr(Runner, "run", lambda *_: (_ for _ in ()).throw(Busy(noun="case", key="x")))
        sender.poll()
    assert house.rows(s.outbox)[0].state == "pending"
    house.clock.advance(timedelta(seconds=60))
    sender.poll()
    assert hopeless.seen == ["entry-0", "entry-0"]
    assert house.rows(s.outbox)[0].state == "dead"


def test_the_loop_ticks_again_after_a_failure_and_stops() -> None:

    done = threading.Event()

    class Twice:
        name = "twice"
        calls = 0

        def poll(self) -> timedelta:
            self.calls += 1
            if self.calls == 2:
                done.set()
            return timedelta(0)

    poller = Twice()
    loop = Loop([poller], SystemClock())
    loop.start()
    assert done.wait(10)
    loop.stop()
    calls = poller.calls
    assert calls >= 2
    assert poller.calls == calls
