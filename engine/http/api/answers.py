"""What several nouns answer with."""

from __future__ import annotations

from marshmallow import Schema, fields

from engine.http.api.fields import instant


class Finding(Schema):
    file = fields.String(required=True)
    element = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True)
    severity = fields.String(required=True)
    message = fields.String(required=True)
    line = fields.Integer(allow_none=True)


class FieldProblem(Schema):
    """``field``: a JSON pointer into the body, ``query:name``, a header, or the key of a form field."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    params = fields.Dict(required=True)


class Problem(Schema):
    """RFC 9457. ``code`` is stable; ``problems`` names the fields, ``findings`` the elements that are wrong."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    problems = fields.List(fields.Nested(FieldProblem))
    findings = fields.List(fields.Nested(Finding))


class Deadline(Schema):
    """A legal or service period: when it ends, by which rule, and how that was computed."""

    key = fields.String(required=True)
    rule = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    event_on = fields.Date(required=True)
    start_on = fields.Date(required=True)
    nominal_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    due_at = instant(required=True)
    provisional = fields.Boolean(required=True)
    workdays_left = fields.Integer(required=True, allow_none=True)
    workdays_total = fields.Integer(required=True)
    basis = fields.String(required=True)
    local = fields.Boolean(required=True)
    consequence = fields.String(required=True)
    steps = fields.List(fields.String(), required=True)
    rule_version = fields.String(required=True)
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    case_title = fields.String(required=True)


class Document(Schema):
    """``key``: its id in the case; its content is at ``/files/<sha256>``."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    name = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    category = fields.String(required=True)
    source = fields.String(required=True)
    added_at = instant(required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    media = fields.String(required=True)


class UserTaskRow(Schema):
    """A user task in a list; ``mine``, ``may_claim`` and ``may_work`` are for who asks."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    element = fields.String(required=True)
    state = fields.String(required=True)
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    case_title = fields.String(required=True)
    parties = fields.String(required=True)
    stage = fields.String(required=True)
    assignee = fields.String(required=True, allow_none=True)
    assignee_name = fields.String(required=True)
    mine = fields.Boolean(required=True)
    may_claim = fields.Boolean(required=True)
    may_work = fields.Boolean(required=True)
    deadline = fields.Nested(Deadline, required=True, allow_none=True)
    priority = fields.Integer(required=True)
    follow_up_at = instant(required=True, allow_none=True)
    created_at = instant(required=True)
    ended_at = instant(required=True, allow_none=True)


class CaseState(Schema):
    """A case after a change."""

    case_id = fields.String(required=True)
    case_no = fields.String(allow_none=True)
    state = fields.String(required=True)
