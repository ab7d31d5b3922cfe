"""What an ID token must hold: OpenID Connect Core §3.1.3.7, one claim wrong at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from engine.domain.actors import SHELL
from engine.domain.administration import LinkIdentity
from engine.domain.commands import AddUser
from engine.services.people.oidc import Provider, ProviderRefused, SingleSignOn
from engine.services.people.users import SignInRefused
from engine.store import schema as s
from tests.support.house import House

ISSUER = "https://id.example"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})


class Web:
    """A provider that signs what it is told."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.metadata: dict[str, Any] = {"issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/go",
                                         "token_endpoint": f"{ISSUER}/token", "jwks_uri": f"{ISSUER}/keys"}
        self.asked: list[Mapping[str, str]] = []

    def get(self, url: str) -> Mapping[str, Any]:
        return KeySet([KEY]).as_dict() if url.endswith("/keys") else self.metadata

    def post(self, url: str, form: Mapping[str, str], user: str, password: str) -> Mapping[str, Any]:
        self.asked.append(form)
        algorithms = [self.header["alg"]]
        return {"id_token": jwt.encode(self.header, self.claims, self.key, algorithms=algorithms)}


@pytest.fixture
def web() -> Web:
    return Web()


def sign_in(house: House, web: Web, provision: bool = False, **changes: Any) -> Any:
    provider = Provider(ISSUER, "kapok", "secret", "ID", provision)
    kapok = house.kapok
    door = SingleSignOn(provider, kapok.identity, kapok.runner, kapok.clock, web)
    _, kept = door.begin("https://kapok.example/back")
    now = int(kapok.clock.now().timestamp())
    web.claims = {"iss": ISSUER, "aud": "kapok", "sub": "7", "exp": now + 60, "iat": now, "nonce": kept["nonce"]}
    web.claims |= {name: value for name, value in changes.items() if value is not None}
    for name in [name for name, value in changes.items() if value is None]:
        del web.claims[name]
    return door.finish({"code": "c", "state": kept["state"]}, kept, "192.0.2.1", "test")


@pytest.fixture
def linked(house: House) -> House:
    house.run(AddUser("known", "某人", ("examiner",), "!"), SHELL)
    house.run(LinkIdentity("known", ISSUER, "7"), SHELL)
    return house


def test_a_good_token_opens_and_the_verifier_goes_with_the_code(linked: House, web: Web) -> None:
    found = sign_in(linked, web)
    assert (found.actor.id, found.stage) == ("known", "full")
    assert len(web.asked[0]["code_verifier"]) >= 43
    assert sign_in(linked, web, aud=["kapok", "other"], azp="kapok").stage == "full"


@pytest.mark.parametrize("changes", [
    {"iss": "https://evil.example"}, {"iss": None}, {"aud": "other"}, {"aud": []}, {"aud": None},
    {"aud": ["kapok", "other"]}, {"azp": "other"}, {"exp": 1}, {"exp": None}, {"exp": "soon"}, {"iat": 10**12},
    {"iat": None}, {"nonce": "another"}, {"nonce": None}, {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256}])
def test_one_wrong_claim_and_nobody_is_in(linked: House, web: Web, changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        sign_in(linked, web, **changes)
    assert linked.rows(s.user_session) == []


def test_a_token_of_another_key_or_none_is_refused(linked: House, web: Web) -> None:
    web.key = OTHER
    with pytest.raises(ProviderRefused):
        sign_in(linked, web)
    web.key, web.header = OctKey.import_key("secret-shared-with-the-provider-000"), {"alg": "HS256", "kid": "one"}
    with pytest.raises(ProviderRefused):
        sign_in(linked, web)


def test_metadata_of_another_issuer_are_refused(linked: House, web: Web) -> None:
    web.metadata["issuer"] = "https://evil.example"
    with pytest.raises(ProviderRefused):
        sign_in(linked, web)


def test_a_subject_has_one_account_and_an_account_one_subject(linked: House, web: Web) -> None:
    linked.run(LinkIdentity("known", ISSUER, "8"), SHELL)
    with pytest.raises(SignInRefused):
        sign_in(linked, web)
    assert sign_in(linked, web, sub="8").actor.id == "known"


def test_an_unknown_subject_is_refused_or_gets_an_account_without_roles(linked: House, web: Web) -> None:
    with pytest.raises(SignInRefused):
        sign_in(linked, web, sub="new")
    assert sign_in(linked, web, provision=True, sub="new").actor.roles == frozenset()
    with pytest.raises(SignInRefused):  # the name of somebody who is here already
        sign_in(linked, web, provision=True, sub="known")
    assert linked.broken() == []
