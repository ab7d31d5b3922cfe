"""What proves a partner's message to a third party: its bytes and signature as they came, and our signed receipt.

The receipt is signed here, in the transaction that keeps the message; the receiver, which answers with it, signs the
same bytes at the same instant under the same keys, and both kinds of signature are deterministic.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.domain.commands import AcceptInbound
from engine.services.context import Context
from engine.store import partners as rows
from webhooks import strict_json
from webhooks.keys import key_of
from webhooks.receipts import StoredReceipt, sign_answer
from webhooks.signature import (
    ED25519,
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Key,
    signed_content,
)

Files = dict[str, bytes]


def keep(context: Context, command: AcceptInbound, status: str, case_no: str | None, known: Sequence[Any]) -> None:
    """Keep the proof of a message that came with one, and the receipt it is answered with. ``known``: the partner's
    keys that are not revoked."""
    if command.proof is None:
        return
    at = command.received_at or context.now
    keys = [(row.use, key_of(row)) for row in known]
    ours = [key for use, key in keys if use != "verify" and key.active(at)]
    receipt = StoredReceipt(command.message_id, status, at, command.body_hash, case_no).body()
    said = strict_json.dumps(receipt)
    rows.add_evidence(context.connection, {
        "partner": command.partner, "message_id": command.message_id, "raw": command.proof.raw,
        "headers": dict(command.proof.headers), "receipt": said.decode(),
        "key": next((_public(key) for _, key in keys if key.id == command.proof.key), {}),
        "receipt_headers": sign_answer(ours, command.proof.raw, said, at),
        "receipt_keys": [_public(key) for key in ours]})


def _public(key: Key) -> dict[str, str]:
    """What may be shown of a key. A shared secret proves nothing to a third party, and is never shown."""
    if key.algorithm != ED25519:
        return {"id": key.id, "algorithm": key.algorithm}
    raw = b64decode(key.public.removeprefix("whpk_"))
    return {"id": key.id, "algorithm": key.algorithm, "public": key.public,
            "fingerprint": "sha256:" + hashlib.sha256(raw).hexdigest()}


def files_of(row: Any, path: str) -> tuple[Mapping[str, Any], Files]:
    """(what is said about a proof, its files): the bytes that were signed, and for ed25519 each signature and key as
    ``openssl pkeyutl -verify -pubin -inkey K.pem -rawin -in X.signed -sigfile X.sig`` reads them."""
    raw, receipt = bytes(row.raw), row.receipt.encode()
    files: Files = {f"{path}.body": raw, f"{path}.receipt.json": receipt}
    files |= _signature(f"{path}.body", row.headers, raw, [row.key])
    files |= _signature(f"{path}.receipt", row.receipt_headers, receipt, row.receipt_keys)
    return {"headers": row.headers, "key": row.key, "receipt": strict_json.loads(receipt),
            "receipt_headers": row.receipt_headers, "receipt_keys": row.receipt_keys,
            "files": sorted(files)}, files


def _signature(path: str, headers: Mapping[str, str], content: bytes, keys: list[dict[str, str]]) -> Files:
    if not headers:
        return {}
    signed = signed_content(headers[ID_HEADER], headers[TIMESTAMP_HEADER], content)
    files: Files = {f"{path}.signed": signed}
    pairs = [(key, raw) for key in keys if key.get("algorithm") == ED25519
             for raw in _raw_signatures(headers[SIGNATURE_HEADER]) if _fits(key["public"], raw, signed)]
    for number, (key, raw) in enumerate(pairs):
        name = path if not number else f"{path}-{number + 1}"
        files |= {f"{name}.sig": raw, f"{name}.pem": _loaded(key["public"]).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)}
    return files


def _raw_signatures(header: str) -> list[bytes]:
    return [b64decode(part.removeprefix("v1a,")) for part in header.split() if part.startswith("v1a,")]


def _fits(public: str, signature: bytes, content: bytes) -> bool:
    return Key("", ED25519, public=public).verifies(signature, content)


def _loaded(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(b64decode(public.removeprefix("whpk_")))
