"""The thread that sends what is due, rightly or wrongly.

    wrong_signature   signed with a key nobody knows        duplicate   sent twice, byte for byte
    stale             signed ten minutes ago                replay      also the previous message once more, old headers
    other_body        same id, then another body            reordered   held back until another message was sent
    malformed         signed well, but not JSON
"""

import json
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from webhooks import strict_json
from webhooks.addresses import AddressPolicy
from webhooks.sandbox.desk import Clock, Desk, Letter
from webhooks.sender import DeliveryResult, OutboundRequest, deliver
from webhooks.signature import HMAC_SHA256, Key, generate_secret
from webhooks.transport import GuardedTransport

FAULTS = ("wrong_signature", "stale", "other_body", "malformed", "duplicate", "replay", "reordered")
MAX_ATTEMPTS = 100
_PRIVATE = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


@dataclass(frozen=True)
class _Sending:
    """One HTTP request to make: a request and the time it is signed with."""

    request: OutboundRequest
    now: datetime


class Postman:
    """Sends the desk's letters to ``url``, one after the other. ``url`` None: they wait until one is set."""

    def __init__(
        self,
        desk: Desk,
        sign_keys: tuple[Key, ...],
        receipt_keys: tuple[Key, ...],
        clock: Clock,
        retry_after: timedelta = timedelta(seconds=1),
    ) -> None:
        self.url: str | None = None
        self._desk = desk
        self._sign_keys = sign_keys
        self._receipt_keys = receipt_keys
        self._clock = clock
        self._retry_after = retry_after
        self._held: list[Letter] = []
        self._previous: _Sending | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name="postman", daemon=True).start()

    def step(self) -> float | None:
        """Send the next due letter; the seconds to wait for the next one, None when nothing is queued."""
        letter = self._desk.next_letter()
        if letter is None or self.url is None:
            return None
        wait = (letter.due - self._clock()).total_seconds()
        if wait > 0:
            return wait
        if letter.fault == "reordered" and letter not in self._held:
            self._held.append(letter)
            self._desk.again(letter, datetime.max.replace(tzinfo=letter.due.tzinfo), outcome="held")
            return 0.0
        self._send(letter, self.url)
        return 0.0

    def _run(self) -> None:
        while True:
            with self._desk.changed:
                letter = self._desk.next_letter()
                if letter is None or self.url is None:
                    self._desk.changed.wait()
                    continue
            wait = self.step()
            if wait:
                with self._desk.changed:
                    self._desk.changed.wait(min(wait, 60.0))

    def _send(self, letter: Letter, url: str) -> None:
        results = [self._post(sending) for sending in self._sendings(letter, url)]
        last = results[-1]
        told: dict[str, Any] = {"outcome": last.outcome, "status": last.status, "code": last.code}
        told |= {"answer": last.answer_excerpt, "all": [[result.status, result.code] for result in results]}
        if last.outcome == "retry" and not letter.fault and letter.attempts < MAX_ATTEMPTS:
            self._desk.again(letter, self._clock() + self._retry_after, **told)
        else:
            self._desk.done(letter, **told)
            held, self._held = self._held, []
            for waiting in held:
                self._send(replace(waiting, fault=""), url)

    def _post(self, sending: _Sending) -> DeliveryResult:
        return deliver(sending.request, _transport(sending.request.url), sending.now)

    def _sendings(self, letter: Letter, url: str) -> list[_Sending]:
        now = self._clock()
        request = OutboundRequest(url, letter.msg_id, letter.body, self._sign_keys, self._receipt_keys)
        right = _Sending(request, now)
        previous, self._previous = self._previous, right
        match letter.fault:
            case "wrong_signature":
                forged = Key("forged", HMAC_SHA256, generate_secret())
                return [_Sending(replace(request, sign_keys=(forged,)), now)]
            case "stale":
                return [_Sending(request, now - timedelta(minutes=10))]
            case "other_body":
                return [right, _Sending(replace(request, body=_changed(letter.body)), now)]
            case "malformed":
                return [_Sending(replace(request, body=letter.body[:-1]), now)]
            case "duplicate":
                return [right, right]
            case "replay":
                return [right, previous or right]
            case _:
                return [right]


def _changed(body: bytes) -> bytes:
    envelope = json.loads(body)
    envelope["payload"]["note"] = "changed"
    return strict_json.dumps(envelope)


def _transport(url: str) -> GuardedTransport:
    host_and_port = url.partition("://")[2].partition("/")[0]
    return GuardedTransport(AddressPolicy.of(_PRIVATE, (host_and_port,)))
