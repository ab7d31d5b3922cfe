"""Countersignatures by a timestamp authority (RFC 3161): what is asked, and whether an answer can be trusted.

What is signed is the hash of an anchor as its 64 hex digits, so that ``openssl ts -verify`` can check it from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import rfc3161_client as rfc3161
from cryptography import x509

from engine.errors import ConfigurationError, InvalidInput


@dataclass(frozen=True, slots=True)
class Authority:
    """``certificates``: roots that are trusted (PEM), and any between them and the authority."""

    url: str
    certificates: tuple[x509.Certificate, ...]

    def request(self, digest: str) -> tuple[bytes, Callable[[bytes], None]]:
        """The query for an anchor's hash (DER), and what raises ``InvalidInput`` when the answer does not fit it."""
        builder = rfc3161.TimestampRequestBuilder().data(digest.encode()).hash_algorithm(rfc3161.HashAlgorithm.SHA256)
        query = builder.build()
        return query.as_bytes(), lambda token: self._require(token, digest, query.nonce)

    def fault(self, token: bytes, digest: str) -> str | None:
        """What is wrong with a token over an anchor's hash; None when it is a valid countersignature."""
        try:
            self._require(token, digest, None)
        except InvalidInput as error:
            return error.message
        return None

    def _require(self, token: bytes, digest: str, nonce: int | None) -> None:
        builder = rfc3161.VerifierBuilder()
        for certificate in self.certificates:
            own = certificate.issuer == certificate.subject
            add = builder.add_root_certificate if own else builder.add_intermediate_certificate
            builder = add(certificate)
        try:
            answer = rfc3161.decode_timestamp_response(token)
            (builder if nonce is None else builder.nonce(nonce)).build().verify_message(answer, digest.encode())
        except (rfc3161.VerificationError, ValueError) as error:
            raise InvalidInput(expected="a valid timestamp over the anchor", found=str(error),
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
