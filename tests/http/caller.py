"""Programs that ask the API: each with a bearer token of a user with one role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, AddUser, CreateToken, PartnerKey
from engine.http import wire
from engine.http.api.operations import PREFIX
from engine.services.people.identity import new_token
from engine.store import schema
from tests.support.house import House
from webhooks.signature import HMAC_SHA256

DESK = "kapok.api"


@dataclass(frozen=True)
class Caller:
    client: FlaskClient
    token: str

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(PREFIX + path, query_string=query, headers=self._headers())

    def post(self, path: str, body: Any = None, key: str | None = None, **more: Any) -> TestResponse:
        sent = {"data": wire.encode(body), "content_type": "application/json"} if body is not None else {}
        return self.client.post(PREFIX + path, headers=self._headers(key), **{**sent, **more})

    def _headers(self, key: str | None = None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**headers, "Idempotency-Key": key} if key is not None else headers


class Office:
    """The house, its application, and callers by role (several roles: ``intake+worker``)."""

    def __init__(self, house: House, app: Flask, rest: Callable[[float], None], rests: list[float]) -> None:
        self.house, self.app, self.rests = house, app, rests
        self.rest_by(rest)

    def rest_by(self, rest: Callable[[float], None]) -> None:
        """How a request that waits for jobs rests."""
        self.app.extensions[DESK] = replace(self.app.extensions[DESK], wait=rest)

    def caller(self, roles: str, *scopes: str) -> Caller:
        if not any(row.id == roles for row in self._users()):
            self.house.run(AddUser(roles, roles, tuple(roles.split("+")), "!"), SHELL)
        return Caller(self.app.test_client(), self.token(roles, *scopes))

    def token(self, user: str, *scopes: str, **more: Any) -> str:
        secret, digest = new_token()
        self.house.run(CreateToken(user, digest, scopes, **more), SHELL)
        return secret

    def add_partner(self, code: str, secret: str) -> None:
        self.house.run(AddPartner(code, "cnipa", keys=(PartnerKey("k1", HMAC_SHA256, "shared", secret),)), SHELL)

    def nobody(self) -> Caller:
        return Caller(self.app.test_client(), "")

    def _users(self) -> list[Any]:
        return self.house.rows(schema.user)


def read(answer: TestResponse) -> Any:
    """The answer's body, exact; a wrong media type is a failure."""
    assert answer.content_type in ("application/json", "application/problem+json"), answer.content_type
    return wire.decode(answer.data)


def refused(answer: TestResponse, status: int, code: str) -> Any:
    """The problem document of a refusal."""
    body = read(answer)
    assert (answer.status_code, body["code"]) == (status, code), body
    assert (answer.content_type, body["status"]) == ("application/problem+json", status)
    return body
