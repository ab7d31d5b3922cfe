"""Parties and agents invited into a case by programs: by an account, by a secret, under a power of attorney; refused to
whoever may not, and for a stranger no other answer than for a case that is not there."""

from __future__ import annotations

import pytest

from engine.domain.actors import SHELL, Actor
from engine.domain.commands import AddUser
from engine.domain.participant_commands import JoinCase
from engine.services.people.participants import digest_of
from tests.http.caller import Office, read, refused
from tests.http.desk_requests import COMPANY, INVITED, disputed, staged

ABSENT = "00000000-0000-7000-8000-000000000000"
PARTY = {"capacity": "respondent", "name": COMPANY}


def known(office: Office, name: str, role: str) -> Actor:
    office.house.run(AddUser(name, name, (role,), "!"), SHELL)
    return Actor(name, name, frozenset({role}))


def test_an_account_takes_part_at_once_and_is_taken_out_again(office: Office) -> None:
    case, boss = disputed(office), office.caller("supervisor")
    known(office, "yi", "party")
    made = read(boss.post(f"/cases/{case}/participants", {**PARTY, "user": "yi"}))
    assert made["state"] == "active"
    row, = read(boss.get(f"/cases/{case}/participants"))["items"]
    assert (row["key"], row["user"], row["state"]) == (made["participant"], "yi", "active")
    gone = f"/cases/{case}/participants/{made['participant']}/remove"
    assert read(boss.post(gone, {"reason": "委托终止"}))["state"] == "removed"
    refused(boss.post(gone, {"reason": "委托终止"}), 409, "conflict")
    row, = read(boss.get(f"/cases/{case}/participants"))["items"]
    assert (row["state"], row["reason"]) == ("removed", "委托终止")


def test_a_secret_of_the_caller_lets_one_in_and_is_never_told_again(office: Office) -> None:
    case, boss, agent = disputed(office), office.caller("supervisor"), known(office, "daili", "agent")
    power = staged(office, who=Actor("supervisor", "", frozenset({"supervisor"})))
    sent = {**PARTY, "code": INVITED, "agent": "示例律师", "authority": "general", "proof": power}
    made = boss.post(f"/cases/{case}/participants", sent)
    shown = boss.get(f"/cases/{case}/participants")
    assert (made.status_code, read(made).get("state")) == (201, "invited"), made.text
    assert INVITED not in shown.text and digest_of(INVITED) not in shown.text
    office.house.run(JoinCase(digest_of(INVITED)), agent)
    row, = read(boss.get(f"/cases/{case}/participants"))["items"]
    assert (row["user"], row["authority"], row["proof"]) == ("daili", "general", power["sha256"])


@pytest.mark.parametrize("sent", [
    {}, {"code": "AAAA-AAAA-AAAA-AAAA"}, {"code": "short"}, {"user": "nobody"}, {"name": "丙公司", "user": "yi"},
    {"capacity": "judge", "user": "yi"}, {"user": "yi", "agent": "示例律师", "authority": "special"},
    {"user": "yi", "agent": "示例律师", "authority": "full"}, {"user": "yi", "unknown": 1},
])
def test_what_is_no_invitation_is_refused(office: Office, sent: dict[str, object]) -> None:
    case, boss = disputed(office), office.caller("supervisor")
    known(office, "yi", "party")
    assert boss.post(f"/cases/{case}/participants", {**PARTY, **sent}).status_code == 422
    assert read(boss.get(f"/cases/{case}/participants"))["items"] == []


def test_who_may_not_invite_hears_nothing_of_it(office: Office) -> None:
    """By role, by reach, and by the scope of the token."""
    case = disputed(office)
    known(office, "yi", "party")
    boss = office.caller("supervisor")
    key = read(boss.post(f"/cases/{case}/participants", {**PARTY, "user": "yi"}))["participant"]
    for name in ("quality", "auditor"):
        caller = office.caller(name)
        for one in (case, ABSENT):
            refused(caller.get(f"/cases/{one}/participants"), 404, "not_found")
            refused(caller.post(f"/cases/{one}/participants", {**PARTY, "user": "yi"}), 403, "not_allowed")
            refused(caller.post(f"/cases/{one}/participants/{key}/remove", {"reason": "r"}), 403, "not_allowed")
    stranger = office.caller("mediator")  # has the right, but not over this case
    for path, sent in (("", {**PARTY, "user": "yi"}), (f"/{key}/remove", {"reason": "r"})):
        here, nowhere = (stranger.post(f"/cases/{one}/participants{path}", sent) for one in (case, ABSENT))
        assert (here.status_code, here.text.replace(case, "…")) == (404, nowhere.text.replace(ABSENT, "…"))
    refused(office.caller("supervisor", "cases:read").post(
        f"/cases/{case}/participants", {**PARTY, "user": "yi"}), 403, "scope_missing")
    refused(boss.post(f"/cases/{case}/participants/{ABSENT}/remove", {"reason": "r"}), 404, "not_found")
