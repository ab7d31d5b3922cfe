"""``/keys``: the master key of what is sealed at rest."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema

from engine.domain.administration import RequestApproval, RotateKeys
from engine.http.api.access import act
from engine.http.api.approvals import Requested
from engine.http.api.fields import text
from engine.http.api.operations import Noun
from engine.services.context import Outcome

noun = Noun("keys", "Keys of what is sealed at rest; no key is ever shown.")


class Rotation(Schema):
    reason = text(500, required=True)


@noun.post("/rotate", Requested, "admin", body=Rotation, status=HTTPStatus.ACCEPTED)
def rotate(sent: Mapping[str, Any]) -> Outcome:
    """Ask for a new master key, which wraps the data keys when another person allows it."""
    return act(RequestApproval(RotateKeys(), sent["reason"]))
