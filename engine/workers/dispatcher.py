"""Sends what the outbox holds: claim → sign and send outside any transaction → report back as a command.

A claim is a lease: a sender that dies in between loses it, and the entry is sent again under the same id.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.commands import RecordDelivery
from engine.services.runner import Runner
from engine.store import partners
from engine.store.database import Database
from webhooks.keys import key_of
from webhooks.retry import next_attempt
from webhooks.sender import DeliveryResult, OutboundRequest, deliver
from webhooks.signature import Key

BATCH = 20
LEASE = timedelta(seconds=60)
_log = structlog.get_logger(__name__)

TransportFor = Callable[[Any], httpx.BaseTransport]
"""The guarded transport for a partner's row; wired by ``app``."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    entry: Any
    partner: Any
    keys: tuple[Key, ...]


class Dispatcher:
    name = "dispatcher"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta,
                 transport_for: TransportFor) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest
        self._transport_for = transport_for
        self._random = random.Random()

    def poll(self) -> timedelta:
        parcels = self._claim()
        for parcel in parcels:
            self._send(parcel)
        return timedelta(0) if parcels else self._rest

    def _claim(self) -> list[_Parcel]:
        now = self._clock.now()
        with self._database.reading() as connection:
            if not partners.due_outbox(connection, now, 1):
                return []
        entries = self._runner.claim_outbox(now + LEASE, BATCH)
        with self._database.reading() as connection:
            return [_Parcel(entry, partners.get(connection, entry.partner),
                            tuple(key_of(row) for row in partners.keys(connection, entry.partner))) for entry in entries]

    def _send(self, parcel: _Parcel) -> None:
        now = self._clock.now()
        result = self._deliver(parcel, now)
        retry = next_attempt(parcel.entry.attempts + 1, now, self._random, result.retry_after)
        self._runner.run(RecordDelivery(
            entry=parcel.entry.id, outcome=result.outcome, status=result.status,
            detail=result.code or result.answer_excerpt, next_at=retry if result.outcome == "retry" else None,
            receipt=result.receipt), SYSTEM)
        _log.info("delivery", entry=parcel.entry.id, partner=parcel.entry.partner, outcome=result.outcome,
                  code=result.code)

    def _deliver(self, parcel: _Parcel, now: datetime) -> DeliveryResult:
        if parcel.partner is None or not parcel.partner.enabled or not parcel.partner.endpoint:
            return DeliveryResult("retry", code="no_endpoint")
        request = OutboundRequest(
            url=parcel.partner.endpoint, msg_id=parcel.entry.id, body=parcel.entry.body.encode(),
            sign_keys=tuple(key for key in parcel.keys if key.secret), receipt_keys=parcel.keys)
        return deliver(request, self._transport_for(parcel.partner), now)
