"""Fresh keys for a partner: a shared secret, or a pair of ours beside the partner's public key."""

from __future__ import annotations

from collections.abc import Callable

from engine.domain.commands import PartnerKey
from engine.errors import InvalidInput
from webhooks.signature import ED25519, HMAC_SHA256, Key, generate_keypair, generate_secret

ALGORITHMS = (HMAC_SHA256, ED25519)
FIRST = {"shared": "k1", "sign": "k1", "verify": "p1"}


def made_keys(algorithm: str, public: str = "",
              name: Callable[[str], str] = FIRST.__getitem__) -> tuple[PartnerKey, ...]:
    """One shared key for HMAC; for ed25519 ours to sign and, with the partner's public key, that one to verify.

    ``name`` gives the id of a key by its use. The secrets are in what is returned and nowhere else.
    """
    if algorithm == HMAC_SHA256:
        return (PartnerKey(name("shared"), HMAC_SHA256, "shared", generate_secret(HMAC_SHA256)),)
    if algorithm != ED25519:
        raise InvalidInput(expected="hmac-sha256 or ed25519", found=algorithm[:40], where="algorithm")
    private, _ = generate_keypair()
    own = PartnerKey(name("sign"), ED25519, "sign", private)
    return (own, PartnerKey(name("verify"), ED25519, "verify", public)) if public else (own,)



def shown(key: PartnerKey) -> str:
    """What the partner is given of a key: the shared secret, or of our signing key its public half."""
    return key.secret if key.use == "shared" else Key(key.id, ED25519, secret=key.secret).public
