"""``/signals``: to everyone who waits now; never kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from engine.domain.commands import BroadcastSignal
from engine.http.api.access import act
from engine.http.api.fields import text, variables
from engine.http.api.operations import Noun
from engine.services.context import Outcome

noun = Noun("signals", "Signals to all cases that wait for them now.")


class NewSignal(Schema):
    name = text(required=True)
    variables = variables()


class Broadcast(Schema):
    signal = fields.String(required=True)
    receivers = fields.Integer(required=True)


@noun.post("", Broadcast, "messages", body=NewSignal)
def broadcast(sent: Mapping[str, Any]) -> Outcome:
    """Broadcast a signal."""
    return act(BroadcastSignal(sent["name"], sent["variables"]))
