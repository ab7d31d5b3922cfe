"""What proves a message: its bytes, its signature and our receipt, sealed at rest, checked from the bundle alone."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey
from engine.http.webhooks import RunnerStore, partner_view
from engine.services.proof import verifier
from engine.store import retention
from engine.store import schema as s
from tests.support.bpmn import catch, chain, end, message, process, start
from tests.support.house import House, partner_actor
from tests.webhooks.world import CATALOGUE
from webhooks import strict_json
from webhooks.receipts import check_answer
from webhooks.receiver import Answer, receive
from webhooks.signature import ED25519, HMAC_SHA256, Algorithm, Key, generate_keypair, generate_secret, sign

WAITING = process("p", start("s"), catch("M", message("cnipa.event", "=application_no")), end("e"),
                  chain("s", "M", "e"))
THEIRS, THEIR_PUBLIC = generate_keypair()
OURS, OUR_PUBLIC = generate_keypair()
SHARED = generate_secret()


def arrived(house: House, *keys: PartnerKey, secret: str, algorithm: Algorithm) -> tuple[str, bytes, Answer]:
    """(case, raw body, answer) of one message of a partner."""
    house.deploy(WAITING)
    example = CATALOGUE.example("cnipa.event") | {"msg_id": "m-1"}
    case = house.start("p", {"application_no": CATALOGUE.correlation_key("cnipa.event", example)})
    house.run(AddPartner("cnipa", "cnipa", may_send=("cnipa.event",), keys=keys), SHELL)
    view = partner_view(house.kapok.database, "cnipa", example["receiver"])
    raw, now = strict_json.dumps(example), house.clock.now()
    headers = sign([Key("k1", algorithm, secret)], "m-1", now, raw) | {"content-type": "application/json"}
    store = RunnerStore(house.kapok.runner, partner_actor("cnipa"))
    answer = receive(raw, headers.items(), view, store, now, CATALOGUE)
    assert answer.status == 202, answer.body
    return case, raw, answer


def bundled(house: House, case: str, folder: Path) -> Path:
    path = folder / "b.zip"
    with path.open("wb") as out:
        house.kapok.archive.bundle(SHELL, case, out)
    verifier.verify(str(path))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder / "messages"


def openssl(folder: Path, name: str) -> bool:
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{name}.pem", "-rawin", "-in", f"{name}.signed",
               "-sigfile", f"{name}.sig"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=30).returncode == 0


def ed25519(house: House) -> tuple[str, bytes, Answer]:
    return arrived(house, PartnerKey("k1", ED25519, "verify", THEIR_PUBLIC), PartnerKey("k2", ED25519, "sign", OURS),
                   secret=THEIRS, algorithm=ED25519)


def test_the_bundle_proves_a_message_and_its_receipt_to_a_stranger(house: House, tmp_path: Path) -> None:
    case, raw, answer = ed25519(house)
    folder = bundled(house, case, tmp_path)
    said = json.loads((folder / "in-001.json").read_text())["proof"]
    assert (folder / "in-001.body").read_bytes() == raw
    assert (folder / "in-001.receipt.json").read_bytes() == answer.raw
    assert said["receipt_headers"].items() <= answer.headers.items()
    assert (said["key"]["public"], said["receipt_keys"][0]["public"]) == (THEIR_PUBLIC, OUR_PUBLIC)
    assert said["key"]["fingerprint"].startswith("sha256:")
    assert openssl(folder, "in-001.body") and openssl(folder, "in-001.receipt")
    signed = folder / "in-001.body.signed"
    signed.write_bytes(signed.read_bytes().replace(b"cnipa", b"cnipb", 1))
    assert not openssl(folder, "in-001.body")


def test_a_shared_key_is_never_shown(house: House, tmp_path: Path) -> None:
    case, raw, answer = arrived(house, PartnerKey("k1", HMAC_SHA256, "shared", SHARED), secret=SHARED,
                                algorithm=HMAC_SHA256)
    folder = bundled(house, case, tmp_path)
    said = json.loads((folder / "in-001.json").read_text())["proof"]
    assert said["key"] == {"id": "k1", "algorithm": HMAC_SHA256}
    assert SHARED.removeprefix("whsec_").encode() not in (tmp_path / "b.zip").read_bytes()
    receipt = (folder / "in-001.receipt.json").read_bytes()
    assert check_answer([Key("k1", HMAC_SHA256, SHARED)], raw, said["receipt_headers"], receipt, house.clock.now())
    assert receipt == answer.raw


def test_what_proves_a_message_is_sealed_and_goes_with_its_case(house: House) -> None:
    case, raw, answer = ed25519(house)
    with house.kapok.database.reading() as connection:
        stored = connection.execute(sa.text("SELECT raw, receipt FROM inbound_evidence")).one()
    assert raw not in bytes(stored.raw) and answer.raw.decode() not in stored.receipt
    assert house.rows(s.inbound_evidence)[0].raw == raw
    with house.kapok.database.writing() as connection:
        retention.drop_content(connection, case)
    assert house.rows(s.inbound_evidence) == []


@pytest.mark.parametrize("again", [1, 2])
def test_a_repeated_message_has_one_proof(house: House, again: int) -> None:
    _, raw, answer = ed25519(house)
    view = partner_view(house.kapok.database, "cnipa", answer.body.get("receiver", json.loads(raw)["receiver"]))
    for minute in range(again):
        house.advance(minutes=minute + 1)
        headers = {"content-type": "application/json",
                   **sign([Key("k1", ED25519, THEIRS)], "m-1", house.clock.now(), raw)}
        repeated = receive(raw, headers.items(), view, RunnerStore(house.kapok.runner, partner_actor("cnipa")),
                           house.clock.now(), CATALOGUE)
        assert repeated.raw == answer.raw
    assert len(house.rows(s.inbound_evidence)) == 1
