"""``/cases``: started, looked at, held, ended, corrected. A case is named by its id or its number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, copy_current_request_context
from marshmallow import Schema, fields, validate

from engine.domain.commands import CancelCase, ModifyCase, ResumeCase, SetVariables, StartCase, SuspendCase
from engine.domain.desk_commands import Comment
from engine.http.api import pages
from engine.http.api.access import act, actor, services
from engine.http.api.answers import CaseState, Deadline, Document, UserTaskRow
from engine.http.api.fields import Cursor, free_text, instant, search_text, text, variables, whole
from engine.http.api.operations import Noun
from engine.services.context import Outcome
from engine.services.views.exports import MEDIA, written
from engine.services.views.models import CaseRowView

STATES = ("active", "suspended", "completed", "cancelled")
READ, WRITE = "cases:read", "cases:write"
_MOST_MOVES = 100
EXPORTED = ("case_no", "id", "title", "process_name", "state", "stage", "parties", "deadline", "due_on",
            "workdays_left", "started_at")

noun = Noun("cases", "Cases and their life: start, history, hold, resume, cancel, correct.")


class CaseRow(Schema):
    id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    process_name = fields.String(required=True)
    state = fields.String(required=True)
    parties = fields.String(required=True)
    stage = fields.String(required=True)
    started_at = instant(required=True)
    updated_at = instant(required=True)
    deadline = fields.Nested(Deadline, required=True, allow_none=True)


class Message(Schema):
    direction = fields.String(required=True)
    partner_name = fields.String(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True)
    at = instant(required=True)
    attempts = fields.Integer(required=True)


class CaseIncident(Schema):
    key = fields.String(required=True)
    element = fields.String(required=True)
    message = fields.String(required=True)
    raised_at = instant(required=True)
    may_resolve = fields.Boolean(required=True)


class Case(Schema):
    id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    process_name = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    stage = fields.String(required=True)
    parties = fields.String(required=True)
    level = fields.String(required=True)
    kind = fields.String(required=True)
    applicant_name = fields.String(required=True)
    owner_name = fields.String(required=True)
    started_at = instant(required=True)
    ended_at = instant(required=True, allow_none=True)
    result = fields.String(required=True)
    tasks = fields.List(fields.Nested(UserTaskRow), required=True)
    deadlines = fields.List(fields.Nested(Deadline), required=True)
    documents = fields.List(fields.Nested(Document), required=True)
    messages = fields.List(fields.Nested(Message), required=True)
    incidents = fields.List(fields.Nested(CaseIncident), required=True)


class HistoryEntry(Schema):
    """``seq`` counts from 1 in the case; ``instance`` is one visit to an element."""

    seq = fields.Integer(required=True)
    at = instant(required=True)
    kind = fields.String(required=True)
    process = fields.String(required=True, allow_none=True)
    element = fields.String(required=True, allow_none=True)
    instance = fields.Integer(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)
    actor = fields.String(required=True)
    data = fields.Dict(required=True, allow_none=True)


class CaseFilters(Schema):
    q = search_text()
    stage = free_text(64)
    process = free_text()
    state = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))
    overdue = fields.Boolean(load_default=False)


class CaseQuery(CaseFilters, pages.Numbered):
    """As on the page of cases."""


class Note(Schema):
    """``@account`` or ``@name`` in it tells that person."""

    text = text(2_000, required=True)


class WrittenNote(Schema):
    """``element``: of the task it is about, or empty."""

    at = instant(required=True)
    author = fields.String(required=True)
    author_name = fields.String(required=True)
    text = fields.String(required=True)
    element = fields.String(required=True)


class NoteTold(Schema):
    """``unseen``: who was mentioned and not told, because the case is not there for them."""

    case_id = fields.String(required=True)
    mentioned = fields.List(fields.String(), required=True)
    unseen = fields.List(fields.String(), required=True)


class HistoryQuery(Schema):
    cursor = Cursor(int, load_default=lambda: (0,))


class CaseStart(Schema):
    """``element``: which none start event, when there are several."""

    process_id = text(required=True)
    variables = variables()
    element = text(load_default=None, allow_none=True)


class Reason(Schema):
    reason = text(500, required=True)


class Suspension(Reason):
    """``from_on``: the first day that does not count, today when it is left out; ``until_on``: when to be reminded."""

    basis = free_text()
    evidence = free_text()
    from_on = fields.Date(load_default=None)
    until_on = fields.Date(load_default=None)


class OptionalReason(Schema):
    reason = free_text()


class Changes(Schema):
    variables = variables(required=True)


class Modification(Schema):
    """``activate``: elements to start before; ``terminate``: element instances to end, as history names them."""

    activate = fields.List(text(), load_default=list, validate=lambda found: len(found) <= _MOST_MOVES)
    terminate = fields.List(whole(0, 2**53), load_default=list, validate=lambda found: len(found) <= _MOST_MOVES)
    reason = text(500, required=True)


@noun.get("", pages.list_of(CaseRow), READ, query=CaseQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest 1,000 cases that you may see and that fit.

    ``q``: a number however it is written, or two characters at least of title and parties (fewer are 422);
    ``overdue``: a deadline of the law has passed.
    """
    return pages.numbered(services().queries.cases(actor(), query["q"], pages.number(query), _filters(query)))


@noun.download("/export", MEDIA, READ, query=CaseFilters)
def export(query: Mapping[str, Any]) -> Response:
    """The same as a CSV file (UTF-8 with a byte order mark), for those who may export: the newest 10,000 cases.

    ``X-Count`` tells how many rows there are, ``X-Withheld`` how many unpublished applications were left out,
    ``X-More`` (true or false) whether there are further cases.
    """
    found = services().exports.cases(actor(), query["q"], _filters(query))
    part = copy_current_request_context(partial(next, written(EXPORTED, map(_line, found.rows)), None))
    answer = Response(iter(part, None), content_type=f"{MEDIA}; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=cases.csv"
    answer.headers["Cache-Control"] = "no-store"
    for name, value in (("Count", found.count), ("Withheld", found.withheld), ("More", str(found.more).lower())):
        answer.headers[f"X-{name}"] = str(value)
    return answer


def _filters(query: Mapping[str, Any]) -> dict[str, str]:
    found = {name: query[name] for name in ("stage", "process", "state")}
    return {**found, "overdue": "1"} if query["overdue"] else found


def _line(row: CaseRowView) -> list[object]:
    due = row.deadline
    return [row.case_no, row.id, row.title, row.process_name, row.state, row.stage, row.parties,
            due and due.name, due and due.due_on, due and due.workdays_left, row.started_at.isoformat()]


@noun.post("", CaseState, WRITE, body=CaseStart, status=HTTPStatus.CREATED, missing=True)
def start(sent: Mapping[str, Any]) -> Outcome:
    """Start a case of the newest version of a process. A start form, if there is one, is checked."""
    return act(StartCase(sent["process_id"], sent["variables"], element=sent["element"], form_checked=True))


@noun.get("/<key>", Case, READ)
def get(_: Mapping[str, Any], key: str) -> Any:
    """One case: open tasks, deadlines, documents, messages, incidents."""
    return services().queries.case(actor(), key)


@noun.get("/<key>/history", pages.list_of(HistoryEntry), READ, query=HistoryQuery)
def history(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What has happened in a case, oldest first."""
    rows = services().queries.history(actor(), key, query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.seq,))


@noun.get("/<key>/notes", pages.all_of(WrittenNote), READ)
def notes(_: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Notes of colleagues, newest first."""
    return {"items": services().queries.case(actor(), key).comments}


@noun.post("/<key>/notes", NoteTold, WRITE, body=Note)
def note(sent: Mapping[str, Any], key: str) -> Outcome:
    """Write a note to colleagues into a case."""
    return act(Comment(services().queries.case(actor(), key).id, sent["text"]))


@noun.post("/<key>/suspend", CaseState, WRITE, body=Suspension)
def suspend(sent: Mapping[str, Any], key: str) -> Outcome:
    """Hold a case: timers do not fire and tasks cannot be completed until it is resumed; of its deadlines those stop
    that the law lets stop."""
    return act(SuspendCase(key, **sent))


@noun.post("/<key>/resume", CaseState, WRITE, body=OptionalReason)
def resume(sent: Mapping[str, Any], key: str) -> Outcome:
    """Let a held case go on."""
    return act(ResumeCase(key, sent["reason"]))


@noun.post("/<key>/cancel", CaseState, WRITE, body=Reason)
def cancel(sent: Mapping[str, Any], key: str) -> Outcome:
    """End a case, with everything that waits in it."""
    return act(CancelCase(key, sent["reason"]))


@noun.post("/<key>/modification", CaseState, WRITE, body=Modification)
def modify(sent: Mapping[str, Any], key: str) -> Outcome:
    """Move tokens by hand; the reason is kept in the history."""
    return act(ModifyCase(key, tuple(sent["activate"]), tuple(sent["terminate"]), sent["reason"]))


@noun.post("/<key>/variables", CaseState, WRITE, body=Changes)
def set_variables(sent: Mapping[str, Any], key: str) -> Outcome:
    """Set variables of a case; what waits for a condition looks again."""
    return act(SetVariables(key, sent["variables"]))
