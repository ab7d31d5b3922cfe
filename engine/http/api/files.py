"""``/files``: content handed in before a request refers to it, and read by who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, send_file
from marshmallow import Schema, ValidationError, fields, validate

from engine.domain.commands import FileRef
from engine.http.api.access import actor, services
from engine.http.api.fields import Stream, text
from engine.http.api.operations import Files, Noun
from engine.http.api.pages import all_of

READ, WRITE, TASKS = "cases:read", "cases:write", "tasks"
BYTES = "application/octet-stream"
_LONGEST_NAME, _MOST_FILES = 200, 20

noun = Noun("files", "Content of papers and evidence, by its SHA-256.")


def _require_name(value: str) -> None:
    if not value.isprintable() or "/" in value or "\\" in value:
        raise ValidationError("Expected a file name without a folder.")


def file_name() -> fields.String:
    return fields.String(required=True, validate=[validate.Length(min=1, max=_LONGEST_NAME), _require_name])


class NewFile(Schema):
    """``content``: base64; as it is in a multipart body."""

    name = file_name()
    content = Stream(required=True, metadata={"type": "string", "contentEncoding": "base64"})


class Upload(Files):
    streamed = True
    resources = fields.List(fields.Nested(NewFile), required=True, validate=validate.Length(1, _MOST_FILES))


class Staged(Schema):
    sha256 = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    media = fields.String(required=True)


class Reference(Schema):
    """A file that was handed in at ``/files``."""

    sha256 = text(64, required=True)
    name = file_name()


def ref(sent: Mapping[str, str]) -> FileRef:
    return FileRef(sent["sha256"], sent["name"])


@noun.post("", all_of(Staged), WRITE, TASKS, body=Upload, status=HTTPStatus.CREATED,
           never={HTTPStatus.CONFLICT})
def upload(sent: Mapping[str, Any]) -> Mapping[str, Sequence[Any]]:
    """Hand in files, with their hash taken as they come. What no request refers to within a day is swept."""
    files, who = services().files, actor()
    return {"items": [files.stage(item["content"], item["name"], "", who) for item in sent["resources"]]}


@noun.download("/<key>", BYTES, READ, TASKS)
def get(query: Mapping[str, Any], key: str) -> Response:
    """The content of a file of a case that you see, or that you have handed in. A reading of a confidential one is on
    record; one of an unpublished application has your name and the time in it, where its kind can be stamped."""
    found = services().archive.file(actor(), key)
    answer = send_file(found.open(), mimetype=BYTES, as_attachment=True, download_name=found.name, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer
