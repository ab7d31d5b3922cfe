"""The second factor: time-based one-time passwords (RFC 6238), drawn as a QR code, and recovery codes for a lost phone.

Pure: no rows here. A code is good for one step before and one after its own, and never twice.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

STEP = 30
_RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, account: str, issuer: str) -> str:
    """The ``otpauth:`` address that an authenticator reads."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def picture(text: str) -> str:
    """A QR code as a ``data:`` address of an SVG."""
    return str(segno.make(text, error="m").svg_data_uri(scale=5, border=3, dark="#1b1b1b", light="#ffffff"))


def step_of(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """The time step whose code this is; None when it is none, or not later than the last one used."""
    digits = code.replace(" ", "")
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    current = int(now.timestamp()) // STEP
    fitting = [step for step in (current - 1, current, current + 1)
               if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), digits)]
    return next((step for step in fitting if last is None or step > last), None)


def new_recovery_codes() -> tuple[str, ...]:
    return tuple("-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))
                 for _ in range(_RECOVERY_CODES))


def recovery_hash(code: str) -> str:
    """SHA-256 of a code as it is meant, however it was typed; 74 bits of chance need no slower hash."""
    meant = "".join(letter for letter in code.casefold() if letter in _LETTERS)
    return hashlib.sha256(meant.encode()).hexdigest()
