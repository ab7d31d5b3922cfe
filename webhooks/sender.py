"""One attempt to deliver one message. The caller keeps the outbox, the schedule and the circuit.

The id stays the same over all attempts, the signature is made anew for each. 2xx within 64 kB is delivered, and if the
answer carries a signature it must be the receipt for exactly these bytes; 410 means "never again"; answers that cannot
change (400, 409, 413, 415, 422) fail at once; everything else, redirects included, is tried again.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx

from webhooks.addresses import AddressRefused, read_url
from webhooks.receipts import check_answer
from webhooks.retry import parse_retry_after
from webhooks.signature import Key, VerificationError, sign
from webhooks.transport import CONNECT_SECONDS, TOTAL_SECONDS

MAX_ANSWER = 64 * 1024
EXCERPT_CHARACTERS = 1000
_HOPELESS = frozenset({400, 409, 413, 415, 422})
_log = logging.getLogger(__name__)

DeliveryOutcome = Literal["delivered", "retry", "failed", "gone"]


@dataclass(frozen=True)
class OutboundRequest:
    """What to deliver where. ``body`` is the envelope's bytes; ``receipt_keys`` are the partner's, for its receipt."""

    url: str
    msg_id: str
    body: bytes
    sign_keys: tuple[Key, ...] = field(repr=False)
    receipt_keys: tuple[Key, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class DeliveryResult:
    """What one attempt gave.

    ``code`` says why it was not delivered: ``http_500``, ``timeout``, ``connection``, ``address_refused``, …
    ``receipt`` is the partner's verified receipt. ``status`` is None when there was no HTTP answer.
    """

    outcome: DeliveryOutcome
    status: int | None = None
    code: str = ""
    answer_excerpt: str = ""
    retry_after: timedelta | None = None
    receipt: dict[str, Any] | None = None


def deliver(request: OutboundRequest, transport: httpx.BaseTransport, now: datetime) -> DeliveryResult:
    """Send once. Never raises: a mistake of ours, such as no active key, is ``failed`` with its code.

    ``transport`` is a :class:`webhooks.transport.GuardedTransport` in service; ``now`` is aware UTC.
    """
    try:
        return _deliver(request, transport, now)
    except AddressRefused as error:
        return DeliveryResult("failed" if error.permanent else "retry", code=error.code, answer_excerpt=error.message)
    except httpx.TimeoutException as error:
        return DeliveryResult("retry", code="timeout", answer_excerpt=str(error))
    except httpx.HTTPError as error:
        return DeliveryResult("retry", code="connection", answer_excerpt=_excerpt(str(error).encode()))
    except (ValueError, httpx.InvalidURL) as error:
        return DeliveryResult("failed", code="cannot_send", answer_excerpt=str(error))
    except Exception:
        _log.exception("message %s could not be sent", request.msg_id)
        return DeliveryResult("retry", code="unexpected")


def _deliver(request: OutboundRequest, transport: httpx.BaseTransport, now: datetime) -> DeliveryResult:
    read_url(request.url)
    headers = sign(request.sign_keys, request.msg_id, now, request.body) | {
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "kapok-webhooks/1",
    }
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    with (
        httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", request.url, headers=headers, content=request.body) as response,
    ):
        answer = _read(response)
        if answer is None:
            return DeliveryResult("retry", response.status_code, code="answer_too_large")
        return _judge(request, response, answer, now)


def _read(response: httpx.Response) -> bytes | None:
    """The raw answer, not decompressed; None when it is longer than we read."""
    answer = bytearray()
    for chunk in response.iter_raw():
        answer += chunk
        if len(answer) > MAX_ANSWER:
            return None
    return bytes(answer)


def _judge(request: OutboundRequest, response: httpx.Response, answer: bytes, now: datetime) -> DeliveryResult:
    status, excerpt = response.status_code, _excerpt(answer)
    if 200 <= status < 300:
        try:
            receipt = check_answer(request.receipt_keys, request.body, response.headers.multi_items(), answer, now)
        except VerificationError as error:
            return DeliveryResult("retry", status, code=error.code, answer_excerpt=excerpt)
        return DeliveryResult("delivered", status, answer_excerpt=excerpt, receipt=receipt)
    code = f"http_{status}"
    if status == 410:
        return DeliveryResult("gone", status, code=code, answer_excerpt=excerpt)
    if status in _HOPELESS:
        return DeliveryResult("failed", status, code=code, answer_excerpt=excerpt)
    retry_after = parse_retry_after(response.headers.get("retry-after"), now)
    return DeliveryResult("retry", status, code=code, answer_excerpt=excerpt, retry_after=retry_after)


def _excerpt(answer: bytes) -> str:
    text = answer[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in text)[:EXCERPT_CHARACTERS]
