"""A whole mediation handoff with a court, over real HTTP, while both sides die by ``kill -9`` at random points.

The court (the sandbox partner, its own process with its journal) delegates a dispute; the centre answers, mediates,
reports the result and applies for judicial confirmation; the court accepts, then confirms. Whatever was acknowledged on
either side is there at the end, and nothing was applied twice. Few kills in ``make test``, many in ``make prove``.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.cli.demo import shipped_models
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, CreateToken, PartnerKey, task_key
from engine.services.people.identity import new_token
from engine.store import schema as s
from tests.support.partner import Partner
from tests.support.server import MORNING, Site, VirtualServer, environment
from webhooks.signature import HMAC_SHA256, generate_secret

pytestmark = pytest.mark.process
COURT = "court.4401.73"
LETTER = "（2026）粤0106民诉前调4821号"
PEOPLE = ("intake", "mediator1:mediator", "committee1:committee", "committee2:committee")
DELEGATION: dict[str, Any] = {
    "stage": "委派", "cause": "侵害发明专利权纠纷", "procedure": None, "claim_amount": "80000.00", "deadline_days": 30,
    "parties": [{"role": "原告", "kind": "法人", "name": "甲公司"},
                {"role": "被告", "kind": "个体工商户", "name": "乙商行"}],
    "right": {"type": "发明", "no": "ZL202010123456.7"}, "delegated_at": "2026-03-02",
    "contact": {"unit": "立案庭", "phone": "020-00000000"}}
STORY: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("M01c_CourtNumber", "intake", {"external_case_no": LETTER, "letter_checked": True}),
    ("M03_Confirm", "intake", {"mediation_org": "示例知识产权纠纷人民调解委员会", "outcome": "accept"}),
    ("mediation.consent", "intake", {"contact": "示例联系人", "online_consent": True}),
    ("M06b_Confirm", "intake", {"track_choice": "adopt"}),
    ("M07s_AssignQuick", "intake", {"mediator": "mediator1"}),
    ("M09_Inform", "mediator1", {"informed": ["rights", "rules", "effect", "fraud", "secrecy"], "helpers": [],
                                 "service_address": "广东省示例市示例路1号"}),
    ("M14_Sessions", "mediator1", {"mode": "online", "result": "agreement", "session_note": "示例笔录"}),
    ("M16_Draft", "committee1", {"terms": "停止侵权并支付六万元", "performance_on": "2026-04-01", "definite": True,
                                 "enforceable_wording": True}),
    ("M17_Sign", "intake", {"signed_by": "甲公司", "sign_method": "electronic"}),
    ("M17_Sign", "intake", {"signed_by": "乙商行", "sign_method": "electronic"}),
    ("M17m_MediatorSign", "mediator1", {"mediator_signed": True}),
    ("M17s_Seal", "committee2", {"sealed": True}),
    ("M18c_Choose", "committee1", {"route": "judicial"}),
    ("M20_Apply", "mediator1", {"both_apply": True, "court_city": "广州"}))
SENT = ["court.confirm.submit", "court.mediation.answer", "court.mediation.result"]
RECEIVED = ["court.confirm.result", "court.confirm.result", "court.mediation.delegate"]


@dataclass
class Stage:
    """The centre and the court, each its own process that may die at any moment, and is then started again."""

    site: Site
    court: Partner
    tokens: Mapping[str, str]
    centre: VirtualServer | None = None
    now: datetime = MORNING
    kills: Counter[str] = field(default_factory=Counter)
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Nobody is started while it still dies."""

    def start_centre(self) -> None:
        at = self.now.isoformat()
        server = VirtualServer("", [[sys.executable, "-m", "tests.support.server", at]],
                               environment(self.site.settings), self.site.folder / "server.log")
        self.centre = server
        server.start().ready()

    def kill(self, victim: str) -> None:
        self.kills[victim] += 1
        with self.turn:
            if victim == "court":
                self.court.kill()
            elif self.centre is not None:
                self.centre.kill()

    def revive(self) -> None:
        """Start again what is dead."""
        with self.turn:
            if self.centre is None or not self.centre.processes:
                self.start_centre()
            if not self.court.running:
                self.court.start()
                self.court.configure(now=self.now)

    def until(self, there: Callable[[], Any], what: str) -> Any:
        """Wait for something that both sides bring about; now and then a minute passes, for those who retry."""
        for attempt in range(400):
            found = there()
            if found:
                return found
            self.revive()
            if attempt % 10 == 9:
                self._pass_a_minute()
            _PAUSE.wait(0.1)
        raise AssertionError(f"Expected {what}; see {self.site.folder / 'server.log'} and {self.court.log()}")

    def _pass_a_minute(self) -> None:
        self.now += timedelta(minutes=1)
        with contextlib.suppress(AssertionError, OSError, ValueError):  # killed meanwhile: revived with this time
            assert self.centre is not None
            self.centre.move_to(self.now)
        with contextlib.suppress(httpx.TransportError):
            self.court.configure(now=self.now)

    def post(self, who: str, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """One request, asked again under its key until somebody answers."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": key}
        for _ in range(20):
            try:
                answer = httpx.post(f"http://127.0.0.1:{self.site.port}/api/v1{path}", json=dict(body), headers=headers,
                                    timeout=20, trust_env=False)
            except httpx.TransportError:
                self.revive()
                continue
            assert answer.is_success, (path, answer.status_code, answer.text)
            return dict(answer.json())
        raise AssertionError(f"Expected an answer to {path}")


_PAUSE = threading.Event()


@pytest.fixture
def stage(fresh_database_url: str, tmp_path: Path) -> Iterator[Stage]:
    site = Site(tmp_path, fresh_database_url, MORNING)
    secret, tokens = generate_secret(), {}
    url = f"http://127.0.0.1:{site.port}/webhooks/v1/{COURT}"
    court = Partner("court", engine_url=url, secret=secret, journal=tmp_path / "court",
                    options=["--retry-after", "0.2", "--now", MORNING.isoformat()])
    with court:
        site.prepare(*(model for model in shipped_models() if model.name.startswith("mediation_handoff/")),
                     accounts=PEOPLE)
        with site.house() as kapok:
            kapok.run(AddPartner(COURT, "court", COURT, court.deliver_to, ("127.0.0.0/8",), True,
                                 tuple(set(RECEIVED)), (PartnerKey("k1", HMAC_SHA256, "shared", secret),)), SHELL)
            for name in (person.partition(":")[0] for person in PEOPLE):
                tokens[name], digest = new_token()
                kapok.run(CreateToken(name, digest), SHELL)
        found = Stage(site, court, tokens)
        try:
            found.start_centre()
            yield found
        finally:
            found.kill("centre")


def play(stage: Stage, blows: Mapping[int, tuple[str, float]]) -> str:
    """The whole story; before some of its scenes a blow is prepared that falls after so many seconds."""
    stage.court.send("court.mediation.delegate", DELEGATION, {"external_case_no": LETTER})
    case = stage.until(lambda: stage.site.rows(s.case, s.case.c.process_id == "mediation_handoff"), "a case")[0].id
    done: set[str] = set()
    for number, (name, who, values) in enumerate(STORY):
        with blow(stage, *blows.get(number, ("", 0.0))):
            scene(stage, case, number, name, who, values, done)
    with blow(stage, *blows.get(len(STORY), ("", 0.0))):
        stage.until(lambda: stage.site.rows(s.case, s.case.c.id == case)[0].state == "completed", "the end of the case")
    return str(case)


def scene(stage: Stage, case: str, number: int, name: str, who: str, values: Mapping[str, Any], done: set[str]) -> None:
    if name == "mediation.consent":
        row = stage.until(lambda: stage.site.rows(s.subscription, s.subscription.c.case_id == case,
                                                  s.subscription.c.name == name), name)[0]
        stage.post(who, "/messages", {"name": name, "key": row.key, "variables": values, "message_id": "consent-1"},
                   f"scene-{number}")
        return

    def open_task() -> str | None:
        rows = stage.site.rows(s.user_task, s.user_task.c.element == name, s.user_task.c.state == "open")
        return next((key for row in rows if (key := task_key(row.case_id, row.wait)) not in done), None)

    task = stage.until(open_task, name)
    stage.post(who, f"/user-tasks/{task}/complete", {"variables": values}, f"scene-{number}")
    done.add(task)


@contextlib.contextmanager
def blow(stage: Stage, victim: str, seconds: float) -> Iterator[None]:
    """``kill -9`` of a victim while the block is under way, or right after it."""
    if not victim:
        yield
        return
    timer = threading.Timer(seconds, stage.kill, (victim,))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        stage.revive()


def test_a_handoff_survives_the_death_of_either_side(
        stage: Stage, rng: random.Random, scale: Callable[[int, int], int]) -> None:
    each = scale(1 if "postgresql" in stage.site.database_url else 2, 7)
    scenes = rng.sample(range(len(STORY) + 1), 2 * each)
    victims = ["court", "centre"] * each
    blows = {number: (victim, rng.uniform(0, 0.4)) for number, victim in zip(scenes, victims, strict=True)}
    case = play(stage, blows)
    stage.until(lambda: {row.state for row in stage.site.rows(s.outbox)} == {"delivered"}, "everything delivered")
    assert stage.kills == {"court": each, "centre": each}
    nothing_is_lost(stage, case)
    nothing_is_there_twice(stage, case)
    assert stage.site.broken() == []


def nothing_is_lost(stage: Stage, case: str) -> None:
    """What each side acknowledged the other has, byte for byte."""
    outbox, inbound = stage.site.rows(s.outbox), stage.site.rows(s.inbound)
    assert sorted(row.type for row in outbox) == SENT
    assert sorted(row.type for row in inbound) == RECEIVED
    received = {entry["msg_id"]: entry["envelope"] for entry in stage.court.log("received")}
    assert received == {row.id: json.loads(row.body) for row in outbox}
    sent = {entry["msg_id"] for entry in stage.court.log("sent") if entry["outcome"] == "delivered"}
    assert sent == {row.message_id for row in inbound}
    assert {(row.status, row.case_id) for row in inbound} == {("accepted", case)}
    assert all(row.receipt["msg_id"] == row.id for row in outbox)


def nothing_is_there_twice(stage: Stage, case: str) -> None:
    """One case, each message received and applied once, each task done once, at the end that the story has."""
    assert [row.id for row in stage.site.rows(s.case)] == [case]
    ids = [entry["msg_id"] for entry in stage.court.log("received")]
    assert sorted(ids) == sorted(set(ids))
    told = stage.site.rows(s.history, s.history.c.case_id == case)
    assert [row.seq for row in told] == list(range(1, len(told) + 1))
    done = Counter(row.element for row in told if row.kind == "completed" and row.type == "userTask")
    assert done == Counter(name for name, _, _ in STORY if name.startswith("M"))
    assert [row.element for row in told if row.kind == "completed" and row.element.startswith("EE_")] == ["EE_S2"]
    tasks = stage.site.rows(s.user_task, s.user_task.c.case_id == case)
    assert Counter(row.state for row in tasks) == {"completed": sum(done.values())}
    assert all(not row.pending for row in stage.site.rows(s.correlation))
