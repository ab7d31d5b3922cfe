"""Countersignatures by a timestamp authority (RFC 3161): what is asked, and whether an answer can be trusted.

What is signed of an anchor is its hash as 64 hex digits, of evidence the file itself, so that ``openssl ts -verify``
can check either from a file. Only a digest leaves the house.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import rfc3161_client as rfc3161
from cryptography import x509

from engine.errors import ConfigurationError, InvalidInput

_QUERY = bytes.fromhex("3043 020101 3031 300d 0609 608648016503040201 0500 0420")
"""A TimeStampReq (2.4.1) as far as the digest: version 1, SHA-256. A nonce of 8 bytes and the wish for the certificate
come behind it."""
_LEAST_NONCE = 1 << 62


def of_anchor(digest: str) -> bytes:
    """What is signed of an anchor by its hash."""
    return hashlib.sha256(digest.encode()).digest()


def of_file(sha256: str) -> bytes:
    """What is signed of a file by its hash."""
    return bytes.fromhex(sha256)


def time_of(token: bytes) -> datetime:
    """When it was signed, as it says."""
    return rfc3161.decode_timestamp_response(token).tst_info.gen_time


@dataclass(frozen=True, slots=True)
class Authority:
    """``certificates``: roots that are trusted (PEM), and any between them and the authority."""

    url: str
    certificates: tuple[x509.Certificate, ...]

    def request(self, imprint: bytes) -> tuple[bytes, Callable[[bytes], None]]:
        """The query for a SHA-256 digest (DER), and what raises ``InvalidInput`` when the answer does not fit it."""
        nonce = _LEAST_NONCE | secrets.randbits(62)
        query = _QUERY + imprint + b"\x02\x08" + nonce.to_bytes(8, "big") + b"\x01\x01\xff"
        return query, lambda token: self._require(token, imprint, nonce)

    def fault(self, token: bytes, imprint: bytes) -> str | None:
        """What is wrong with a token over a digest; None when it is a valid countersignature."""
        try:
            self._require(token, imprint, None)
        except InvalidInput as error:
            return error.message
        return None

    def _require(self, token: bytes, imprint: bytes, nonce: int | None) -> None:
        builder = rfc3161.VerifierBuilder()
        for certificate in self.certificates:
            own = certificate.issuer == certificate.subject
            add = builder.add_root_certificate if own else builder.add_intermediate_certificate
            builder = add(certificate)
        try:
            answer = rfc3161.decode_timestamp_response(token)
            (builder if nonce is None else builder.nonce(nonce)).build().verify(answer, imprint)
        except (rfc3161.VerificationError, ValueError) as error:
            raise InvalidInput(expected="a valid timestamp", found=str(error),
                               where=self.url) from error


def authority(url: str, pem: bytes) -> Authority:
    """Raises ``ConfigurationError`` when the trusted certificates cannot be read or hold no root."""
    try:
        certificates = tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise ConfigurationError(setting="KAPOK_TSA_CERTIFICATES", expected="certificates in PEM",
                                 found=str(error)) from error
    if not any(one.issuer == one.subject for one in certificates):
        raise ConfigurationError(setting="KAPOK_TSA_CERTIFICATES", expected="a root certificate", found="none")
    return Authority(url, certificates)
