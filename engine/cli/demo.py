"""The demo: accounts, a stand-in CNIPA as its own process, and sample cases. Everybody in it is plainly a sample."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import click

from engine.app import Kapok
from engine.cli.output import model_files
from engine.clock import VirtualClock
from engine.config import DemoAccount, Settings
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, AddUser, Deploy, PartnerKey, Resource
from engine.errors import KapokError
from engine.services.context import Parts
from engine.services.handlers import HANDLERS
from engine.services.people.identity import hash_password
from engine.services.runner import Runner
from engine.store import partners, search, users
from engine.store.database import Database
from engine.workbench.samples import play, read_samples
from webhooks.signature import HMAC_SHA256, generate_secret

PASSWORD = "kapok-demo"  # noqa: S105 - printed at every start of the demo
PARTNER = "cnipa"

ACCOUNTS = tuple(DemoAccount(role, PASSWORD, title) for role, title in (
    ("applicant", "备案主体、请求人（甲公司）"), ("party", "对方当事人（乙商行）"), ("intake", "受理岗"),
    ("classifier", "分类岗"), ("examiner", "预审员"), ("quality", "质检岗"), ("supervisor", "预审主管"),
    ("coordinator", "案件协调岗"),
    ("hearing_operator", "审理庭技术岗"), ("invalidation_panel", "复审无效合议组"), ("adjudicator", "行政裁决合议组"),
    ("technical_investigator", "技术调查官"), ("director", "裁决机关负责人"), ("mediator", "调解员"),
    ("committee", "调委会"), ("hr", "人事岗"), ("department_head", "部门负责人"), ("leadership", "中心领导"),
    ("host", "接收单位"), ("mentor", "导师"), ("specialist", "特派专员"), ("admin", "系统管理员"),
    ("security", "安全管理员"), ("auditor", "审计员"), ("designer", "流程设计员"), ("deployer", "发布员")))


@dataclass(frozen=True, slots=True)
class StandIn:
    """The running partner: where it listens and its page."""

    url: str
    deliver_to: str
    secret: str
    """What both sides sign with: the one of the last start, or a new one."""


@contextlib.contextmanager
def partner(kapok: Kapok) -> Iterator[StandIn]:
    """Run the stand-in CNIPA beside the demo, with the key it had at the last start."""
    secret = _secret(kapok)
    home = f"http://127.0.0.1:{kapok.settings.port}/webhooks/v1/{PARTNER}"
    arguments = [sys.executable, "-m", "webhooks.sandbox", "--kind", "cnipa", "--code", PARTNER, "--engine-url", home,
                 "--secret", secret, "--reply-after", "2"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(process.stdout.readline()) if process.stdout is not None else {}
            yield StandIn(ready["ready"], ready["deliver_to"], secret)
        finally:
            process.terminate()


def _secret(kapok: Kapok) -> str:
    with kapok.database.reading() as connection:
        keys = partners.keys(connection, PARTNER)
    return keys[0].secret if keys else generate_secret(HMAC_SHA256)


def load(kapok: Kapok, stand_in: StandIn, tell: Callable[[str], None]) -> None:
    """Accounts, partner, procedures and sample cases, as far as they are not there yet."""
    _accounts(kapok, tell)
    _partner(kapok, stand_in)
    tell("bpmn")
    kapok.run(Deploy(shipped_models()), SHELL)
    with kapok.database.reading() as connection:
        has_cases = bool(search.found(connection, SHELL, search.Wanted(), kapok.clock.now()))
    if not has_cases:
        for fault in samples(kapok, tell):
            click.echo(fault, err=True)


def _accounts(kapok: Kapok, tell: Callable[[str], None]) -> None:
    """Those that are missing; one password is one hash, which takes its time on purpose."""
    with kapok.database.reading() as connection:
        missing = [account for account in ACCOUNTS if users.get(connection, account.name) is None]
    hashed = hash_password(PASSWORD) if missing else ""
    for account in missing:
        tell(account.title)
        kapok.run(AddUser(account.name, account.title, (account.name,), hashed), SHELL)


def _partner(kapok: Kapok, stand_in: StandIn) -> None:
    with kapok.database.reading() as connection:
        known = partners.get(connection, PARTNER)
        keys = partners.keys(connection, PARTNER)
    if known is not None and keys:
        kapok.runner.move_partner(PARTNER, stand_in.deliver_to)
        return
    kapok.run(AddPartner(
        PARTNER, "cnipa", "国家知识产权局（演示替身）", stand_in.deliver_to, ("127.0.0.0/8",), True,
        ("cnipa.event", "pre.fastlane.ack", "receipt"),
        (PartnerKey("demo", HMAC_SHA256, "shared", stand_in.secret),)), SHELL)


def shipped_models() -> tuple[Resource, ...]:
    """Everything in the package ``bpmn``, by paths inside it."""
    with as_file(files("bpmn")) as folder:
        root = Path(folder)
        return tuple(Resource(str(path.relative_to(root)), path.read_bytes()) for path in model_files((root,)))


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The house as it looks at an earlier time: what the samples are played in."""

    database: Database
    runner: Runner
    parts: Parts


def samples(kapok: Kapok, tell: Callable[[str], None]) -> list[str]:
    """Sample cases of all procedures that stand at different points, begun days and weeks ago. Answers what went wrong:
    a sample that does not fit this day stands where it got to."""
    faults = []

    def earlier(clock: VirtualClock) -> _Earlier:
        return _Earlier(kapok.database, Runner(kapok.database, clock, kapok.parts, HANDLERS), kapok.parts)

    for sample in read_samples(files("bpmn").joinpath("samples.yaml").read_bytes()):
        tell(f"{sample.name}：{sample.about}")
        try:
            play(sample, earlier, kapok.clock.now())
        except KapokError as error:
            faults.append(f"{sample.name}: {error.message}")
    return faults


def welcome(settings: Settings) -> str:
    """What is printed when the demo is ready."""
    lines = ["", f"  木棉 Kapok 演示   http://127.0.0.1:{settings.port}", "",
             f"  {'账号 Accounts':<23}{'　' * 16}密码 Password"]
    lines += [f"  {account.name:<25}{account.title.ljust(16, '　')}{account.password}" for account in ACCOUNTS]
    lines += ["", "  先用 applicant 登录，点「新建」提交一件预审请求；再用 intake、examiner 等账号在「待办」里往下办。",
              "  Sign in as applicant, click 新建 (New) and submit a request; then go on as intake, examiner, …",
              f"  Ctrl-C 停止，数据保留在 {settings.folder}/。", ""]
    return "\n".join(lines)
