"""The signed answer to a message: the receipt that both sides can show later.

The answer's body is signed like a message, in the answer's own ``webhook-*`` headers. Its ``webhook-id`` is
``receipt_`` + the first 32 hex digits of the SHA-256 of the bytes it answers; no message may use an id that begins so,
which keeps an answer from ever being replayed as a message where both directions share one HMAC key.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webhooks import strict_json
from webhooks.signature import ID_HEADER, SIGNATURE_HEADER, Headers, Key, VerificationError, sign, verify

RESERVED_PREFIX = "receipt_"
DUPLICATE_HEADER = "kapok-duplicate"


@dataclass(frozen=True)
class StoredReceipt:
    """What was answered when a message was first kept; a repetition gets the same bytes again.

    ``status``: ``accepted``, ``unmatched`` (kept until its case appears) or ``conflict`` (kept as a person's task).
    ``sha256``: hex digest of the raw body. ``received_at``: aware UTC.
    """

    msg_id: str
    status: str
    received_at: datetime
    sha256: str
    case_no: str | None = None

    def body(self) -> dict[str, Any]:
        body = {
            "msg_id": self.msg_id,
            "status": self.status,
            "received_at": self.received_at.isoformat(),
            "sha256": self.sha256,
        }
        return body if self.case_no is None else body | {"case_no": self.case_no}


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def receipt_id(request_raw: bytes) -> str:
    return RESERVED_PREFIX + digest(request_raw)[:32]


def sign_answer(keys: Sequence[Key], request_raw: bytes, answer_raw: bytes, now: datetime) -> dict[str, str]:
    """Signature headers for an answer; none when no key can sign, since an unsigned answer is still an answer."""
    if not any(key.secret and key.active(now) for key in keys):
        return {}
    return sign(keys, receipt_id(request_raw), now, answer_raw)


def check_answer(
    keys: Sequence[Key], request_raw: bytes, headers: Headers, answer_raw: bytes, now: datetime
) -> dict[str, Any] | None:
    """The receipt in an answer to ``request_raw``: its body, or None when the answer is not signed at all.

    Raises :class:`VerificationError` (``receipt_…`` or a code of :mod:`webhooks.signature`) when a signature is there
    but does not prove that these keys acknowledged exactly these bytes.
    """
    pairs = list(headers.items() if hasattr(headers, "items") else headers)
    if SIGNATURE_HEADER not in {name.lower() for name, _ in pairs}:
        return None
    verified = verify(keys, pairs, answer_raw, now)
    if verified.msg_id != receipt_id(request_raw):
        raise VerificationError("receipt_of_other_message", f"Expected {ID_HEADER} of this message's receipt.")
    try:
        body = strict_json.loads(answer_raw)
    except strict_json.JsonError as error:
        raise VerificationError("receipt_malformed", str(error)) from None
    if not isinstance(body, dict) or body.get("sha256", digest(request_raw)) != digest(request_raw):
        raise VerificationError("receipt_malformed", "Expected a JSON object with the SHA-256 of the message sent.")
    return body
