"""A noun of the API: flask-smorest's blueprint, with what all our operations share said once.

An operation is schema in, one service call, schema out. This wraps it: the token first, then the body, the answer as
exact JSON, and in the description everything it may be answered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from flask import Request, Response, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser

from engine.domain.forms import Problem
from engine.errors import InvalidInput, NotFound
from engine.http import wire
from engine.http.api.access import KEY_LENGTH, admit
from engine.http.api.fields import Empty

PREFIX = "/api/v1"
JSON = "application/json"
MAX_BODY = 2 * 1024 * 1024
"""Bytes of a JSON body; deployments may be as long as an upload."""

View = TypeVar("View", bound=Callable[..., Any])
_KEY_HEADER = {
    "in": "header", "name": "Idempotency-Key", "required": False, "schema": {"type": "string", "maxLength": KEY_LENGTH},
    "description": "The same key with the same request gives the first answer again and does nothing."}


class FieldsInvalid(InvalidInput):
    """Expected a request that fits the description, but {count} field(s) do not."""

    code = "fields_invalid"


class Files(Schema):
    """A body that may also come as ``multipart/form-data``: each file is one of ``resources``."""

    streamed = False
    """Files of a form are handed on as streams, not as bytes."""


class StrictParser(FlaskParser):
    """webargs with our JSON, our errors, and no unknown parameter passed over in silence."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        if isinstance(schema, Files) and req.mimetype == "multipart/form-data":
            files = req.files.items(multi=True)
            return {"resources": [{"name": file.filename, "content": file.stream if schema.streamed else file.read()}
                                  for _, file in files]}
        if not isinstance(schema, Files):
            req.max_content_length = MAX_BODY
        raw = req.get_data()
        if not raw:
            return missing
        if req.mimetype != JSON:
            raise wire.WrongMediaType(expected=JSON, found=req.mimetype or "no content type")
        return wire.decode(raw)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: int | None,
                     error_headers: Mapping[str, str] | None) -> NoReturn:
        problems = tuple(Problem(pointer, "invalid", {"message": message})
                         for place, found in error.messages_dict.items()
                         for pointer, message in _pointers(found, "" if place == "json" else "query:"))
        raise FieldsInvalid(count=len(problems), problems=problems) from error


def _pointers(found: Any, path: str) -> Iterable[tuple[str, str]]:
    """(JSON pointer (RFC 6901), message); of a query parameter ``query:name``."""
    if isinstance(found, dict):
        for name, part in found.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            inside = f"{path}{step}" if path == "query:" else f"{path}/{step}"
            yield from _pointers(part, path if name == "_schema" else inside)
        return
    for message in found if isinstance(found, list) else [found]:
        yield path, str(message)


@dataclass(frozen=True, slots=True)
class Later:
    """An outcome that is not there yet: answered with 202 and what to look for."""

    outcome: Mapping[str, Any]


class Noun:
    """``scopes``: one of them opens an operation. ``missing``: it may answer 404 though its path has no key."""

    def __init__(self, name: str, description: str) -> None:
        self.name = name
        self.blueprint: Any = Blueprint(name, __name__, url_prefix=f"{PREFIX}/{name}", description=description)
        self.blueprint.ARGUMENTS_PARSER = StrictParser()

    def get(self, rule: str, answer: type[Schema], *scopes: str, query: type[Schema] = Empty) -> Callable[[View], View]:
        refusals = {HTTPStatus.UNPROCESSABLE_ENTITY}
        return self._operation("GET", rule, answer, scopes, query, "query", HTTPStatus.OK, refusals)

    def download(self, rule: str, media: str, *scopes: str, query: type[Schema] = Empty) -> Callable[[View], View]:
        """An answer that is no JSON: the function gives the whole response."""
        return self._operation("GET", rule, media, scopes, query, "query", HTTPStatus.OK,
                               {HTTPStatus.UNPROCESSABLE_ENTITY})

    def post(self, rule: str, answer: type[Schema], *scopes: str, body: type[Schema] = Empty,
             status: HTTPStatus = HTTPStatus.OK, missing: bool = False,
             later: type[Schema] | None = None, never: Collection[HTTPStatus] = ()) -> Callable[[View], View]:
        """``never``: refusals that it does not answer with; one that is never a conflict takes no idempotency key."""
        refusals = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE}
        return self._operation("POST", rule, answer, scopes, body, "json", status,
                               refusals - set(never) | ({HTTPStatus.NOT_FOUND} if missing else set()), later)

    def _operation(self, method: str, rule: str, answer: type[Schema] | str, scopes: tuple[str, ...],
                   taken: type[Schema], location: str, status: HTTPStatus, refusals: set[HTTPStatus],
                   later: type[Schema] | None = None) -> Callable[[View], View]:
        keyed = "<" in rule
        refusals |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
        refusals |= {HTTPStatus.NOT_FOUND} if keyed else set()
        blueprint = self.blueprint

        def install(function: View) -> View:
            view = _answering(blueprint, function, answer, status, later)
            if later is not None:
                view = blueprint.alt_response(int(HTTPStatus.ACCEPTED), schema=later, content_type=JSON)(view)
            view = blueprint.arguments(taken, location=location, required=_required(taken))(view)
            for refusal in sorted(refusals):
                view = blueprint.alt_response(int(refusal), response=refusal.name)(view)
            view = blueprint.doc(**self._said(function.__name__, scopes, taken, HTTPStatus.CONFLICT in refusals))(view)
            blueprint.route(rule, methods=[method])(_guarded(view, scopes))
            return function

        return install

    def _said(self, name: str, scopes: tuple[str, ...], taken: type[Schema], once: bool) -> dict[str, Any]:
        said: dict[str, Any] = {"operationId": f"{self.name.replace('-', '_')}.{name}",
                                "security": [{"bearer": [scope]} for scope in scopes]}
        if once:
            said["parameters"] = [_KEY_HEADER]
        if issubclass(taken, Files):
            parts = {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
            said["requestBody"] = {"content": {"multipart/form-data": {
                "schema": {"type": "object", "properties": {"resources": parts}}}}}
        return said


def _required(taken: type[Schema]) -> bool:
    return any(field.required for field in taken().fields.values())


def _answering(blueprint: Any, function: Callable[..., Any], answer: type[Schema] | str, status: HTTPStatus,
               later: type[Schema] | None) -> Any:
    if isinstance(answer, str):
        content = {answer: {"schema": {"type": "string", "contentMediaType": answer}}}
        return blueprint.doc(responses={str(int(status)): {"description": "OK", "content": content}})(function)
    return blueprint.response(int(status), answer, content_type=JSON)(_rendered(function, answer(), status, later))


def _rendered(function: Callable[..., Any], answer: Schema, status: HTTPStatus,
              later: type[Schema] | None = None) -> Callable[..., Response]:
    @wraps(function)
    def view(*args: Any, **kwargs: Any) -> Response:
        found = function(*args, **kwargs)
        if isinstance(found, Later) and later is not None:
            response = Response(wire.encode(later().dump(found.outcome)), int(HTTPStatus.ACCEPTED), content_type=JSON)
        else:
            response = Response(wire.encode(answer.dump(found)), int(status), content_type=JSON)
        response.headers["Cache-Control"] = "no-store"
        return response

    return view


def _guarded(function: Callable[..., Any], scopes: tuple[str, ...]) -> Callable[..., Any]:
    @wraps(function)
    def view(*args: Any, **kwargs: Any) -> Any:
        admit(scopes)
        for value in (request.view_args or {}).values():
            if not wire.plain_text(value):
                raise NotFound(noun="key", key=ascii(value))
        return function(*args, **kwargs)

    return view
