"""A hearing from its plan to its end (states: ``engine.domain.hearings``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import LOCAL_ZONE, local_date
from engine.domain.actors import actor_of
from engine.domain.deadlines import compute_deadline
from engine.domain.hearing_commands import (
    AddAttendee,
    Attendee,
    CheckIn,
    CloseHearing,
    GiveNotice,
    KeepRoom,
    MoveHearing,
    PlanHearing,
    RemoveAttendee,
    TestLink,
    TryLink,
)
from engine.domain.hearings import (
    ENDS,
    LONGEST,
    MODES,
    MOST_A_SIDE,
    NOTICE,
    PANELS,
    PARTS,
    REMOTE,
    SIDES,
    Clash,
    Slot,
    clashes,
)
from engine.domain.permissions import cleared, may
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Phrase, Rejection
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.inputs import one_of, required
from engine.services.legal_time import notices
from engine.services.people import access, recusals
from engine.store import cases as case_rows
from engine.store import hearings as rows
from engine.store import recusals as recusal_rows
from engine.store import users
from engine.store.cases import CaseRow


class HearingClash(Rejection):
    """Expected {what} {name} to be free, but another hearing has it from {starts_at} to {ends_at}."""

    code = "hearing_clash"


class TooManyAttend(Rejection):
    """Expected at most {most} to attend for one side, but {found} would."""

    code = "too_many_attend"


class NoticeTooLate(Rejection):
    """Expected notice of the hearing by {notice_by} ({article}) or the parties' waiver, but it was given {found}."""

    code = "notice_too_late"


class NotCleared(Rejection):
    """Expected {user} to be cleared for a case of level {level}."""

    code = "not_cleared"


class NotReady(Rejection):
    """Expected {what} before the hearing is held."""

    code = "hearing_not_ready"


def keep_room(context: Context, command: KeepRoom) -> Outcome:
    if not may(context.actor, "hearing.room"):
        raise NotAllowed(actor=context.actor.id, right="hearing.room")
    if not 1 <= command.seats <= 1_000:
        raise InvalidInput(expected="a whole number from 1 to 1,000", found=str(command.seats), where="seats")
    rows.keep_room(context.database, context.connection, {
        "id": required(command.id, "room", 64), "name": required(command.name, "name", 100), "seats": command.seats,
        "remote": command.remote, "enabled": command.enabled})
    trail.record_system(context, {"hearing_room": command.id, "seats": command.seats, "enabled": command.enabled})
    return {"room": command.id}


# --- planning ---------------------------------------------------------------------------------------------------------
def plan(context: Context, command: PlanHearing) -> Outcome:
    """Answers ``{"hearing", "notice_by", "warnings"}``; ``notice_by``: the last day to make it known."""
    case = _case(context, command.case_id)
    one_of(command.mode, MODES, "mode")
    _require_span(context, command.starts_at, command.ends_at)
    if command.panel is not None and command.panel not in PANELS:
        raise InvalidInput(expected="a panel of 1, 3 or 5", found=str(command.panel), where="panel")
    key = context.new_id()
    people = frozenset(person.user for person in command.people if person.user)
    _require_free(context, Slot(key, command.starts_at, command.ends_at, command.room, people, case.id), command.mode)
    for side in SIDES:
        _require_few(side, [person for person in command.people if person.part == side])
    _require_once(command.people)
    notice_by = _notice_by(context, case, command.starts_at)
    rows.insert(context.connection, {
        "case_id": case.id, "id": key, "mode": command.mode, "room": command.room, "starts_at": command.starts_at,
        "ends_at": command.ends_at, "public": command.public, "state": "planned", "panel": command.panel,
        "sequence": 0, "began_at": None, "ended_at": None, "notice_by": notice_by, "called_on": context.today,
        "noticed_on": None, "waiver": "", "link": "none", "link_note": "", "note": "",
        "planned_by": context.actor.id, "changed_at": context.now})
    for number, person in enumerate(command.people, 1):
        _call(context, case, key, number, person)
    _note(context, case, "planned", key, command.starts_at, mode=command.mode)
    _tell(context, case, key, "hearing.planned", command.starts_at)
    return {"case_id": case.id, "hearing": key, "notice_by": _day(notice_by),
            "warnings": [] if notice_by is None or notice_by >= context.today else ["notice_by"]}


def move(context: Context, command: MoveHearing) -> Outcome:
    """Another time or room: what was made known is to be made known again, what was tested is to be tested again."""
    case, hearing = _planned(context, command.case_id, command.hearing)
    reason = required(command.reason, "reason")
    _require_span(context, command.starts_at, command.ends_at)
    people = frozenset(row.user for row in rows.attendees(context.connection, [hearing.id]) if row.user)
    wanted = Slot(hearing.id, command.starts_at, command.ends_at, command.room, people, case.id)
    _require_free(context, wanted, hearing.mode)
    notice_by = _notice_by(context, case, command.starts_at)
    rows.update(context.connection, case.id, hearing.id, starts_at=command.starts_at, ends_at=command.ends_at,
                room=command.room, notice_by=notice_by, called_on=context.today,
                noticed_on=None, waiver="", link="none", sequence=hearing.sequence + 1, changed_at=context.now)
    rows.forget_tries(context.connection, case.id, hearing.id)
    _note(context, case, "moved", hearing.id, command.starts_at, reason=reason)
    _tell(context, case, hearing.id, "hearing.moved", command.starts_at)
    return {"case_id": case.id, "hearing": hearing.id, "notice_by": _day(notice_by)}


def add_attendee(context: Context, command: AddAttendee) -> Outcome:
    case, hearing = _planned(context, command.case_id, command.hearing)
    called = rows.attendees(context.connection, [hearing.id])
    person = command.attendee
    _require_few(person.part, [*(row for row in called if row.part == person.part), person])
    _require_once([*called, person])
    if person.user:
        _require_free(context, Slot(hearing.id, hearing.starts_at, hearing.ends_at, None, frozenset({person.user})),
                      hearing.mode)
    number = max((row.number for row in called), default=0) + 1
    _call(context, case, hearing.id, number, person)
    _note(context, case, "called", hearing.id, hearing.starts_at, name=person.name)
    return {"case_id": case.id, "hearing": hearing.id, "number": number}


def remove_attendee(context: Context, command: RemoveAttendee) -> Outcome:
    case, hearing = _planned(context, command.case_id, command.hearing)
    person = _attendee(context, hearing, command.number)
    rows.remove_attendee(context.connection, case.id, hearing.id, command.number)
    _note(context, case, "uncalled", hearing.id, hearing.starts_at, name=person.name, number=command.number)
    return {"case_id": case.id, "hearing": hearing.id}


# --- before it begins -------------------------------------------------------------------------------------------------
def give_notice(context: Context, command: GiveNotice) -> Outcome:
    """Late notice needs the parties' waiver where the law says so; elsewhere it is on record."""
    case, hearing = _planned(context, command.case_id, command.hearing)
    if not hearing.called_on <= command.on <= context.today:  # a notice tells of the hearing as it is planned now
        raise InvalidInput(expected=Phrase("a day from {first} to {last}", first=hearing.called_on, last=context.today),
                           found=command.on.isoformat(), where="on")
    rule = NOTICE.get(case.procedure)
    late = hearing.notice_by is not None and command.on > hearing.notice_by
    if late and rule is not None and rule.binding and not command.waiver.strip():
        raise NoticeTooLate(notice_by=hearing.notice_by.isoformat(), found=command.on.isoformat(),
                            article=_article(context, rule.key))
    rows.update(context.connection, case.id, hearing.id, noticed_on=command.on, waiver=command.waiver.strip()[:500],
                changed_at=context.now)
    _note(context, case, "noticed", hearing.id, hearing.starts_at, on=command.on.isoformat(), late=late,
          waiver=command.waiver.strip()[:500])
    return {"case_id": case.id, "hearing": hearing.id, "late": late}


def test_link(context: Context, command: TestLink) -> Outcome:
    case, hearing = _planned(context, command.case_id, command.hearing)
    if hearing.mode == "offline":
        raise Conflict(action="test the link of", noun="hearing", key=hearing.id, state="offline")
    state = "passed" if command.passed else "failed"
    rows.update(context.connection, case.id, hearing.id, link=state, link_note=command.note.strip()[:500],
                changed_at=context.now)
    _note(context, case, "link_tested", hearing.id, hearing.starts_at, link=state)
    return {"case_id": case.id, "hearing": hearing.id, "link": state}


def try_link(context: Context, command: TryLink) -> Outcome:
    """Somebody who is called has tried the own equipment; the word of each counts for nobody else."""
    case_id = case_rows.id_of(context.connection, command.case_id) or command.case_id
    found = rows.get(context.connection, case_id, command.hearing)
    people = rows.attendees(context.connection, [command.hearing]) if found is not None else ()
    own = [row for row in people if row.user == context.actor.id]
    away = recusal_rows.kept_away(context.connection, case_id, context.actor.id)
    if found is None or not own or "recused" in away:
        raise NotFound(noun="hearing", key=command.hearing)
    if found.state != "planned" or found.mode not in REMOTE:
        raise Conflict(action="test the link of", noun="hearing", key=found.id,
                       state=found.state if found.state != "planned" else found.mode)
    case, state = steps.lock_case(context, case_id, active=False), "passed" if command.passed else "failed"
    for row in own:
        rows.change_attendee(context.connection, case.id, found.id, row.number, link=state)
    _note(context, case, "link_tried", found.id, found.starts_at, name=own[0].name, link=state)
    return {"case_id": case.id, "hearing": found.id, "link": state}


# --- in the room ------------------------------------------------------------------------------------------------------
def check_in(context: Context, command: CheckIn) -> Outcome:
    case, hearing = _planned(context, command.case_id, command.hearing)
    person, identified = _attendee(context, hearing, command.number), command.present and command.identified
    rows.change_attendee(context.connection, case.id, hearing.id, command.number, present=command.present,
                         identified=identified)
    _note(context, case, "checked_in", hearing.id, hearing.starts_at, name=person.name, present=command.present,
          identified=identified)
    return {"case_id": case.id, "hearing": hearing.id, "number": command.number}


def close(context: Context, command: CloseHearing) -> Outcome:
    """Held: only once it has begun, was made known, and its link works."""
    case, hearing = _planned(context, command.case_id, command.hearing)
    state, note = one_of(command.state, ENDS, "state"), required(command.note, "note", 4_000)
    called = rows.attendees(context.connection, [hearing.id])
    times: tuple[datetime | None, datetime | None] = (None, None)
    if state == "held":
        _require_ready(context, case, hearing, sum(row.part == "panel" for row in called))
        times = _times(context, hearing, command)
    rows.update(context.connection, case.id, hearing.id, state=state, note=note, changed_at=context.now,
                sequence=hearing.sequence + 1, began_at=times[0], ended_at=times[1])
    _note(context, case, state, hearing.id, hearing.starts_at, reason=note[:500],
          present=[row.name for row in called if row.present], absent=[row.name for row in called if not row.present])
    if state != "held":
        _tell(context, case, hearing.id, "hearing.off", hearing.starts_at)
    return {"case_id": case.id, "hearing": hearing.id, "state": state}


def _require_ready(context: Context, case: CaseRow, hearing: Any, panel: int) -> None:
    rule = NOTICE.get(case.procedure)
    if context.now < hearing.starts_at:
        raise NotReady(what=Phrase("its time to come"))
    if rule is not None and rule.binding and hearing.noticed_on is None:
        raise NotReady(what=Phrase("its notice"))
    if hearing.mode in REMOTE and hearing.link != "passed":
        raise NotReady(what=Phrase("a passed link test"))
    if hearing.panel is not None and panel != hearing.panel:
        raise NotReady(what=Phrase("a panel of {wanted}, which has {found}", wanted=hearing.panel, found=panel))


def _times(context: Context, hearing: Any, command: CloseHearing) -> tuple[datetime, datetime]:
    """When it really began and ended."""
    began, ended = command.began_at or hearing.starts_at, command.ended_at or context.now
    if not local_date(began) == local_date(hearing.starts_at) or not began <= ended <= context.now:
        raise InvalidInput(expected=Phrase("a beginning on the day of the hearing and an end after it, not to come"),
                           found=f"{_clock(began)} – {_clock(ended)}", where="began_at")
    return began, ended


# --- parts ------------------------------------------------------------------------------------------------------------
def _case(context: Context, key: str) -> CaseRow:
    if not may(context.actor, "hearing.plan"):
        raise NotAllowed(actor=context.actor.id, right="hearing.plan")
    case_id = case_rows.id_of(context.connection, key) or key
    access.require_inside(context, case_id, "case", key)
    return steps.lock_case(context, case_id, active=False)


def _planned(context: Context, key: str, hearing: str) -> tuple[CaseRow, Any]:
    case = _case(context, key)
    found = rows.get(context.connection, case.id, hearing)
    if found is None:
        raise NotFound(noun="hearing", key=hearing)
    if found.state != "planned":
        raise Conflict(action="change", noun="hearing", key=hearing, state=found.state)
    return case, found


def _attendee(context: Context, hearing: Any, number: int) -> Any:
    found = next((row for row in rows.attendees(context.connection, [hearing.id]) if row.number == number), None)
    if found is None:
        raise NotFound(noun="attendee", key=str(number))
    return found


def _require_span(context: Context, starts_at: datetime, ends_at: datetime) -> None:
    if starts_at < context.now:
        raise InvalidInput(expected="a time to come", found=_clock(starts_at), where="starts_at")
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise InvalidInput(expected=Phrase("an end after the beginning, at most {hours} hours later",
                                           hours=int(LONGEST.total_seconds() // 3600)),
                           found=_clock(ends_at), where="ends_at")


def _require_free(context: Context, wanted: Slot, mode: str) -> None:
    """Two who ask for one room or person at once meet on its name, in one order."""
    for name in sorted({*wanted.people, f"room {wanted.room}"}):
        context.database.lock_name(context.connection, "hearing", name)
    if wanted.room is not None:
        room = rows.room(context.connection, wanted.room)
        if room is None or not room.enabled:
            raise NotFound(noun="room", key=wanted.room)
        if mode in REMOTE and not room.remote:
            raise InvalidInput(expected="a room with equipment for video", found=room.name, where="room")
    found = clashes(wanted, rows.slots(context.connection, wanted.starts_at, wanted.ends_at))
    if found:
        raise HearingClash(what=Phrase(found[0].what), name=_name(context, found[0]),
                           starts_at=found[0].starts_at, ends_at=found[0].ends_at)


def _name(context: Context, clash: Clash) -> str:
    """What people call the room, the person or the case."""
    if clash.what == "case":
        return case_rows.number_of(context.connection, clash.name) or clash.name
    if clash.what == "room":
        return str(getattr(rows.room(context.connection, clash.name), "name", clash.name))
    return str(getattr(users.get(context.connection, clash.name), "name", clash.name))


def _require_once(people: Sequence[Any]) -> None:
    """Nobody sits on the panel and stands before it."""
    named = [person.user for person in people if person.user]
    twice = next((user for user in named if named.count(user) > 1), None)
    if twice is not None:
        raise InvalidInput(expected="each account once", found=twice, where="user")


def _require_few(part: str, people: list[Any]) -> None:
    if part in SIDES and len(people) > MOST_A_SIDE:
        raise TooManyAttend(most=MOST_A_SIDE, found=len(people))


def _call(context: Context, case: CaseRow, hearing: str, number: int, person: Attendee) -> None:
    """Nobody of the house is called who must keep away."""
    part, name = one_of(person.part, PARTS, "part"), person.name
    if person.user:
        account = users.get(context.connection, person.user)
        if account is None:
            raise NotFound(noun="user", key=person.user)
        name = name.strip() or account.name
        if part in ("panel", "clerk"):
            if not cleared(actor_of(account), case.level):
                raise NotCleared(user=person.user, level=case.level)
            recusals.require_clear(context, case, person.user, account.roles)
    rows.add_attendee(context.connection, {
        "case_id": case.id, "hearing": hearing, "number": number, "name": required(name, "name", 100), "part": part,
        "user": person.user or None, "present": None, "identified": False, "link": "none"})


def _notice_by(context: Context, case: CaseRow, starts_at: datetime) -> date | None:
    rule = NOTICE.get(case.procedure)
    if rule is None:
        return None
    _, instance = steps.load(context, case)
    table, calendar = context.tables
    return compute_deadline(table, calendar, rule.key, local_date(starts_at), dict(instance.variables)).due_on


def _article(context: Context, key: str) -> str:
    return context.tables[0].rule(key, context.today, {}).articles


def _tell(context: Context, case: CaseRow, hearing: str, code: str, starts_at: datetime) -> None:
    told = {"case_no": case.case_no or case.id, "at": _clock(starts_at)}
    for row in rows.attendees(context.connection, [hearing]):
        if row.user is not None:
            notices.tell(context, row.user, code, told, case.id)


def _note(context: Context, case: CaseRow, what: str, hearing: str, starts_at: datetime, **data: Any) -> None:
    at = _clock(starts_at)
    trail.note(context, case, f"hearing:{what}", {"hearing": hearing, "at": at, **data})


def _clock(at: datetime) -> str:
    return at.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")


def _day(on: date | None) -> str | None:
    return on.isoformat() if on is not None else None
