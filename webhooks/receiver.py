"""One inbound request, from raw bytes to a signed answer. Knows no framework and no database.

    size -> content type -> address -> signature over the raw bytes -> JSON -> envelope -> right to send -> payload
    -> store, unless seen before -> 202 with a signed receipt

Every refusal is told to the store for the audit trail and changes nothing else. What was kept is answered 202, so that
the sender stops repeating it; 409 only says "this id was used for another body". No exception leaves :func:`receive`:
if the store fails, the answer is 503 and the sender tries again.
"""

import ipaddress
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from webhooks import strict_json
from webhooks.catalogue import Catalogue, Problem
from webhooks.receipts import DUPLICATE_HEADER, RESERVED_PREFIX, StoredReceipt, digest, sign_answer
from webhooks.signature import Headers, Key, VerificationError, Verified, signature_headers, verify

MAX_BODY = 256 * 1024
_RETRY_SECONDS = 5
_log = logging.getLogger(__name__)

_STATUS = {
    "too_large": 413,
    "content_type": 415,
    "address_not_allowed": 403,
    "not_json": 400,
    "id_reserved": 400,
    "sender_mismatch": 403,
    "receiver_mismatch": 403,
    "may_not_send": 403,
    "schema": 422,
    "id_reused": 409,
    "too_many": 429,
    "unavailable": 503,
}
_AFTER_VERIFICATION = frozenset(
    {"not_json", "id_reserved", "sender_mismatch", "receiver_mismatch", "may_not_send", "schema", "id_reused"}
)


@dataclass(frozen=True)
class PartnerView:
    """What the wire has to know about a partner.

    ``code`` is the partner's own code (the envelope's ``sender``), ``own_code`` ours (its ``receiver``).
    ``verify_keys`` are the partner's, ``sign_keys`` ours for it: for HMAC the same ones. An empty ``allow_cidrs``
    allows every address.
    """

    code: str
    own_code: str
    verify_keys: tuple[Key, ...]
    sign_keys: tuple[Key, ...] = ()
    may_send: frozenset[str] = frozenset()
    allow_cidrs: tuple[str, ...] = ()


_NOBODY = PartnerView(code="", own_code="", verify_keys=())


@dataclass(frozen=True)
class InboundMessage:
    """A verified, well-formed message, ready to be kept. ``sha256`` is the hex digest of ``raw``."""

    partner: str
    msg_id: str
    type: str
    version: str
    envelope: Mapping[str, Any]
    correlation_key: str | None
    event_seq: int | None
    received_at: datetime
    sent_at: datetime
    sha256: str
    key_id: str
    remote: str | None
    raw: bytes = field(repr=False)
    headers: Mapping[str, str]
    """The three signature headers that were verified."""

    @property
    def payload(self) -> Mapping[str, Any]:
        payload: Mapping[str, Any] = self.envelope["payload"]
        return payload


@dataclass(frozen=True)
class Outcome:
    """What became of a message: ``accepted``, ``unmatched`` or ``conflict``; ``first`` when its id was taken."""

    status: str
    case_no: str | None = None
    first: StoredReceipt | None = None


class InboundStore(Protocol):
    """Where messages are kept. ``accept`` is one transaction: message, receipt and effect, or nothing."""

    def accept(self, message: InboundMessage) -> Outcome:
        """Keep and apply. Of an id used before, for as long as its case lives: change nothing, give its receipt."""

    def refused(self, partner: str | None, code: str, detail: str) -> None:
        """One audit entry for a refused request; ``partner`` None when the address names nobody."""


@dataclass(frozen=True)
class Answer:
    """The HTTP answer. Send :attr:`raw` as it is: the signature in ``headers`` is over these bytes."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def raw(self) -> bytes:
        return strict_json.dumps(self.body)


class _RefusedError(Exception):
    def __init__(self, code: str, detail: str, status: int | None = None, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = status if status is not None else _STATUS[code]
        self.problems = problems


def receive(
    raw: bytes,
    headers: Headers,
    partner: PartnerView | None,
    store: InboundStore,
    now: datetime,
    catalogue: Catalogue,
    *,
    remote: str | None = None,
) -> Answer:
    """The answer to one POST. ``partner`` None (unknown code) is answered exactly like a wrong signature.

    ``remote`` is the caller's address, needed when the partner has allowed CIDRs. ``now`` is aware UTC.
    """
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    known = partner or _NOBODY
    try:
        return _receive(raw, pairs, known, store, now, catalogue, remote)
    except _RefusedError as refusal:
        return _refuse(refusal, raw, known, store, now)
    except Exception:
        _log.exception("a webhook of partner '%s' could not be kept", known.code)
        return unavailable()


def unavailable(retry_after: timedelta = timedelta(seconds=_RETRY_SECONDS)) -> Answer:
    """503: nothing was kept, try again."""
    return _later("unavailable", "Expected to store the message, but cannot now; nothing was kept.", retry_after)


def too_many(retry_after: timedelta) -> Answer:
    """429, for the edge that counts requests."""
    return _later("too_many", "Expected fewer requests; nothing was kept.", retry_after)


def _receive(
    raw: bytes,
    headers: list[tuple[str, str]],
    partner: PartnerView,
    store: InboundStore,
    now: datetime,
    catalogue: Catalogue,
    remote: str | None,
) -> Answer:
    _check_form(raw, headers)
    if partner.allow_cidrs and not _within(remote, partner.allow_cidrs):
        raise _RefusedError("address_not_allowed", f"Expected a call from an allowed address, not {remote}.")
    verified = _verify(raw, headers, partner, now)
    envelope = _parse(raw)
    _check_envelope(envelope, verified, partner, catalogue)
    message = InboundMessage(
        partner=partner.code,
        msg_id=verified.msg_id,
        type=envelope["type"],
        version=envelope["version"],
        envelope=envelope,
        correlation_key=catalogue.correlation_key(envelope["type"], envelope),
        event_seq=envelope.get("event_seq"),
        received_at=now,
        sent_at=datetime.fromisoformat(envelope["sent_at"]),
        sha256=digest(raw),
        key_id=verified.key_id,
        remote=remote,
        raw=raw,
        headers=signature_headers(headers),
    )
    return _keep(message, partner, store, now)


def _check_form(raw: bytes, headers: Iterable[tuple[str, str]]) -> None:
    if len(raw) > MAX_BODY:
        raise _RefusedError("too_large", f"Expected at most {MAX_BODY} bytes, but found {len(raw)}; refer to files.")
    found = {name.lower(): str(value).strip().lower() for name, value in headers}
    media, _, parameters = found.get("content-type", "").partition(";")
    if media.strip() != "application/json" or parameters.strip() not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise _RefusedError("content_type", "Expected Content-Type application/json in UTF-8.")
    if found.get("content-encoding", "identity") != "identity":
        raise _RefusedError("content_type", "Expected no Content-Encoding: the bytes are verified as they are sent.")


def _within(remote: str | None, cidrs: Iterable[str]) -> bool:
    try:
        address = ipaddress.ip_address(remote or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:  # a dual-stack socket shows IPv4 so
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(cidr) for cidr in cidrs)


def _verify(raw: bytes, headers: Headers, partner: PartnerView, now: datetime) -> Verified:
    try:
        verified = verify(partner.verify_keys, headers, raw, now)
    except VerificationError as error:
        raise _RefusedError(error.code, error.message, 400 if error.malformed else 401) from None
    if verified.msg_id.startswith(RESERVED_PREFIX):
        raise _RefusedError("id_reserved", f"Expected a webhook-id that does not begin with '{RESERVED_PREFIX}'.")
    return verified


def _parse(raw: bytes) -> Any:
    try:
        return strict_json.loads(raw)
    except strict_json.JsonError as error:
        raise _RefusedError("not_json", str(error)) from None


def _check_envelope(envelope: Any, verified: Verified, partner: PartnerView, catalogue: Catalogue) -> None:
    problems = catalogue.validate_envelope(envelope)
    if not problems and envelope["msg_id"] != verified.msg_id:
        problems = [Problem("/msg_id", f"the webhook-id '{verified.msg_id}'", repr(envelope["msg_id"]))]
    if problems:
        raise _invalid(problems)
    if envelope["sender"] != partner.code:
        raise _RefusedError("sender_mismatch", f"Expected sender '{partner.code}', whose key signed this message.")
    if envelope["receiver"] != partner.own_code:
        raise _RefusedError("receiver_mismatch", f"Expected receiver '{partner.own_code}', to whom it was sent.")
    if envelope["type"] in catalogue.types and envelope["type"] not in partner.may_send:
        raise _RefusedError("may_not_send", f"Expected a type that '{partner.code}' may send, not {envelope['type']}.")
    if problems := catalogue.validate_message(envelope):
        raise _invalid(problems)


def _invalid(problems: Sequence[Problem]) -> _RefusedError:
    first = problems[0]
    return _RefusedError("schema", f"Expected {first.expected} at {first.pointer or '/'}.", problems=problems)


def _keep(message: InboundMessage, partner: PartnerView, store: InboundStore, now: datetime) -> Answer:
    outcome = store.accept(message)
    first = outcome.first
    if first is None:
        receipt = StoredReceipt(message.msg_id, outcome.status, now, message.sha256, outcome.case_no)
        return _signed(Answer(202, receipt.body(), {}), message.raw, partner, now)
    if first.sha256 != message.sha256:
        raise _RefusedError("id_reused", f"Expected a new webhook-id: '{message.msg_id}' was used for another body.")
    return _signed(Answer(202, first.body(), {DUPLICATE_HEADER: "true"}), message.raw, partner, now)


def _refuse(
    refusal: _RefusedError, raw: bytes, partner: PartnerView, store: InboundStore, now: datetime
) -> Answer:
    try:
        store.refused(partner.code or None, refusal.code, refusal.detail)
    except Exception:
        _log.exception("the refusal %s could not be recorded", refusal.code)
        return unavailable()
    body: dict[str, Any] = {"status": refusal.status, "code": refusal.code, "detail": refusal.detail}
    if refusal.problems:
        body["problems"] = [problem.body() for problem in refusal.problems]
    answer = Answer(refusal.status, body, {"content-type": "application/problem+json"})
    return _signed(answer, raw, partner, now) if refusal.code in _AFTER_VERIFICATION else answer


def _signed(answer: Answer, raw: bytes, partner: PartnerView, now: datetime) -> Answer:
    headers = {"content-type": "application/json"} | answer.headers
    return Answer(answer.status, answer.body, headers | sign_answer(partner.sign_keys, raw, answer.raw, now))


def _later(code: str, detail: str, retry_after: timedelta) -> Answer:
    seconds = str(max(1, int(retry_after.total_seconds())))
    headers = {"content-type": "application/problem+json", "retry-after": seconds}
    return Answer(_STATUS[code], {"status": _STATUS[code], "code": code, "detail": detail}, headers)
