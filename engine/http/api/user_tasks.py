"""``/user-tasks``: what people do, through programs of theirs. What a form asks is checked as on the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.commands import (
    AssignUserTask,
    ClaimUserTask,
    Command,
    CompleteUserTask,
    ReleaseUserTask,
    SaveDraft,
    ThrowError,
)
from engine.domain.desk_commands import DelegateUserTask, SetFollowUp, SetPriority
from engine.errors import KapokError
from engine.http.api import pages
from engine.http.api.access import act, actor, services
from engine.http.api.answers import CaseState, Document, UserTaskRow
from engine.http.api.fields import free_text, instant, search_text, text, variables, whole
from engine.http.api.operations import Noun
from engine.http.errors import said
from engine.services.context import Outcome

TASKS = "tasks"
_MOST_AT_ONCE = 100

noun = Noun("user-tasks", "User tasks: claimed, released, assigned, completed.")


class LegalNote(Schema):
    source = fields.String(required=True)
    text = fields.String(required=True)
    checked = fields.Boolean(required=True)


class UserTask(UserTaskRow):
    """A task with what is needed to do it: ``schema`` is its form (form-js), ``values`` what the form begins with."""

    description = fields.String(required=True)
    legal_basis = fields.List(fields.Nested(LegalNote), required=True)
    next = fields.String(required=True)
    schema = fields.Dict(required=True, allow_none=True)
    values = fields.Dict(required=True)
    draft_at = instant(required=True, allow_none=True)
    may_release = fields.Boolean(required=True)
    documents = fields.List(fields.Nested(Document), required=True)


class TaskQuery(pages.Numbered):
    view = fields.String(load_default="mine", validate=validate.OneOf(["mine", "all", "done"]))
    q = search_text()
    group = free_text(64)
    process = free_text()
    free = fields.Boolean(load_default=False)
    follow = fields.Boolean(load_default=False)
    urgent = fields.Boolean(load_default=False)


class Assignment(Schema):
    task = fields.Integer(required=True)
    assignee = fields.String(required=True, allow_none=True)


class NewAssignee(Schema):
    assignee = text(required=True)
    reason = free_text()


class Colleague(Schema):
    """``to``: an account that may do the task."""

    to = text(required=True)
    reason = free_text()


class FollowUpDay(Schema):
    """``on``: null for no day."""

    on = fields.Date(required=True, allow_none=True)


class FollowUp(Schema):
    task = fields.Integer(required=True)
    follow_up_at = fields.String(required=True, allow_none=True)


class Urgency(Schema):
    """``priority``: 50 is usual."""

    priority = whole(0, 100, required=True)


class Bulk(Schema):
    """``act``: what is done with each task; ``delegate`` needs ``to``, ``follow-up`` takes ``on`` (null: no day)."""

    act = fields.String(required=True, validate=validate.OneOf(["claim", "release", "delegate", "follow-up"]))
    keys = fields.List(text(), required=True, validate=validate.Length(1, _MOST_AT_ONCE))
    to = free_text(64)
    reason = free_text()
    on = fields.Date(load_default=None, allow_none=True)


class Done(Schema):
    """``code``, ``detail``: why it was not done."""

    key = fields.String(required=True)
    done = fields.Boolean(required=True)
    code = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)


class Prioritised(Schema):
    task = fields.Integer(required=True)
    priority = fields.Integer(required=True)


class Completion(Schema):
    variables = variables()


class BpmnError(Schema):
    """``code``: what an error event of the diagram catches."""

    code = text(required=True)
    variables = variables()


class Draft(Schema):
    values = variables(required=True)


class DraftSaved(Schema):
    saved_at = fields.String(required=True)


@noun.get("", pages.list_of(UserTaskRow), TASKS, query=TaskQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """The next 500 tasks by due date: ``mine`` (and those you may claim), ``all`` of your cases, or ``done`` by you
    this week.

    ``q``: of cases with this number or name; ``free``: nobody has it; ``follow``: its follow-up day has come;
    ``urgent``: above the usual priority.
    """
    flags = {name: "1" for name in ("free", "follow", "urgent") if query[name]}
    filters = {name: query[name] for name in ("view", "q", "group", "process")} | flags
    return pages.numbered(services().queries.inbox(actor(), filters, pages.number(query)))


@noun.post("/bulk", pages.all_of(Done), TASKS, body=Bulk,
           never={HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE})
def bulk(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do the same with up to 100 tasks, each by itself: that one is refused stops no other. Takes no idempotency key:
    what is done already is told so."""
    return {"items": [_done(_BULK[sent["act"]](key, sent), key) for key in dict.fromkeys(sent["keys"])]}


def _done(command: Command, key: str) -> Mapping[str, Any]:
    try:
        services().runner.run(command, actor())
    except KapokError as error:
        return {"key": key, "done": False, "code": error.code, "detail": said(error)}
    return {"key": key, "done": True, "code": None, "detail": None}


_BULK: Mapping[str, Callable[[str, Mapping[str, Any]], Command]] = {
    "claim": lambda key, sent: ClaimUserTask(key),
    "release": lambda key, sent: ReleaseUserTask(key),
    "delegate": lambda key, sent: DelegateUserTask(key, sent["to"], sent["reason"]),
    "follow-up": lambda key, sent: SetFollowUp(key, sent["on"]),
}


@noun.get("/<key>", UserTask, TASKS)
def get(_: Mapping[str, Any], key: str) -> Any:
    """One task with its form."""
    return services().queries.task(actor(), key)


@noun.post("/<key>/claim", Assignment, TASKS)
def claim(_: Mapping[str, Any], key: str) -> Outcome:
    """Take a task that is offered to you."""
    return act(ClaimUserTask(key))


@noun.post("/<key>/release", Assignment, TASKS)
def release(_: Mapping[str, Any], key: str) -> Outcome:
    """Give a task back to all it was offered to."""
    return act(ReleaseUserTask(key))


@noun.post("/<key>/assign", Assignment, TASKS, body=NewAssignee)
def assign(sent: Mapping[str, Any], key: str) -> Outcome:
    """Give a task to someone."""
    return act(AssignUserTask(key, sent["assignee"], sent["reason"]))


@noun.post("/<key>/delegate", Assignment, TASKS, body=Colleague)
def delegate(sent: Mapping[str, Any], key: str) -> Outcome:
    """Hand a task that you have to a colleague who may do it."""
    return act(DelegateUserTask(key, sent["to"], sent["reason"]))


@noun.post("/<key>/follow-up", FollowUp, TASKS, body=FollowUpDay)
def follow_up(sent: Mapping[str, Any], key: str) -> Outcome:
    """Set the day on which to come back to a task."""
    return act(SetFollowUp(key, sent["on"]))


@noun.post("/<key>/priority", Prioritised, TASKS, body=Urgency)
def prioritise(sent: Mapping[str, Any], key: str) -> Outcome:
    """Put a task first or last, for those who assign tasks."""
    return act(SetPriority(key, sent["priority"]))


@noun.post("/<key>/complete", CaseState, TASKS, body=Completion)
def complete(sent: Mapping[str, Any], key: str) -> Outcome:
    """Complete a task. Of two who complete the same task one succeeds; the other is told who did, and when."""
    return act(CompleteUserTask(key, sent["variables"], form_checked=True))


@noun.post("/<key>/error", CaseState, TASKS, body=BpmnError)
def throw_error(sent: Mapping[str, Any], key: str) -> Outcome:
    """End a task by a BPMN error."""
    return act(ThrowError(key, sent["code"], sent["variables"]))


@noun.post("/<key>/draft", DraftSaved, TASKS, body=Draft)
def save_draft(sent: Mapping[str, Any], key: str) -> Outcome:
    """Keep what has been filled in so far; yours alone."""
    return act(SaveDraft(key, sent["values"]))
