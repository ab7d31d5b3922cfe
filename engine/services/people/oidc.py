"""Sign-in by an identity provider: OpenID Connect Core 1.0, authorization code with PKCE S256 (RFC 7636), state, nonce.

The ID token is verified against the provider's published keys; whom its subject is here says a row, never a name or an
e-mail address in the token. An unknown subject is refused, unless the house gives such people an account without roles.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.administration import LinkIdentity
from engine.domain.commands import AddUser
from engine.errors import Conflict, Rejection
from engine.services.people.identity import Identity, Session
from engine.services.people.users import SignInRefused
from engine.services.runner import Runner

ALGORITHMS = [kind + size for kind in ("RS", "PS", "ES") for size in ("256", "384", "512")] + ["EdDSA"]
"""Signatures alone: a token without one, or under a key we share with the provider, is worth nothing."""
_LEEWAY = timedelta(minutes=2)


class ProviderRefused(Rejection):
    """Expected the identity provider to say who signs in, but {reason}."""

    code = "provider_refused"


class Web(Protocol):
    """How the provider is asked. Raises ``ProviderRefused`` when it does not answer with JSON."""

    def get(self, url: str) -> Mapping[str, Any]: ...

    def post(self, url: str, form: Mapping[str, str], user: str, password: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Provider:
    """``provision``: an unknown subject gets an account without roles."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    provision: bool = False


@dataclass(slots=True)
class SingleSignOn:
    """Wired by ``app`` when a provider is set; its metadata are asked for once, its keys at each sign-in."""

    provider: Provider
    identity: Identity
    runner: Runner
    clock: Clock
    web: Web
    _metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.provider.name

    def begin(self, back: str) -> tuple[str, Mapping[str, str]]:
        """The provider's address for this sign-in, and what the browser's session keeps of it meanwhile."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = urlencode({
            "response_type": "code", "client_id": self.provider.client_id, "redirect_uri": back, "scope": "openid",
            "state": state, "nonce": nonce, "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256"})
        where = self._published()["authorization_endpoint"]
        return f"{where}{'&' if '?' in where else '?'}{query}", {
            "state": state, "nonce": nonce, "verifier": verifier, "back": back}

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str], client: str, agent: str) -> Session:
        """The session of who came back. Raises ``ProviderRefused`` or ``SignInRefused``."""
        expected = remembered.get("state", "")
        if not expected or not hmac.compare_digest(expected.encode(), answer.get("state", "").encode()):
            raise ProviderRefused(reason="this browser has not asked for it")
        if "code" not in answer:
            raise ProviderRefused(reason=answer.get("error", "there is no code")[:100])
        if answer.get("iss", self.provider.issuer) != self.provider.issuer:  # RFC 9207
            raise ProviderRefused(reason="another provider answered")
        token = self.web.post(self._published()["token_endpoint"], {
            "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": remembered["back"],
            "code_verifier": remembered["verifier"]}, self.provider.client_id, self.provider.client_secret)
        subject = self._subject(str(token.get("id_token", "")), remembered["nonce"])
        return self._enter(subject, client, agent)

    def _enter(self, subject: str, client: str, agent: str) -> Session:
        try:
            return self.identity.sign_in_as(self.provider.issuer, subject, client, agent)
        except SignInRefused:
            if not self.provider.provision or not self._provisioned(subject):
                raise
        return self.identity.sign_in_as(self.provider.issuer, subject, client, agent)

    def _provisioned(self, subject: str) -> bool:
        """Give a new subject an account without roles; False when one of this name is somebody else's."""
        try:
            self.runner.run(AddUser(subject[:255], subject[:255], (), "!"), SYSTEM)
            self.runner.run(LinkIdentity(subject[:255], self.provider.issuer, subject), SYSTEM)
        except Conflict:
            return False
        return True

    def _subject(self, token: str, nonce: str) -> str:
        """Who an ID token is about, once all of OpenID Connect Core §3.1.3.7 holds."""
        claims = self._verified(token)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now, leeway = self.clock.now().timestamp(), _LEEWAY.total_seconds()
        checks = {
            "another issuer": claims.get("iss") == self.provider.issuer,
            "another audience": self.provider.client_id in audiences
            and claims.get("azp", self.provider.client_id) == self.provider.client_id
            and (len(audiences) == 1 or "azp" in claims),
            "it is over": _number(claims.get("exp")) > now - leeway,
            "it is of the future": 0 < _number(claims.get("iat")) < now + leeway,
            "another nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
            "there is no subject": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
        }
        for reason, holds in checks.items():
            if not holds:
                raise ProviderRefused(reason=f"the token does not hold: {reason}")
        return str(claims["sub"])

    def _verified(self, token: str) -> Mapping[str, Any]:
        keys: Any = self.web.get(self._published()["jwks_uri"])
        try:
            return jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(reason="its token is not signed by a key of its") from error

    def _published(self) -> Mapping[str, Any]:
        if not self._metadata:
            found = self.web.get(f"{self.provider.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise ProviderRefused(reason=f"its metadata name another issuer, {str(found.get('issuer'))[:100]}")
            self._metadata = found
        return self._metadata


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0
