"""``/hearings``: rooms and when they are taken or free; and the hearings (开庭) of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from engine.domain import hearing_commands as c
from engine.domain.hearings import ENDS, MODES, PANELS, PARTS
from engine.http.api import cases
from engine.http.api.access import act, actor, services
from engine.http.api.cases import READ, WRITE
from engine.http.api.fields import flag, free_text, instant, text, whole
from engine.http.api.operations import Noun
from engine.http.api.pages import all_of
from engine.services.context import Outcome
from engine.services.views.free_rooms import free_rooms
from engine.services.views.hearings import Week

CALENDAR = "text/calendar"
_MOST_CALLED = 50
_DAYS = validate.Range(date(2000, 1, 1), date(2200, 12, 31))
_MOMENTS = validate.Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 12, 31, tzinfo=UTC))

noun = Noun("hearings", "Rooms and hearings.")


class Room(Schema):
    """``remote``: it has the equipment for video."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    seats = fields.Integer(required=True)
    remote = fields.Boolean(required=True)
    enabled = fields.Boolean(required=True)


class NewRoom(Schema):
    """``id``: of a new room, or of one that is changed."""

    id = text(64, required=True)
    name = text(100, required=True)
    seats = whole(1, 1_000, required=True)
    remote = flag(load_default=False)
    enabled = flag(load_default=True)


class RoomKept(Schema):
    room = fields.String(required=True)


class Attendee(Schema):
    """``present``: null until the hearing; ``recused``: must keep away from the case; ``link``: the own test."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    part = fields.String(required=True)
    user = fields.String(required=True)
    present = fields.Boolean(required=True, allow_none=True)
    identified = fields.Boolean(required=True)
    recused = fields.Boolean(required=True)
    link = fields.String(required=True, allow_none=True)


class Hearing(Schema):
    """``late``: made known too late, or not at all with its last day ``notice_by`` over; ``link``: the test of the
    line; ``acts``: you may change it now."""

    key = fields.String(required=True)
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    mode = fields.String(required=True)
    room = fields.String(required=True)
    starts_at = instant(required=True)
    ends_at = instant(required=True)
    public = fields.Boolean(required=True)
    state = fields.String(required=True)
    notice_by = fields.Date(required=True, allow_none=True)
    noticed_on = fields.Date(required=True, allow_none=True)
    late = fields.Boolean(required=True)
    waiver = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    link_note = fields.String(required=True)
    note = fields.String(required=True)
    panel = fields.Integer(required=True, allow_none=True)
    began_at = instant(required=True, allow_none=True)
    ended_at = instant(required=True, allow_none=True)
    people = fields.List(fields.Nested(Attendee), required=True)
    acts = fields.Boolean(required=True)


class Taken(Schema):
    """``hearing``: null of one that you may not see; ``room``: null for one elsewhere."""

    room = fields.String(required=True, allow_none=True)
    starts_at = instant(required=True)
    ends_at = instant(required=True)
    hearing = fields.Nested(Hearing, required=True, allow_none=True)


class WeekQuery(Schema):
    week = fields.Date(load_default=None, validate=_DAYS)


class FreeSpan(Schema):
    starts_at = instant(required=True)
    ends_at = instant(required=True)


class FreeRoom(Schema):
    key = fields.String(required=True)
    name = fields.String(required=True)
    seats = fields.Integer(required=True)
    remote = fields.Boolean(required=True)
    spans = fields.List(fields.Nested(FreeSpan), required=True)


class FreeQuery(Schema):
    """``minutes``: how long the hearing is to be; ``remote``: only rooms with equipment for video."""

    on = fields.Date(required=True, validate=_DAYS)
    minutes = fields.Integer(load_default=60, validate=validate.Range(1, 600))
    remote = fields.Boolean(load_default=False)


class NewAttendee(Schema):
    """``user``: the account, for those of the house."""

    name = text(100, required=True)
    part = fields.String(required=True, validate=validate.OneOf(PARTS))
    user = free_text(64)


def _moment(**kwargs: Any) -> fields.AwareDateTime:
    return instant(validate=_MOMENTS, **kwargs)


class NewHearing(Schema):
    """``room``: null for one that is only by video or elsewhere; ``panel``: how many are to sit."""

    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    starts_at = _moment(required=True)
    ends_at = _moment(required=True)
    room = text(64, load_default=None, allow_none=True)
    public = flag(load_default=True)
    people = fields.List(fields.Nested(NewAttendee), load_default=list, validate=validate.Length(max=_MOST_CALLED))
    panel = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.OneOf(PANELS))


class Planned(Schema):
    """``notice_by``: the last day to make it known; ``warnings`` names it when that is over."""

    case_id = fields.String(required=True)
    hearing = fields.String(required=True)
    state = fields.String()
    notice_by = fields.String(allow_none=True, metadata={"format": "date"})
    warnings = fields.List(fields.String())


class Move(Schema):
    starts_at = _moment(required=True)
    ends_at = _moment(required=True)
    room = text(64, load_default=None, allow_none=True)
    reason = text(500, required=True)


class HearingClosing(Schema):
    """``held``: with the record as ``note``; ``adjourned`` and ``cancelled``: with the reason."""

    state = fields.String(required=True, validate=validate.OneOf(ENDS))
    note = text(4_000, required=True)
    began_at = _moment(load_default=None, allow_none=True)
    ended_at = _moment(load_default=None, allow_none=True)


class Notice(Schema):
    """``waiver``: the evidence that all parties waive a late notice."""

    on = fields.Date(required=True, validate=_DAYS)
    waiver = free_text()


class Noticed(Schema):
    case_id = fields.String(required=True)
    hearing = fields.String(required=True)
    late = fields.Boolean(required=True)


class LinkTest(Schema):
    passed = flag(required=True)
    note = free_text()


class LinkTested(Schema):
    case_id = fields.String(required=True)
    hearing = fields.String(required=True)
    link = fields.String(required=True)


class OwnTest(Schema):
    passed = flag(required=True)


class Presence(Schema):
    """``identified``: the identity was checked."""

    present = flag(required=True)
    identified = flag(load_default=False)


class Called(Schema):
    case_id = fields.String(required=True)
    hearing = fields.String(required=True)
    number = fields.Integer(required=True)


# --- rooms ------------------------------------------------------------------------------------------------------------
@noun.get("", all_of(Taken, "Week", first=fields.Date(required=True)), READ, query=WeekQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """What takes the rooms in the week of a day; by which case, is told to those who see it."""
    week: Week = services().hearings.week(actor(), query["week"])
    return {"first": week.first, "items": [
        {"room": room and room.key, "starts_at": entry.starts_at, "ends_at": entry.ends_at, "hearing": entry.hearing}
        for room, days in week.rooms for entries in days for entry in entries]}


@noun.get("/rooms", all_of(Room), READ)
def rooms(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Rooms in use."""
    return {"items": [room for room, _ in services().hearings.week(actor()).rooms if room is not None]}


@noun.post("/rooms", RoomKept, WRITE, body=NewRoom)
def keep_room(sent: Mapping[str, Any]) -> Outcome:
    """Add a room, or change it."""
    return act(c.KeepRoom(**sent))


@noun.get("/free-rooms", all_of(FreeRoom), READ, query=FreeQuery)
def free(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """When rooms are free in the working hours of a day, for as long as is asked for."""
    house = services()
    return {"items": free_rooms(house.database, house.parts, query["on"], timedelta(minutes=query["minutes"]),
                                query["remote"])}


# --- hearings of a case -----------------------------------------------------------------------------------------------
@cases.noun.get("/<key>/hearings", all_of(Hearing), READ)
def hearings(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Hearings of a case that you see or are called to, by time."""
    return {"items": services().hearings.of_case(actor(), key).hearings}


@cases.noun.post("/<key>/hearings", Planned, WRITE, body=NewHearing, status=HTTPStatus.CREATED)
def plan_hearing(sent: Mapping[str, Any], key: str) -> Outcome:
    """Set a hearing. Refused when the room or somebody who is called is taken (409), or must keep away."""
    people = tuple(c.Attendee(**person) for person in sent["people"])
    return act(c.PlanHearing(key, **{**sent, "people": people}))


@cases.noun.post("/<key>/hearings/<hearing>/move", Planned, WRITE, body=Move)
def move_hearing(sent: Mapping[str, Any], key: str, hearing: str) -> Outcome:
    """Another time or room; who is called is told."""
    return act(c.MoveHearing(key, hearing, **sent))


@cases.noun.post("/<key>/hearings/<hearing>/close", Planned, WRITE, body=HearingClosing)
def close_hearing(sent: Mapping[str, Any], key: str, hearing: str) -> Outcome:
    """It was held, is adjourned or cancelled. Held only once it has begun, was made known, and its line works."""
    return act(c.CloseHearing(key, hearing, **sent))


@cases.noun.post("/<key>/hearings/<hearing>/notice", Noticed, WRITE, body=Notice)
def give_notice(sent: Mapping[str, Any], key: str, hearing: str) -> Outcome:
    """It was made known on a day."""
    return act(c.GiveNotice(key, hearing, **sent))


@cases.noun.post("/<key>/hearings/<hearing>/link", LinkTested, WRITE, body=LinkTest)
def test_link(sent: Mapping[str, Any], key: str, hearing: str) -> Outcome:
    """The line of a hearing by video was tested."""
    return act(c.TestLink(key, hearing, **sent))


@cases.noun.post("/<key>/hearings/<hearing>/own-link", LinkTested, WRITE, body=OwnTest)
def try_link(sent: Mapping[str, Any], key: str, hearing: str) -> Outcome:
    """You are called and have tried your own equipment."""
    return act(c.TryLink(key, hearing, **sent))


@cases.noun.post("/<key>/hearings/<hearing>/attendees", Called, WRITE, body=NewAttendee, status=HTTPStatus.CREATED)
def call(sent: Mapping[str, Any], key: str, hearing: str) -> Outcome:
    """Call somebody; at most four for one side."""
    return act(c.AddAttendee(key, hearing, c.Attendee(**sent)))


@cases.noun.post("/<key>/hearings/<hearing>/attendees/<number>/remove", Planned, WRITE)
def uncall(sent: Mapping[str, Any], key: str, hearing: str, number: str) -> Outcome:
    """Somebody is called no more."""
    return act(c.RemoveAttendee(key, hearing, _counted(number)))


@cases.noun.post("/<key>/hearings/<hearing>/attendees/<number>/check-in", Called, WRITE, body=Presence)
def check_in(sent: Mapping[str, Any], key: str, hearing: str, number: str) -> Outcome:
    """Somebody is there, or is not."""
    return act(c.CheckIn(key, hearing, _counted(number), **sent))


def _counted(number: str) -> int:
    """The number of who is called; 0, which nobody has, for what is none."""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


@cases.noun.download("/<key>/hearings/<hearing>/calendar", CALENDAR, READ)
def hearing_calendar(query: Mapping[str, Any], key: str, hearing: str) -> Response:
    """One hearing as iCalendar (RFC 5545), without the title of the case."""
    answer = Response(services().hearings.calendar(actor(), key, hearing), content_type=f"{CALENDAR}; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
