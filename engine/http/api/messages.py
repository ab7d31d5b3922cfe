"""``/messages``: published by name and key, kept until matched or out of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields

from engine.domain.commands import PublishMessage
from engine.http.api.access import act
from engine.http.api.fields import NAME, Duration, free_text, text, variables
from engine.http.api.operations import Noun
from engine.services.context import Outcome

noun = Noun("messages", "Messages to cases, correlated by name and key.")


class NewMessage(Schema):
    """``legal_on``: the legal receipt date of what arrived; default: today. A repeated ``message_id`` is ignored."""

    name = text(required=True)
    key = free_text(NAME)
    variables = variables()
    message_id = text(load_default=None, allow_none=True)
    time_to_live = Duration(timedelta(days=3650), load_default=timedelta(hours=72))
    legal_on = fields.Date(load_default=None, allow_none=True)


class PublishedMessage(Schema):
    """``matched``: by how many receivers; 0 means that the message is kept for its time to live."""

    message = fields.String(required=True)
    matched = fields.Integer(required=True)
    duplicate = fields.Boolean(required=True)


@noun.post("", PublishedMessage, "messages", body=NewMessage)
def publish(sent: Mapping[str, Any]) -> Outcome:
    """Publish a message."""
    return act(PublishMessage(**sent))
