"""Every address of the screens and every operation of the API on somebody else's case: no leak, no fault, and the same
answer as for a case that does not exist.

Roles only ever add to what one sees and may do, so somebody who has all of them is asked everywhere: a route that
forgets to ask who looks is found so. Each role by itself goes round a part of the addresses that differs from role to
role, and with ``--prove`` round all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.domain.actors import SHELL
from engine.domain.commands import AddUser
from engine.domain.permissions import PARTIES, ROLES
from engine.http.api.operations import PREFIX
from engine.store import schema as s
from tests.http.caller import Caller, Office
from tests.http.described import VALID, Request, describe
from tests.support import bpmn

TITLE, PARTY, NUMBER = "九号密方的制备方法", "不可见甲公司", "YS-2026-FM-000777"
FILE, ABSENT, ABSENT_NO = "e" * 64, "00000000-0000-7000-8000-000000000000", "YS-2026-FM-999999"
SECRET = bpmn.process(
    "secret", bpmn.start(), bpmn.parallel("both"), bpmn.user("look", bpmn.assign(groups="nobody")),
    bpmn.boundary("late", "look", bpmn.timer('=deadline("dl.pre.correct")', "date")), bpmn.xor("way"), bpmn.end(),
    bpmn.end("over"), bpmn.end("a"), bpmn.end("b"), bpmn.chain("start", "both", "look", "end"),
    bpmn.chain("late", "over"), bpmn.flow("both", "way"), bpmn.flow("way", "a", "=amount > 9"),
    bpmn.flow("way", "b", "=amount < 0"))
NOTHING = Request("")
Scale = Callable[[int, int], int]
STRANGERS = sorted({*ROLES, "worker"} - {"auditor"})
EVERYBODY = "everybody"
ROUND = 8
"""A role by itself asks for one address in so many."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Secret:
    """Somebody else's case, registered in another unit."""

    id: str
    waits: tuple[int, ...]


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture(scope="module")
def secret(office: Office) -> Secret:
    house = office.house
    house.deploy(("secret.bpmn", SECRET))
    key = house.start("secret", {"title": TITLE, "applicant": {"name": PARTY}, "amount": 1})
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().where(s.case.c.id == key).values(unit="u2", case_no=NUMBER))
        connection.execute(s.file.insert(), {"sha256": FILE, "size": 1, "media": "text/plain", "staged_by": "x",
                                             "staged_at": house.clock.now()})
        connection.execute(s.document.insert(), {
            "case_id": key, "id": "d", "category": "document", "title": TITLE, "name": f"{TITLE}.docx", "role": "",
            "sha256": FILE, "added_by": "x", "added_at": house.clock.now()})
    waits = {row.wait for table in (s.user_task, s.deadline) for row in house.rows(table, table.c.case_id == key)}
    return Secret(key, (*sorted(waits), 1))


def account(office: Office, role: str) -> None:
    """An account with this role in another unit than the case's."""
    if not office.house.rows(s.user, s.user.c.id == role):
        office.house.run(AddUser(role, role, (role,) if role != EVERYBODY else (), "!"), SHELL)
    roles = {"roles": sorted(set(STRANGERS) - PARTIES)} if role == EVERYBODY else {}  # nobody may be given so many
    with office.house.kapok.database.writing() as connection:
        connection.execute(s.user.update().where(s.user.c.id == role).values(unit="u1", **roles))
        if not connection.execute(s.user_identity.select().where(s.user_identity.c.user == role)).first():
            connection.execute(s.user_identity.insert(), {
                "issuer": "test", "subject": role, "user": role, "linked_at": office.house.clock.now()})


def browser(office: Office, role: str) -> FlaskClient:
    account(office, role)
    client = office.app.test_client()
    session = office.house.kapok.identity.sign_in_as("test", role)
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = session.secret, True
    return client


def addresses(rule: Rule, case: str, number: str, waits: tuple[int, ...]) -> Iterator[str]:
    """The address of a rule with the ways of naming the case, or something in it, in its places."""
    names = {"number": (case, number), "sha256": (FILE if case != ABSENT else "d" * 64,)}
    keyed = re.search(r"<(?:[^:>]*:)?(key|number|sha256)>", rule.rule)
    keys = names.get(keyed[1], (f"{case}~{waits[0]}",)) if keyed else ("x",)
    pattern = re.sub(r"<(?:[^:>]*:)?(?!key|number|sha256)[^>]+>", "x", rule.rule)
    for key in keys:
        yield re.sub(r"<[^>]+>", key, pattern)


def rules(office: Office, method: str) -> list[Rule]:
    return [rule for rule in office.app.url_map.iter_rules() if method in (rule.methods or ())
            and rule.endpoint.startswith("ui.") and rule.endpoint not in ("ui.static", "ui.sign_out")]


def leaks(answer: TestResponse, *known: str) -> list[str]:
    """What of the case is in an answer beside what the question held."""
    return [word for word in (TITLE, PARTY, NUMBER) if word not in known and word in answer.text]


def part(role: str, items: Iterable[Any], scale: Scale) -> list[Any]:
    """What a role goes round: a part that another role does not, or everything."""
    every = 1 if role == EVERYBODY else scale(ROUND, 1)
    first = (*STRANGERS, EVERYBODY).index(role)
    return [item for place, item in enumerate(items) if (place + first) % every == 0]


@pytest.mark.parametrize("role", [EVERYBODY, *STRANGERS])
def test_no_page_shows_a_stranger_the_case(office: Office, secret: Secret, role: str, scale: Scale) -> None:
    client = browser(office, role)
    found = _TOKEN.findall(client.get("/").text)
    wrong = []
    for method in ("GET", "POST"):
        for rule in part(role, rules(office, method), scale):
            pairs = zip(addresses(rule, secret.id, NUMBER, secret.waits),
                        addresses(rule, ABSENT, ABSENT_NO, secret.waits), strict=True)
            for there, absent in pairs:
                sent: dict[str, Any] = {"data": {"csrf_token": found[0], "q": "密方"}} if method == "POST" else {}
                here = client.open(there, method=method, **sent)
                nowhere = client.open(absent, method=method, **sent) if "<" in rule.rule else here
                if leaks(here, there.rsplit("/", 1)[-1] and NUMBER if NUMBER in there else "") \
                        or here.status_code >= 500 or here.status_code != nowhere.status_code:
                    wrong.append((method, there, here.status_code, nowhere.status_code))
    assert wrong == []
    assert TITLE not in client.get("/cases?q=" + TITLE[:4]).text.replace(TITLE[:4] + '"', "")


def test_the_auditor_is_shown_it(office: Office, secret: Secret) -> None:
    assert TITLE in browser(office, "auditor").get(f"/cases/{NUMBER}").text


@pytest.fixture(scope="module")
def operations(office: Office) -> Mapping[str, Any]:
    return describe(office).operations()


@pytest.fixture(scope="module")
def bodies(office: Office) -> dict[str, Request]:
    """A valid request for each operation, made by somebody who may."""
    return {name: VALID[name](office) for name in VALID}


@pytest.mark.parametrize("role", [EVERYBODY, *STRANGERS])
def test_no_operation_tells_a_stranger_of_the_case(office: Office, secret: Secret, operations: Mapping[str, Any],
                                                   bodies: dict[str, Request], role: str, scale: Scale) -> None:
    account(office, role)
    caller = Caller(office.app.test_client(), office.token(role))
    wrong = []
    for name, operation in part(role, operations.items(), scale):
        path = operation.path.removeprefix(PREFIX)
        for there, absent in places(path, secret):
            here = operation.ask(caller, Request(there, bodies.get(name, NOTHING).sent))
            nowhere = operation.ask(caller, Request(absent, bodies.get(name, NOTHING).sent)) if "{" in path else here
            same = here.status_code == nowhere.status_code and (
                "{key}" not in path or plain(here, there) == plain(nowhere, absent))
            if leaks(here, NUMBER if NUMBER in there else "") or here.status_code >= 500 or not same:
                wrong.append((name, there, here.status_code, here.text[:200], nowhere.text[:200]))
    assert wrong == []


def places(path: str, secret: Secret) -> Iterator[tuple[str, str]]:
    if "{key}" not in path:
        yield path, path
        return
    wait = secret.waits[0]
    for here, absent in (((secret.id, ABSENT), (NUMBER, ABSENT_NO)) if "/cases/" in path
                         else ((f"{secret.id}~{wait}", f"{ABSENT}~{wait}"),)):
        yield path.replace("{key}", here), path.replace("{key}", absent)


def plain(answer: TestResponse, path: str) -> str:
    """An answer without the name of what was asked for."""
    return re.sub("|".join(re.escape(key) for key in (path.split("/")[2], ABSENT, ABSENT_NO, NUMBER)), "…", answer.text)
