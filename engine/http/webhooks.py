"""``POST /webhooks/v1/{partner}``: the receiver of ``webhooks`` in front of the runner. It signs its answers."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from engine.clock import Clock
from engine.domain.actors import Actor, ActorKind
from engine.domain.commands import AcceptInbound, Proof
from engine.services.runner import Runner
from engine.store import partners
from engine.store.database import Database
from webhooks.catalogue import Catalogue
from webhooks.keys import key_of
from webhooks.receipts import StoredReceipt
from webhooks.receiver import MAX_BODY, InboundMessage, Outcome, PartnerView, receive

_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a partner's code may look like; whatever else is in the address is nobody's."""


class RunnerStore:
    """The receiver's store: each verified message is one command, so message, receipt, effect are one transaction."""

    def __init__(self, runner: Runner, actor: Actor) -> None:
        self._runner = runner
        self._actor = actor

    def accept(self, message: InboundMessage) -> Outcome:
        answer = self._runner.run(AcceptInbound(
            partner=message.partner, message_id=message.msg_id, body_hash=message.sha256, type=message.type,
            key=message.correlation_key or "", envelope=message.envelope, event_seq=message.event_seq,
            received_at=message.received_at, proof=Proof(message.raw, message.headers, message.key_id)), self._actor)
        if answer.get("first") is not None:
            return Outcome("accepted", first=_receipt(message.msg_id, answer["first"]))
        return Outcome(answer["status"], answer["case_no"])

    def refused(self, partner: str | None, code: str, detail: str) -> None:
        self._runner.audit(self._actor, "ReceiveWebhook", {"refused": code, "detail": detail, "partner": partner})


def _receipt(msg_id: str, first: Mapping[str, Any]) -> StoredReceipt:
    return StoredReceipt(msg_id, first["status"], datetime.fromisoformat(first["received_at"]), first["sha256"],
                         first["case_no"])


def partner_view(database: Database, code: str, own_code: str) -> PartnerView | None:
    """What the wire has to know about a partner; None when there is none, or it is switched off."""
    with database.reading() as connection:
        row, known = partners.with_keys(connection, code)
    if row is None or not row.enabled:
        return None
    keys = [(item.use, key_of(item)) for item in known]
    return PartnerView(
        code=row.code, own_code=own_code, verify_keys=tuple(key for use, key in keys if use != "sign"),
        sign_keys=tuple(key for use, key in keys if use != "verify"), may_send=frozenset(row.may_send),
        allow_cidrs=tuple(row.allowed_cidrs))


def create_blueprint(runner: Runner, database: Database, clock: Clock, catalogue: Catalogue,
                     own_code: str) -> Blueprint:
    blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks/v1")

    @blueprint.post("/<partner>")
    def inbound(partner: str) -> Response:
        request.max_content_length = sys.maxsize  # whatever is announced: no more is read than shows it is too much
        raw = request.stream.read(MAX_BODY + 1)
        code = partner if _CODE.fullmatch(partner) else "unknown"
        actor = Actor(id=code, name=code, kind=ActorKind.PARTNER, client=request.remote_addr or "")
        answer = receive(raw, list(request.headers.items()), partner_view(database, code, own_code),
                         RunnerStore(runner, actor), clock.now(), catalogue, remote=request.remote_addr)
        return Response(answer.raw, status=answer.status, headers=answer.headers)

    return blueprint
