"""Sends what the outbox holds: claim → sign and send outside any transaction → report back as a command.

A claim is a lease: a sender that dies in between loses it, and the entry is sent again under the same id.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
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
from webhooks.retry import Circuit, next_attempt
from webhooks.sender import DeliveryResult, OutboundRequest, deliver
from webhooks.signature import Key

BATCH = 20
LEASE = timedelta(seconds=60)
"""Four times what one attempt may take; each parcel is leased by itself."""
_log = structlog.get_logger(__name__)

TransportFor = Callable[[Any], httpx.BaseTransport]
"""The guarded transport for a partner's row; wired by ``app``."""


@dataclass(frozen=True, slots=True)
class _Address:
    """A partner with its keys by use, and the state of its breaker."""

    partner: Any
    sign_keys: tuple[Key, ...]
    receipt_keys: tuple[Key, ...]
    circuit: Circuit


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
        """Send up to a batch, one after the other."""
        for _ in range(BATCH):
            if not self._send_one():
                return self._rest
        return timedelta(0)

    def _send_one(self) -> bool:
        now = self._clock.now()
        addresses = self._addresses(now)
        if addresses is None:
            return False
        resting = {code for code, one in addresses.items() if not _is_open(one, now)}
        entry = self._runner.claim_outbox(now + LEASE, resting)
        if entry is None or entry.partner not in addresses:
            return False
        try:
            self._send(entry, addresses[entry.partner], now)
        except Exception as error:  # the lease runs out, and the entry is sent again under the same id
            _log.error("delivery_not_recorded", entry=entry.id, error=str(error))
        return True

    def _addresses(self, now: datetime) -> dict[str, _Address] | None:
        """Where to send; None when nothing is due, which is asked without a lock."""
        with self._database.reading() as connection:
            if not partners.due_outbox(connection, now, 1):
                return None
            return {row.code: _address(row, partners.keys(connection, row.code))
                    for row in partners.everyone(connection)}

    def _send(self, entry: Any, address: _Address, now: datetime) -> None:
        circuit, _ = address.circuit.ask(now)
        result = deliver(OutboundRequest(
            url=address.partner.endpoint, msg_id=entry.id, body=entry.body.encode(), sign_keys=address.sign_keys,
            receipt_keys=address.receipt_keys), self._transport_for(address.partner), now)
        again = next_attempt(entry.attempts + 1, now, self._random, result.retry_after)
        self._runner.run(RecordDelivery(
            entry=entry.id, outcome=result.outcome, status=result.status, detail=result.code or result.answer_excerpt,
            next_at=again if result.outcome == "retry" else None, receipt=result.receipt,
            circuit=_record(_after(circuit, result, now))), SYSTEM)
        _log.info("delivery", entry=entry.id, partner=entry.partner, outcome=result.outcome, code=result.code)


def _address(row: Any, keys: Sequence[Any]) -> _Address:
    return _Address(row, tuple(key_of(key) for key in keys if key.use != "verify"),
                    tuple(key_of(key) for key in keys if key.use != "sign"), _circuit(row.circuit))


def _is_open(address: _Address, now: datetime) -> bool:
    """Whether something may be sent there now; what may not keeps its place and its attempts."""
    return bool(address.partner.enabled and address.partner.endpoint) and address.circuit.ask(now)[1]


def _after(circuit: Circuit, result: DeliveryResult, now: datetime) -> Circuit:
    """An answer of any kind shows that the endpoint lives; a mistake of ours shows nothing about it."""
    if result.outcome == "retry":
        return circuit.failed(now)
    return circuit.succeeded() if result.status is not None else circuit


def _circuit(record: Any) -> Circuit:
    if record is None:
        return Circuit()
    until = datetime.fromisoformat(record["until"]) if record["until"] else None
    return Circuit(record["state"], record["failures"], record["trips"], until)


def _record(circuit: Circuit) -> dict[str, Any]:
    return {**asdict(circuit), "until": circuit.until.isoformat() if circuit.until else None}
