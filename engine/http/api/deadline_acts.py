"""What people do to deadlines, as operations of ``/deadlines`` and ``/cases``; and versions of rules, ``/rules``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain import deadline_commands as c
from engine.domain.period_request import Unit
from engine.http.api import cases, deadlines
from engine.http.api.access import act
from engine.http.api.approvals import Requested, by_two
from engine.http.api.fields import free_text, text, whole
from engine.http.api.operations import Later, Noun
from engine.services.context import Outcome
from engine.services.legal_time.deadline_life import GROUNDS

WRITE = "cases:write"
noun = Noun("rules", "The rule table of deadlines.")


class NewDeadline(Schema):
    """``key`` of the rule table; ``from_on``: the day of the event, or of dispatch with ``delivery``; ``replaces``: the
    deadline whose place it takes."""

    key = text(required=True)
    from_on = fields.Date(required=True)
    delivery = text(load_default=None, allow_none=True)
    reason = free_text()
    replaces = text(load_default=None, allow_none=True)


class Armed(Schema):
    deadline = fields.String(required=True)
    due_on = fields.String(required=True, metadata={"format": "date"})


class Moved(Schema):
    """``before``: the day on which it was due until now; ``state`` of one that does not run."""

    deadline = fields.String(required=True)
    due_on = fields.String(metadata={"format": "date"})
    before = fields.String(metadata={"format": "date"})
    state = fields.String()


class Settled(Schema):
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    decision = fields.String(required=True)


class DeadlineExtension(Schema):
    """``requested_on``: the day it was asked for, today when it is left out."""

    count = whole(1, 999, required=True)
    unit = fields.String(required=True, validate=validate.OneOf(list(Unit)))
    reason = free_text()
    requested_on = fields.Date(load_default=None)


class Pause(Schema):
    """``from_on``: the first day that does not count, today when left out; with ``to_on``, the first day that counts
    again, the pause is over already."""

    reason = text(500, required=True)
    evidence = free_text()
    from_on = fields.Date(load_default=None)
    to_on = fields.Date(load_default=None)


class Resumption(Schema):
    """``on``: the first day that counts again, today when it is left out."""

    evidence = free_text()
    on = fields.Date(load_default=None)


class Interruption(Schema):
    on = fields.Date(required=True)
    reason = text(500, required=True)
    ended_on = fields.Date(load_default=None)


class ProvenService(Schema):
    proven_on = fields.Date(required=True)
    evidence = free_text()


class Override(Schema):
    due_on = fields.Date(required=True)
    reason = text(500, required=True)
    evidence = free_text()


class Closing(Schema):
    state = fields.String(required=True, validate=validate.OneOf(("met", "cancelled")))
    reason = free_text()


class Restoration(Schema):
    """``from_on``: the day the loss notice was received, or the obstacle ended."""

    ground = fields.String(required=True, validate=validate.OneOf(tuple(GROUNDS)))
    from_on = fields.Date(required=True)
    reason = free_text()


class Confirmation(Schema):
    reason = free_text()


class LateAct(Schema):
    reason = text(500, required=True)
    evidence = free_text()


class NewVersions(Schema):
    """``versions``: all versions of the key, as the rule table writes them, days as ISO text."""

    key = text(required=True)
    versions = fields.List(fields.Dict(), required=True, validate=validate.Length(1, 50))
    reason = text(500, required=True)


class RuleChanged(Schema):
    """Digests of the versions before and after."""

    change = fields.Integer(required=True)
    key = fields.String(required=True)
    before = fields.List(fields.String(), required=True)
    after = fields.List(fields.String(), required=True)


@cases.noun.post("/<key>/deadlines", Armed, WRITE, body=NewDeadline, status=HTTPStatus.CREATED)
def arm(sent: Mapping[str, Any], key: str) -> Outcome:
    """A deadline that no diagram waits for."""
    return act(c.ArmDeadline(key, **sent))


@deadlines.noun.post("/<key>/extend", Moved, WRITE, body=DeadlineExtension)
def extend(sent: Mapping[str, Any], key: str) -> Outcome:
    """Once, asked for before expiry, where the law allows it."""
    return act(c.ExtendDeadline(key, **sent))


@deadlines.noun.post("/<key>/pause", Moved, WRITE, body=Pause)
def pause(sent: Mapping[str, Any], key: str) -> Outcome:
    """Stop the clock for a named reason, where the law knows one."""
    return act(c.PauseDeadline(key, **sent))


@deadlines.noun.post("/<key>/resume", Moved, WRITE, body=Resumption)
def resume(sent: Mapping[str, Any], key: str) -> Outcome:
    """Let the clock run again with the time that was left."""
    return act(c.ResumeDeadline(key, **sent))


@deadlines.noun.post("/<key>/interrupt", Moved, WRITE, body=Interruption)
def interrupt(sent: Mapping[str, Any], key: str) -> Outcome:
    """The whole period runs anew from an act."""
    return act(c.InterruptDeadline(key, **sent))


@deadlines.noun.post("/<key>/prove-service", Moved, WRITE, body=ProvenService)
def prove_service(sent: Mapping[str, Any], key: str) -> Outcome:
    """Receipt was on another day than the presumed one."""
    return act(c.ProveService(key, **sent))


@deadlines.noun.post("/<key>/override", Moved, WRITE, body=Override, later=Requested)
def override(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """Set the day by hand. Where it takes two persons, the answer is a request for the second one (202)."""
    return by_two(c.OverrideDeadline(key, **sent), sent["reason"])


@deadlines.noun.post("/<key>/close", Moved, WRITE, body=Closing)
def close(sent: Mapping[str, Any], key: str) -> Outcome:
    """One that was armed by hand is met, or needed no more."""
    return act(c.CloseDeadline(key, **sent))


@deadlines.noun.post("/<key>/restore", Armed, WRITE, body=Restoration)
def restore(sent: Mapping[str, Any], key: str) -> Outcome:
    """Open the period in which the right behind an expired deadline may be restored."""
    return act(c.RestoreRight(key, **sent))


@deadlines.noun.post("/<key>/confirm", Settled, WRITE, body=Confirmation)
def confirm(sent: Mapping[str, Any], key: str) -> Outcome:
    """The consequence of an expired deadline takes effect."""
    return act(c.ConfirmExpiry(key, **sent))


@deadlines.noun.post("/<key>/accept-late", Settled, WRITE, body=LateAct)
def accept_late(sent: Mapping[str, Any], key: str) -> Outcome:
    """Accept an act after expiry, with reasons; the diagram goes on waiting for it."""
    return act(c.AcceptLate(key, **sent))


@noun.post("", RuleChanged, "admin", body=NewVersions, later=Requested)
def change(sent: Mapping[str, Any]) -> Outcome | Later:
    """Replace the versions of a key; running cases keep those that they froze. Where it takes two persons, the answer
    is a request for the second one (202)."""
    return by_two(c.ChangeRule(sent["key"], tuple(sent["versions"]), sent["reason"]), sent["reason"])
