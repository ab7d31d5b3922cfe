"""Small secrets that must be read again (second factors), sealed with a key that is not in the database.

AES-256-GCM (NIST SP 800-38D) under a key derived from the installation's secret key (HKDF-SHA256, RFC 5869); what a
secret belongs to is authenticated with it, so that a row copied to another account does not open.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class Sealer:
    def __init__(self, secret_key: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kapok second factor")
        self._cipher = AESGCM(derived.derive(secret_key.encode()))

    def seal(self, text: str, owner: str) -> str:
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), owner.encode())).decode()

    def open(self, sealed: str, owner: str) -> str | None:
        """The text; None when it was sealed for another, or with another key."""
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], owner.encode()).decode()
        except InvalidTag:
            return None
