"""Signing in by stages, sessions that end, second factors that are used once; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from engine.domain.actors import SHELL
from engine.domain.administration import EndSessions, ResetPassword, SetEnabled, SetRoles
from engine.domain.ciphers import SealBroken
from engine.domain.commands import AddUser, CreateToken
from engine.errors import NotAllowed
from engine.services.people import second_factor
from engine.services.people.identity import CodeRefused, Identity, Session, SessionEnded, hash_password, new_token
from engine.services.people.passwords import WeakPassword, require_strong
from engine.services.people.users import SignInLocked, SignInRefused
from engine.store import schema as s
from tests.support.house import ACTORS, House, emptied, hashed

PASSWORD, ANOTHER = "一个够长的密码-2026", "另外一个够长的密码-2026"
_HASHED = hashed(PASSWORD)


@pytest.fixture
def people(database_url: str, tmp_path: Path) -> Iterator[House]:
    """An examiner and an applicant, in a house whose staff need a second factor."""
    house = House(emptied(database_url), tmp_path / "house", second_factor=True, secret_key="only for tests")
    for name, roles in (("examiner", ("examiner",)), ("applicant", ("applicant",))):
        house.run(AddUser(name, name, roles, _HASHED), SHELL)
    yield house
    house.close()


def identity(house: House) -> Identity:
    return house.kapok.identity


def code(house: House, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(house.clock.now().timestamp()) // 30 + steps)


def enrolled(house: House) -> tuple[str, tuple[str, ...]]:
    """The examiner with a second factor: its secret and the recovery codes."""
    half = identity(house).sign_in("examiner", PASSWORD)
    shared = identity(house).enrolment(half.secret).secret
    full, codes = identity(house).enrol(half.secret, code(house, shared))
    assert full.stage == "full"
    house.clock.advance(timedelta(minutes=1))
    return shared, codes


def half(house: House) -> Session:
    found = identity(house).sign_in("examiner", PASSWORD)
    assert found.stage == "code"
    return found


# --- stages ---
def test_a_party_is_in_by_password_and_staff_set_up_a_second_factor_first(people: House) -> None:
    assert identity(people).sign_in("applicant", PASSWORD).stage == "full"
    found = identity(people).sign_in("examiner", PASSWORD)
    assert (found.stage, identity(people).load(found.secret)) == ("enrol", None)
    enrolled(people)
    assert half(people).stage == "code"


def test_the_code_opens_once_and_a_used_one_never_again(people: House) -> None:
    shared, _ = enrolled(people)
    now = code(people, shared)
    full = identity(people).give_code(half(people).secret, now)
    assert identity(people).load(full.secret) is not None
    with pytest.raises(CodeRefused):
        identity(people).give_code(half(people).secret, now)
    people.clock.advance(timedelta(seconds=30))
    assert identity(people).give_code(half(people).secret, code(people, shared)).stage == "full"


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_one_step_around(steps: int, good: bool, people: House) -> None:
    secret, now = second_factor.new_secret(), people.clock.now()
    assert (second_factor.step_of(secret, code(people, secret, steps), now, None) is not None) is good


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "0" * 6000])
def test_what_is_no_code_is_none(people: House, wrong: str) -> None:
    assert second_factor.step_of(second_factor.new_secret(), wrong, people.clock.now(), None) is None


def test_a_recovery_code_stands_in_once_however_it_is_typed(people: House) -> None:
    _, codes = enrolled(people)
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    assert identity(people).give_code(half(people).secret, typed).stage == "full"
    with pytest.raises(CodeRefused):
        identity(people).give_code(half(people).secret, codes[0])
    assert people.kapok.people.user(ACTORS["admin"], "examiner").recovery_codes == 9


def test_guessing_codes_is_slowed_down_like_guessing_passwords(people: House) -> None:
    enrolled(people)
    session = half(people)
    for _ in range(5):
        with pytest.raises(CodeRefused):
            identity(people).give_code(session.secret, "000000")
    with pytest.raises(SignInLocked):
        identity(people).give_code(session.secret, "000000")
    with pytest.raises(SignInLocked):
        identity(people).sign_in("examiner", PASSWORD)
    people.clock.advance(timedelta(seconds=31))
    assert half(people).stage == "code"


def test_a_right_password_does_not_forgive_wrong_codes(people: House) -> None:
    enrolled(people)
    for _ in range(4):
        with pytest.raises(CodeRefused):
            identity(people).give_code(half(people).secret, "000000")
    assert people.rows(s.user, s.user.c.id == "examiner")[0].failed_sign_ins == 4


def test_the_secret_is_sealed_and_tied_to_its_account(people: House) -> None:
    shared, codes = enrolled(people)
    row = people.rows(s.user, s.user.c.id == "examiner")[0]
    assert shared not in row.totp
    cipher = identity(people)._cipher
    assert cipher.open_text(row.totp, "second factor examiner") == shared
    with pytest.raises(SealBroken):
        cipher.open_text(row.totp, "second factor applicant")
    assert not {row.hash for row in people.rows(s.recovery_code)} & set(codes)


def test_a_password_known_to_another_is_changed_first(people: House) -> None:
    people.run(ResetPassword("applicant", hash_password(ANOTHER)), SHELL)
    found = identity(people).sign_in("applicant", ANOTHER)
    assert (found.stage, identity(people).load(found.secret)) == ("password", None)
    with pytest.raises(WeakPassword):
        identity(people).change_password(found.secret, ANOTHER, ANOTHER)
    with pytest.raises(SignInRefused):
        identity(people).change_password(found.secret, "wrong", PASSWORD)
    assert identity(people).change_password(found.secret, ANOTHER, PASSWORD).stage == "full"
    assert identity(people).sign_in("applicant", PASSWORD).stage == "full"


# --- passwords ---
@pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaaaaaa", "examiner-2026-x", "Password-123456",
                                  "kapok-木棉-2026-x", "x" * 257])
def test_weak_passwords(weak: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(weak, "examiner", 12)


def test_the_back_off_begins_after_five_and_grows(people: House) -> None:
    waits = []
    for _ in range(8):
        with pytest.raises(SignInRefused):
            identity(people).sign_in("applicant", "wrong")
        row = people.rows(s.user, s.user.c.id == "applicant")[0]
        if row.locked_until is not None:
            waits.append((row.locked_until - people.clock.now()).total_seconds())
            with pytest.raises(SignInLocked):
                identity(people).sign_in("applicant", PASSWORD)
            people.clock.move_to(row.locked_until)
    assert waits == [30, 60, 120, 240]
    assert identity(people).sign_in("applicant", PASSWORD).stage == "full"
    assert people.broken() == []


@pytest.mark.parametrize("name", ["nobody", "", "x" * 400])
def test_an_unknown_name_answers_like_a_wrong_password(people: House, name: str) -> None:
    with pytest.raises(SignInRefused) as unknown:
        identity(people).sign_in(name, PASSWORD)
    with pytest.raises(SignInRefused) as wrong:
        identity(people).sign_in("applicant", "wrong")
    assert unknown.value.message == wrong.value.message


@pytest.mark.parametrize("kind", ["machine", "partner"])
def test_system_accounts_have_tokens_and_no_password(people: House, kind: str) -> None:
    people.run(AddUser("court", "法院", ("partner",), _HASHED, kind=kind), SHELL)
    with pytest.raises(SignInRefused):
        identity(people).sign_in("court", PASSWORD)
    secret, digest = new_token()
    people.run(CreateToken("court", digest, ("messages",), timedelta(days=1)), SHELL)
    bearer = identity(people).with_token(secret)
    assert bearer is not None and bearer.actor.kind == ("partner" if kind == "partner" else "person")
    with pytest.raises(NotAllowed):  # a partner does not browse
        people.deploy(actor=bearer.actor)


# --- sessions ---
def test_a_session_ends_when_idle_and_in_any_case_after_its_longest(people: House) -> None:
    idle, busy = (identity(people).sign_in("applicant", PASSWORD).secret for _ in range(2))
    for _ in range(12 * 3):
        people.clock.advance(timedelta(minutes=20))
        still = identity(people).load(busy)
        assert still is not None
    assert identity(people).load(idle) is None
    people.clock.advance(timedelta(seconds=1))
    assert identity(people).load(busy) is None


def test_a_half_finished_sign_in_is_over_after_ten_minutes(people: House) -> None:
    shared, _ = enrolled(people)
    session = half(people)
    people.clock.advance(timedelta(minutes=10, seconds=1))
    with pytest.raises(SessionEnded):
        identity(people).give_code(session.secret, code(people, shared))


def test_a_secret_of_a_lower_stage_is_worth_nothing_later(people: House) -> None:
    shared, _ = enrolled(people)
    before = half(people)
    after = identity(people).give_code(before.secret, code(people, shared))
    assert (identity(people).session(before.secret), after.secret != before.secret) == (None, True)
    with pytest.raises(SessionEnded):
        identity(people).give_code(after.secret, code(people, shared, 1))


def test_signing_out_here_and_everywhere(people: House) -> None:
    one, two, three = (identity(people).sign_in("applicant", PASSWORD) for _ in range(3))
    identity(people).sign_out(one.secret)
    people.run(EndSessions("applicant", keep=two.id), two.actor)
    assert [identity(people).load(item.secret) is not None for item in (one, two, three)] == [False, True, False]
    with pytest.raises(NotAllowed):
        people.run(EndSessions("examiner"), two.actor)


@pytest.mark.parametrize("change", [SetEnabled("applicant", enabled=False), ResetPassword("applicant", _HASHED)])
def test_a_switched_off_account_or_a_reset_password_ends_every_session(people: House, change: object) -> None:
    session = identity(people).sign_in("applicant", PASSWORD)
    people.run(change, SHELL)
    assert identity(people).load(session.secret) is None


def test_changing_the_password_ends_the_other_sessions(people: House) -> None:
    one, two = (identity(people).sign_in("applicant", PASSWORD) for _ in range(2))
    renewed = identity(people).change_password(one.secret, PASSWORD, ANOTHER)
    assert [identity(people).load(item.secret) is not None for item in (one, two, renewed)] == [False, False, True]


def test_a_change_of_roles_counts_at_the_next_request(people: House) -> None:
    session = identity(people).sign_in("applicant", PASSWORD)
    people.run(SetRoles("applicant", ("party",)), SHELL)
    found = identity(people).load(session.secret)
    assert found is not None and found.actor.roles == {"party"}


def test_no_secret_of_a_browser_is_in_the_database(people: House) -> None:
    session = identity(people).sign_in("applicant", PASSWORD)
    assert session.secret not in str(people.rows(s.user_session))
    assert people.broken() == []
