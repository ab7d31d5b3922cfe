"""Two persons: what one asks for, another allows, and only then it happens; on both databases."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SHELL, SYSTEM, Actor
from engine.domain.administration import (
    DecideApproval,
    GrantAccess,
    LinkIdentity,
    RequestApproval,
    ResetPassword,
    ResetSecondFactor,
    RevokeGrant,
    SetEnabled,
    SetRoles,
    WithdrawApproval,
)
from engine.domain.approvals import OPEN_FOR, TWO_PERSONS
from engine.domain.commands import AddPartner, AddUser, CreateToken, Deploy, PartnerKey, Resource, StartCase
from engine.domain.notice_texts import said
from engine.domain.permissions import RIGHTS, ROLES, may
from engine.errors import Conflict, DeploymentRefused, InvalidInput, NotAllowed, NotFound
from engine.services.people.approvals import OwnRequest, SecondPersonNeeded, granted
from engine.services.people.users import RolesConflict
from engine.store import schema as s
from engine.workers.cleaner import Cleaner
from tests.support import bpmn
from tests.support.house import ACTORS, House, actor, emptied

MODEL = Resource("fresh.bpmn", bpmn.process("fresh", bpmn.start(), bpmn.end(), bpmn.chain("start", "end")))
DEPLOY = Deploy((MODEL,))
ADMIN, ADMIN2, SECURITY, DEPLOYER = ACTORS["admin"], actor("admin", 2), ACTORS["security"], ACTORS["deployer"]
EXAMPLES: dict[type, Any] = {
    Deploy: DEPLOY, AddUser: AddUser("new", "新人", ("examiner",), "!"), SetRoles: SetRoles("known", ("quality",)),
    ResetPassword: ResetPassword("known", "!"), ResetSecondFactor: ResetSecondFactor("known"),
    LinkIdentity: LinkIdentity("known", "https://id.example", "7"),
    CreateToken: CreateToken("known", "ab" * 32, ("tasks",), timedelta(days=30)),
    AddPartner: AddPartner("court", "court", keys=(
        PartnerKey("k1", "hmac-sha256", "shared", "whsec_" + "hidden12" * 4),)),
    GrantAccess: GrantAccess("export", "known", "YS-2026", "审计抽查", timedelta(hours=2)),
}
DECIDER = {"definition.deploy": actor("deployer", 2), "role.grant": SECURITY, "key.change": SECURITY,
           "access.grant": SECURITY}


@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house in which two persons are needed, with one account."""
    house = House(emptied(database_url), tmp_path / "house", two_persons=True)
    house.run(AddUser("known", "某人", ("examiner",), "!"), SHELL)
    yield house
    house.close()


def ask(house: House, command: Any, who: Actor = ADMIN, reason: str = "需要") -> str:
    return str(house.run(RequestApproval(command, reason), who)["request"])


def state(house: House, key: str) -> str:
    return str(house.rows(s.approval_request, s.approval_request.c.id == key)[0].state)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_nobody_does_it_alone_and_two_do(two: House, kind: type) -> None:
    command, rule = EXAMPLES[kind], TWO_PERSONS[kind]
    with pytest.raises(SecondPersonNeeded):
        two.run(command, ADMIN)
    key = ask(two, command)
    before = {table.name: len(two.rows(table)) for table in s.metadata.sorted_tables}
    outcome = two.run(DecideApproval(key, approve=True), DECIDER[rule.decides])
    assert (outcome["state"], state(two, key)) == ("approved", "approved")
    after = {table.name: len(two.rows(table)) for table in s.metadata.sorted_tables}
    assert after != before
    assert two.broken() == []


def test_every_rule_names_rights_that_somebody_has() -> None:
    assert EXAMPLES.keys() <= TWO_PERSONS.keys()
    assert {right for rule in TWO_PERSONS.values() for right in (rule.asks, rule.decides)} <= RIGHTS.keys()


def test_only_the_right_asks(two: House) -> None:
    for who in (actor(role, 9) for role in [*ROLES, "worker"]):
        forbidden = [item for item in EXAMPLES.values() if not may(who, TWO_PERSONS[type(item)].asks)]
        for command in forbidden:
            with pytest.raises(NotAllowed):
                two.run(RequestApproval(command), who)
        if forbidden:
            with pytest.raises(NotAllowed):
                two.run(forbidden[0], who)
    assert two.rows(s.approval_request) == []


def test_only_the_right_decides_and_nobody_else_sees(two: House) -> None:
    keys = {ask(two, command): TWO_PERSONS[type(command)].decides for command in EXAMPLES.values()}
    for who in (actor(role, 9) for role in ROLES):
        shown = {row.id for row in two.kapok.people.approvals(who, None)}
        decided = {key for key, right in keys.items() if may(who, right)}
        assert decided <= shown
        assert shown == decided or shown == keys.keys() and may(who, "approval.see_all") or who.has("admin")
        for key in list(keys.keys() - decided)[:3]:
            with pytest.raises(NotAllowed if key in shown else NotFound):
                two.run(DecideApproval(key, approve=True), who)
    assert {row.state for row in two.rows(s.approval_request)} == {"pending"}


def test_who_asks_does_not_decide(two: House) -> None:
    key = ask(two, DEPLOY, DEPLOYER)
    with pytest.raises(OwnRequest):
        two.run(DecideApproval(key, approve=True), DEPLOYER)
    assert two.rows(s.deployment) == []
    two.run(DecideApproval(key, approve=True), actor("deployer", 2))
    assert [row.deployed_by for row in two.rows(s.deployment)] == ["deployer2"]
    two.run(StartCase("fresh"), ACTORS["supervisor"])


def test_who_added_an_account_does_not_grant_its_roles(two: House) -> None:
    two.run(AddUser("new", "新人", (), "!"), SECURITY_AS_ADMIN)
    key = ask(two, SetRoles("new", ("examiner",)), ADMIN)
    with pytest.raises(OwnRequest):
        two.run(DecideApproval(key, approve=True), SECURITY_AS_ADMIN)
    two.run(DecideApproval(key, approve=True), SECURITY)
    assert two.rows(s.user, s.user.c.id == "new")[0].roles == ["examiner"]


SECURITY_AS_ADMIN = actor("admin", 3)


def test_nobody_decides_on_the_own_account(two: House) -> None:
    two.run(AddUser("security1", "安全管理员", ("security",), "!"), SHELL)
    key = ask(two, ResetSecondFactor("security1"))
    with pytest.raises(OwnRequest):
        two.run(DecideApproval(key, approve=True), SECURITY)
    assert [row.may_decide for row in two.kapok.people.approvals(SECURITY, "pending")] == [False]


def test_what_cannot_be_done_is_refused_when_it_is_asked_for(two: House) -> None:
    broken = bpmn.process("wrong", bpmn.start(), bpmn.script("s", "1 +"), bpmn.end(), bpmn.chain("start", "s", "end"))
    with pytest.raises(DeploymentRefused):
        ask(two, Deploy((Resource("wrong.bpmn", broken),)), DEPLOYER)
    with pytest.raises(NotFound):
        ask(two, SetRoles("nobody", ("quality",)))
    with pytest.raises(RolesConflict):
        ask(two, SetRoles("known", ("admin", "auditor")))
    with pytest.raises(InvalidInput):
        ask(two, StartCase("fresh"))
    assert two.rows(s.approval_request) == []


def test_trying_it_leaves_nothing_behind(two: House) -> None:
    ask(two, DEPLOY, DEPLOYER)
    assert two.rows(s.deployment) == two.rows(s.process_definition) == []
    preview = two.kapok.people.approvals(DEPLOYER, "pending")[0].summary["preview"]
    assert [key.split(":")[0] for key in preview["definitions"]] == ["fresh"]


def test_a_rejected_or_withdrawn_request_does_nothing_and_is_over(two: House) -> None:
    rejected, withdrawn = ask(two, DEPLOY, DEPLOYER), ask(two, DEPLOY, DEPLOYER)
    two.run(DecideApproval(rejected, approve=False, reason="未评审"), ADMIN)
    with pytest.raises(NotAllowed):
        two.run(WithdrawApproval(withdrawn), ADMIN)
    two.run(WithdrawApproval(withdrawn), DEPLOYER)
    assert [state(two, key) for key in (rejected, withdrawn)] == ["rejected", "withdrawn"]
    for key in (rejected, withdrawn):
        with pytest.raises(Conflict):
            two.run(DecideApproval(key, approve=True), ADMIN)
    assert two.rows(s.deployment) == []


def test_a_request_expires(two: House) -> None:
    key = ask(two, DEPLOY, DEPLOYER)
    two.clock.advance(OPEN_FOR)
    with pytest.raises(Conflict):
        two.run(DecideApproval(key, approve=True), ADMIN)
    Cleaner(two.kapok.runner).poll()
    row = two.rows(s.approval_request)[0]
    assert (row.state, row.decided_by) == ("expired", None)
    assert "expired" in two.audit()[-1].entry
    assert two.broken() == []


@pytest.mark.parametrize("change", [SetEnabled("admin1", enabled=False), SetRoles("admin1", ("examiner",))])
def test_who_has_lost_the_right_has_asked_for_nothing(two: House, change: Any) -> None:
    two.run(AddUser("admin1", "系统管理员", ("admin",), "!"), SHELL)
    key = ask(two, SetRoles("known", ("quality",)))
    two.run(change, SHELL)
    with pytest.raises(Conflict):
        two.run(DecideApproval(key, approve=True), SECURITY)
    assert two.rows(s.user, s.user.c.id == "known")[0].roles == ["examiner"]


def test_the_payload_comes_back_as_it_was(two: House) -> None:
    for command in EXAMPLES.values():
        ask(two, command)
    rows = two.rows(s.approval_request)
    assert len(rows) == len(EXAMPLES)
    token = next(row for row in rows if row.command == "CreateToken")
    two.run(DecideApproval(token.id, approve=True), SECURITY)
    assert two.rows(s.api_token)[0].expires_at == two.clock.now() + timedelta(days=30)


def test_no_secret_is_shown_or_audited(two: House) -> None:
    for command in EXAMPLES.values():
        ask(two, dataclasses.replace(command))
    shown = json.dumps([dataclasses.asdict(row) for row in two.kapok.people.approvals(SYSTEM, None)], default=str)
    trail = " ".join(row.entry for row in two.audit())
    for secret in ("hidden12", "ab" * 32, "password_hash"):
        assert secret not in shown
        assert secret not in trail


def test_who_may_decide_is_told_and_the_asker_of_the_decision(two: House) -> None:
    for role in ("admin", "security", "deployer"):
        two.run(AddUser(f"{role}1", role, (role,), "!"), SHELL)
    key = ask(two, SetRoles("security1", ("supervisor",)))  # about the security administrator, who is not told
    assert [row.to for row in two.rows(s.notice)] == []
    two.run(DecideApproval(key, approve=False, reason="不妥"), actor("security", 2))
    two.run(DecideApproval(ask(two, SetRoles("known", ("quality",))), approve=True), SECURITY)
    told = [(row.to, row.code) for row in two.rows(s.notice)]
    assert told == [("admin1", "approval.rejected"), ("security1", "approval.asked"), ("admin1", "approval.approved")]
    assert "{" not in said("approval.rejected", {"reason": "不妥"}, "zh")


def test_the_shell_acts_alone_and_the_trail_says_so(two: House) -> None:
    two.run(DEPLOY, SHELL)
    assert [row.deployed_by for row in two.rows(s.deployment)] == ["shell"]
    assert two.audit()[-1].actor == "shell"


def test_a_token_of_ones_own_needs_no_second_person_but_an_end(two: House) -> None:
    own = CreateToken("examiner1", "cd" * 32, ("tasks",), timedelta(days=90))
    two.run(AddUser("examiner1", "预审员", ("examiner",), "!"), SHELL)
    two.run(own, ACTORS["examiner"])
    for wrong in (dataclasses.replace(own, hash="ef" * 32, expires_in=None),
                  dataclasses.replace(own, hash="ef" * 32, scopes=("everything",))):
        with pytest.raises(InvalidInput):
            two.run(wrong, ACTORS["examiner"])
    with pytest.raises(NotAllowed):
        two.run(dataclasses.replace(own, user="known"), ACTORS["examiner"])


def test_what_was_granted_ends(two: House) -> None:
    two.run(DecideApproval(ask(two, EXAMPLES[GrantAccess]), approve=True), SECURITY)
    holder = Actor("known", "某人")

    def open_now(scope: str) -> bool:
        with two.kapok.database.reading() as connection:
            return granted(connection, holder, "export", scope, two.clock.now())

    assert (open_now("YS-2026"), open_now("MD-2026")) == (True, False)
    two.clock.advance(timedelta(hours=2))
    assert not open_now("YS-2026")


def test_what_was_granted_is_closed_before_its_time(two: House) -> None:
    """By security or by who has it, once and with a reason; for anybody else it is not there."""
    for _ in range(2):
        two.run(DecideApproval(ask(two, EXAMPLES[GrantAccess]), approve=True), SECURITY)
    keys = [row.id for row in two.rows(s.access_grant)]
    holder = Actor("known", "某人")
    with pytest.raises(NotFound):
        two.run(RevokeGrant(keys[0], "不再需要"), ACTORS["admin"])
    with pytest.raises(InvalidInput):
        two.run(RevokeGrant(keys[0], " "), SECURITY)
    two.run(RevokeGrant(keys[0], "不再需要"), SECURITY)
    two.run(RevokeGrant(keys[1], "已看完"), holder)
    with two.kapok.database.reading() as connection:
        assert not granted(connection, holder, "export", "YS-2026", two.clock.now())
    with pytest.raises(Conflict):
        two.run(RevokeGrant(keys[0], "不再需要"), SECURITY)
    closed = {row.id: (row.revoked_by, row.revoke_reason) for row in two.rows(s.access_grant)}
    assert [closed[key] for key in keys] == [(SECURITY.id, "不再需要"), ("known", "已看完")]
    assert [(row.to, row.code) for row in two.rows(s.notice) if row.code == "grant.revoked"] == [
        ("known", "grant.revoked")]
    shown = {row.id: row for row in two.kapok.recusals.grants(SECURITY)}
    assert [(shown[key].open, shown[key].revocable) for key in keys] == [(False, False)] * 2


def test_where_one_person_is_enough_it_happens_at_once(house: House) -> None:
    house.run(DEPLOY, DEPLOYER)
    assert len(house.rows(s.deployment)) == 1
