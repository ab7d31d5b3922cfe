"""Passwords: argon2id (RFC 9106), and what a password has to be like. Length and being nobody's first guess count;
no classes of characters, no change without a cause unless the house sets one (NIST SP 800-63B §5.1.1).
"""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from engine.errors import Rejection

_hasher = PasswordHasher()
UNKNOWN = ("$argon2id$v=19$m=65536,t=3,p=4$a2Fwb2trYXBva2thcG9r"
           "$mSMRn0sTKVLlCkDGEAnXgr7ZWPMfvPMRbeJPzPoDHXo")
"""Verified when the name is unknown, so that the answer takes as long as for a known one; no password has this hash."""
LONGEST = 256
_FIRST_GUESSES = ("password", "12345678", "qwertyuiop", "abcdefgh", "11111111", "88888888", "zhongguo", "iloveyou",
                  "admin123", "1q2w3e4r", "kapok")


class WeakPassword(Rejection):
    """Expected a password of at least {least} characters that is not easily guessed."""

    code = "weak_password"


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def new_password() -> str:
    return secrets.token_urlsafe(12)


def matches(digest: str, password: str) -> bool:
    try:
        return _hasher.verify(digest, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def require_strong(password: str, account: str, least: int) -> None:
    """Raises ``WeakPassword``: too short, of few different characters, the account's name, or a first guess."""
    plain = password.casefold()
    guessed = account.casefold() in plain or any(guess in plain for guess in _FIRST_GUESSES)
    if not least <= len(password) <= LONGEST or len(set(plain)) < 6 or guessed:
        raise WeakPassword(least=least)
