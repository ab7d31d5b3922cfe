"""An identity provider as its own process: Canaille, with its accounts in memory, one person and one client.

Run as a program: ``python -m tests.support.provider PORT REDIRECT_URI``; says ``ready`` on standard output.
"""

from __future__ import annotations

import datetime
import sys
from typing import Any

import waitress
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "kapok", "client-secret-of-the-test"
PERSON, PASSWORD = "zhang", "a password at the provider"


def main(port: int, redirect: str) -> None:
    config = {
        "SECRET_KEY": "only for tests", "SERVER_NAME": f"127.0.0.1:{port}", "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "CAPTCHA_ENABLED": False, "SMTP": None,
                     "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"], "READ": ["user_name"], "WRITE": []}}},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [RSAKey.generate_key(2048).as_dict(private=True)], "REQUIRE_NONCE": True}}
    app = create_app(config)
    _find_codes_by_code(Backend.instance)
    with app.app_context(), Backend.instance.session():
        person = models.User(user_name=PERSON, family_name="张", formatted_name="张某", emails=["z@example.com"],
                             password=PASSWORD)
        Backend.instance.save(person)
        client = models.Client(
            client_id=CLIENT_ID, client_secret=CLIENT_SECRET, client_name="Kapok", client_uri=redirect,
            client_id_issued_at=datetime.datetime.now(datetime.UTC),
            redirect_uris=[redirect], scope=["openid", "profile"], grant_types=["authorization_code"],
            response_types=["code"], token_endpoint_auth_method="client_secret_basic")
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    server = waitress.create_server(app, host="127.0.0.1", port=port, threads=4)
    print("ready", flush=True)
    server.run()


def _find_codes_by_code(backend: Any) -> None:
    """Canaille's store in memory answers with what meets any of several conditions, in no order: with two codes of one
    client outstanding it redeems one or the other. Here the code itself decides."""
    query = backend.query

    def exactly(model: Any, *args: Any, **wanted: Any) -> Any:
        found = query(model, *args, **wanted)
        return [item for item in found if item.code == wanted["code"]] if "code" in wanted else found

    backend.query = exactly


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
