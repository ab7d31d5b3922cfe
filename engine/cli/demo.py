"""The demo: accounts, a stand-in CNIPA as its own process, and sample cases. Everybody in it is plainly a sample."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from engine.app import Kapok
from engine.cli.output import model_files
from engine.config import DemoAccount, Settings
from engine.domain.actors import SHELL, Actor
from engine.domain.commands import AddPartner, AddUser, CompleteUserTask, Deploy, PartnerKey, Resource, StartCase
from engine.domain.permissions import ROLES
from engine.services.people.identity import hash_password
from engine.store import partners, queries, search, users
from webhooks.signature import HMAC_SHA256, generate_secret

PASSWORD = "kapok-demo"  # noqa: S105 - printed at every start of the demo
PARTNER = "cnipa"

ACCOUNTS = tuple(DemoAccount(role, PASSWORD, title) for role, title in (
    ("applicant", "备案主体（甲公司）"), ("intake", "受理岗"), ("classifier", "分类岗"), ("examiner", "预审员"),
    ("quality", "质检岗"), ("supervisor", "预审主管"), ("admin", "系统管理员")))


@dataclass(frozen=True, slots=True)
class StandIn:
    """The running partner: where it listens and its page."""

    url: str
    deliver_to: str


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
            yield StandIn(ready["ready"], ready["deliver_to"])
        finally:
            process.terminate()


def _secret(kapok: Kapok) -> str:
    with kapok.database.reading() as connection:
        keys = partners.keys(connection, PARTNER)
    return keys[0].secret if keys else generate_secret(HMAC_SHA256)


def load(kapok: Kapok, stand_in: StandIn, tell: Callable[[str], None]) -> None:
    """Accounts, partner, procedures and sample cases, as far as they are not there yet."""
    for account in ACCOUNTS:
        tell(account.title)
        _account(kapok, account)
    _partner(kapok, stand_in)
    tell("bpmn")
    kapok.run(Deploy(shipped_models()), SHELL)
    with kapok.database.reading() as connection:
        has_cases = bool(search.found(connection, SHELL, search.Wanted(), kapok.clock.now()))
    if not has_cases:
        samples(kapok, tell)


def _account(kapok: Kapok, account: DemoAccount) -> None:
    with kapok.database.reading() as connection:
        known = users.get(connection, account.name)
    if known is None:
        kapok.run(AddUser(account.name, account.title, (account.name,), hash_password(account.password)), SHELL)


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
        (PartnerKey("demo", HMAC_SHA256, "shared", _secret(kapok)),)), SHELL)


def shipped_models() -> tuple[Resource, ...]:
    """Everything in the package ``bpmn``, by paths inside it."""
    with as_file(files("bpmn")) as folder:
        root = Path(folder)
        return tuple(Resource(str(path.relative_to(root)), path.read_bytes()) for path in model_files((root,)))


def samples(kapok: Kapok, tell: Callable[[str], None]) -> None:
    """Sample pre-examinations that stand at different points."""
    for sample in json.loads(files("bpmn").joinpath("samples.json").read_text("utf-8")):
        tell(sample["title"])
        case_id = kapok.run(StartCase("pre_examination", sample["start"]), _actor("applicant"))["case_id"]
        for step in sample["steps"]:
            _take(kapok, case_id, step)


def _take(kapok: Kapok, case_id: str, step: Mapping[str, Any]) -> None:
    with kapok.database.reading() as connection:
        tasks = queries.tasks_of(connection, SHELL, case_id)
    task = next((item for item in tasks if item.element == step["complete"]), None)
    if task is not None:
        kapok.run(CompleteUserTask(f"{case_id}~{task.wait}", step.get("with", {})), _actor(task.assignee or step["as"]))


def _actor(name: str) -> Actor:
    return Actor(name, ROLES[name], frozenset({name}))


def welcome(settings: Settings) -> str:
    """What is printed when the demo is ready."""
    lines = ["", f"  木棉 Kapok 演示   http://127.0.0.1:{settings.port}", "",
             "  账号 Accounts                     密码 Password"]
    lines += [f"  {account.name:<12}{account.title:<18}{account.password}" for account in ACCOUNTS]
    lines += ["", "  先用 applicant 登录，点「新建」提交一件预审请求；再用 intake、examiner 等账号在「待办」里往下办。",
              "  Sign in as applicant, click 新建 (New) and submit a request; then go on as intake, examiner, …",
              f"  Ctrl-C 停止，数据保留在 {settings.folder}/。", ""]
    return "\n".join(lines)
