"""Standard Webhooks signatures: ``v1`` (HMAC-SHA256) and ``v1a`` (ed25519). Pure.

What is signed is ``{webhook-id}.{webhook-timestamp}.{raw body}``. Source: the Standard Webhooks specification, stricter
where its reference libraries are lax: ids have no dots (a dot would let the parts shift), times are ASCII digits only,
base64 is canonical, and whatever is malformed raises the one :class:`VerificationError`.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Algorithm = Literal["hmac-sha256", "ed25519"]
Headers = Mapping[str, str] | Iterable[tuple[str, str]]

HMAC_SHA256: Algorithm = "hmac-sha256"
ED25519: Algorithm = "ed25519"
ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE_SECONDS = 300

_VERSIONS: Mapping[str, Algorithm] = {"v1": HMAC_SHA256, "v1a": ED25519}
_VERSION_OF = {algorithm: version for version, algorithm in _VERSIONS.items()}
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"([a-z0-9]{1,8}),([A-Za-z0-9+/]{1,172}={0,2})")
_MAX_SIGNATURES = 16
_MAX_HEADER = 4096

# Public keys of small order verify forged signatures of almost any message (the first seven of libsodium's list, with
# the sign bit cleared): nobody can hold the private half, so nobody may register one.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)

#: Codes that mean "this could never have been a signed message"; all others mean "not signed by this partner, now".
MALFORMED = frozenset(
    {"header_duplicate", "header_malformed", "id_malformed", "timestamp_malformed", "signature_malformed"}
)


class VerificationError(Exception):
    """The one error of this module: ``code`` is stable, ``message`` says what was expected."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def malformed(self) -> bool:
        return self.code in MALFORMED


@dataclass(frozen=True)
class Key:
    """One key of one partner. A secret key signs and verifies; a public key only verifies.

    ``secret``: ``whsec_`` + base64 of 24 to 64 bytes, or ``whsk_`` + base64 of an ed25519 seed (32 bytes) or of seed
    and public key (64 bytes). ``public``: ``whpk_`` + base64 of 32 bytes, derived when a secret is given. Raises
    ``ValueError`` when the material is not of that shape. Used in [not_before, expires_at), never once revoked.
    """

    id: str
    algorithm: Algorithm
    secret: str = field(default="", repr=False)
    public: str = ""
    not_before: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.algorithm == HMAC_SHA256:
            _material(self.secret, "whsec_", range(24, 65))
        elif self.algorithm == ED25519:
            object.__setattr__(self, "public", _public_text(self.secret, self.public))
        else:
            raise ValueError(f"Expected a key algorithm '{HMAC_SHA256}' or '{ED25519}', but found '{self.algorithm}'.")

    def active(self, at: datetime) -> bool:
        begun = self.not_before is None or self.not_before <= at
        ends = [end for end in (self.expires_at, self.revoked_at) if end is not None]
        return begun and all(at < end for end in ends)

    def signature(self, content: bytes) -> bytes:
        if self.algorithm == HMAC_SHA256:
            return hmac.digest(_material(self.secret, "whsec_", range(24, 65)), content, hashlib.sha256)
        return _private(self.secret).sign(content)

    def verifies(self, signature: bytes, content: bytes) -> bool:
        if self.algorithm == HMAC_SHA256:
            return hmac.compare_digest(self.signature(content), signature)
        try:
            Ed25519PublicKey.from_public_bytes(_material(self.public, "whpk_", (32,))).verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Verified:
    """A message whose raw bytes were signed by ``key_id`` at ``timestamp`` (aware UTC, whole seconds)."""

    msg_id: str
    timestamp: datetime
    key_id: str
    algorithm: Algorithm


def sign(keys: Sequence[Key], msg_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """The three headers for ``body``, one signature for each key with a secret that is active at ``timestamp``.

    ``timestamp`` is aware. Raises ``ValueError`` when the id is not a safe one or no key can sign: both are mistakes of
    the caller, never of a partner.
    """
    if _ID.fullmatch(msg_id) is None:
        raise ValueError(f"Expected a message id of 1 to 128 characters A-Z a-z 0-9 _ -, but found '{msg_id}'.")
    usable = [key for key in keys if key.secret and key.active(timestamp)]
    if not usable:
        raise ValueError(f"Expected an active secret key to sign message '{msg_id}', but there is none.")
    seconds = str(_seconds(timestamp))
    content = signed_content(msg_id, seconds, body)
    signatures = [f"{_VERSION_OF[key.algorithm]},{_encode(key.signature(content))}" for key in usable]
    return {ID_HEADER: msg_id, TIMESTAMP_HEADER: seconds, SIGNATURE_HEADER: " ".join(signatures)}


def verify(keys: Sequence[Key], headers: Headers, body: bytes, now: datetime) -> Verified:
    """Who signed these bytes, within ±300 s of ``now`` (aware). Raises :class:`VerificationError` and nothing else."""
    msg_id, seconds, signatures = _read(headers)
    if abs(_seconds(now) - int(seconds)) > TOLERANCE_SECONDS:
        raise VerificationError(
            "timestamp_outside_window", f"Expected {TIMESTAMP_HEADER} within {TOLERANCE_SECONDS} s of now."
        )
    content = signed_content(msg_id, seconds, body)
    for algorithm, signature in signatures:
        for key in keys:
            if key.algorithm == algorithm and key.active(now) and key.verifies(signature, content):
                return Verified(msg_id, datetime.fromtimestamp(int(seconds), UTC), key.id, algorithm)
    raise VerificationError(
        "signature_mismatch", f"Expected a {SIGNATURE_HEADER} made with an active key of this partner, but found none."
    )


def generate_secret(algorithm: Algorithm = HMAC_SHA256) -> str:
    """A fresh secret: ``whsec_`` with 32 random bytes, or ``whsk_`` with an ed25519 seed and its public key."""
    return "whsec_" + _encode(secrets.token_bytes(32)) if algorithm == HMAC_SHA256 else generate_keypair()[0]


def generate_keypair() -> tuple[str, str]:
    """A fresh ed25519 pair ``(whsk_…, whpk_…)``."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return "whsk_" + _encode(private.private_bytes_raw() + public), "whpk_" + _encode(public)


def _read(headers: Headers) -> tuple[str, str, list[tuple[Algorithm, bytes]]]:
    found = signature_headers(headers)
    if _ID.fullmatch(found[ID_HEADER]) is None:
        raise VerificationError("id_malformed", f"Expected {ID_HEADER} of 1 to 128 characters A-Z a-z 0-9 _ -.")
    if _TIMESTAMP.fullmatch(found[TIMESTAMP_HEADER]) is None:
        raise VerificationError("timestamp_malformed", f"Expected {TIMESTAMP_HEADER} in Unix seconds, 1 to 11 digits.")
    return found[ID_HEADER], found[TIMESTAMP_HEADER], _signatures(found[SIGNATURE_HEADER])


def signature_headers(headers: Headers) -> dict[str, str]:
    """The three headers of a signature, names in lower case. Raises :class:`VerificationError`."""
    found: dict[str, str] = {}
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        if not isinstance(name, str) or name.lower() not in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER):
            continue
        name = name.lower()
        if name in found:
            raise VerificationError("header_duplicate", f"Expected {name} once, but found it more than once.")
        if not isinstance(value, str) or not value.isascii() or len(value) > _MAX_HEADER:
            raise VerificationError("header_malformed", f"Expected {name} in ASCII, at most {_MAX_HEADER} characters.")
        found[name] = value
    for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER):
        if not found.get(name):
            raise VerificationError("header_missing", f"Expected the header {name}, but it is missing.")
    return found


def _signatures(value: str) -> list[tuple[Algorithm, bytes]]:
    """Those of a known version; others are skipped, so that a sender may add newer ones."""
    entries = value.split(" ")
    matches = [_SIGNATURE.fullmatch(entry) for entry in entries]
    if len(entries) > _MAX_SIGNATURES or None in matches:
        raise VerificationError(
            "signature_malformed",
            f"Expected {SIGNATURE_HEADER} as at most {_MAX_SIGNATURES} entries 'version,base64', one space apart.",
        )
    known = [match.groups() for match in matches if match is not None and match[1] in _VERSIONS]
    try:
        return [(_VERSIONS[version], _decode(text)) for version, text in known]
    except ValueError as error:
        raise VerificationError("signature_malformed", f"Expected {SIGNATURE_HEADER} in base64: {error}") from None


def signed_content(msg_id: str, seconds: str, body: bytes) -> bytes:
    """The bytes that a signature is over."""
    return f"{msg_id}.{seconds}.".encode() + body


def _seconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("Expected an aware time, but it has no time zone.")
    return int(instant.timestamp())


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("Expected base64 with padding.") from None
    if _encode(raw) != text:  # b64decode ignores stray low bits, so one signature would have several spellings
        raise ValueError("Expected canonical base64.")
    return raw


def _material(text: str, prefix: str, sizes: Iterable[int]) -> bytes:
    raw = _decode(text.removeprefix(prefix)) if text.startswith(prefix) else b""
    if len(raw) not in sizes:
        raise ValueError(f"Expected a key '{prefix}' with base64 of {min(sizes)} to {max(sizes)} bytes.")
    return raw


@lru_cache(maxsize=64)  # of one's own keys: they come with every message, and reading one takes as long as signing
def _private(text: str) -> Ed25519PrivateKey:
    raw = _material(text, "whsk_", (32, 64))
    private = Ed25519PrivateKey.from_private_bytes(raw[:32])
    if raw[32:] not in (b"", private.public_key().public_bytes_raw()):
        raise ValueError("Expected the second half of 'whsk_' to be the public key of the first, but it is not.")
    return private


@lru_cache(maxsize=256)
def _public_text(secret: str, public: str) -> str:
    if not secret:
        raw = _material(public, "whpk_", (32,))
        if raw[:31] + bytes([raw[31] & 0x7F]) in _SMALL_ORDER:
            raise ValueError("Expected 'whpk_' to be a public key of full order, but it is a weak one.")
        return public
    derived = "whpk_" + _encode(_private(secret).public_key().public_bytes_raw())
    if public not in ("", derived):
        raise ValueError("Expected 'whpk_' to belong to 'whsk_', but it does not.")
    return derived
