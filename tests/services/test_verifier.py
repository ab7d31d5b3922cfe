"""The stand-alone verifier: its own Ed25519 and DER against published vectors, and whatever was touched by its name."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.services.proof import verifier
from tests.services.test_bundles import bundle, lived, trail
from tests.support.house import House
from tests.support.timestamping import Authority

VECTORS = [  # RFC 8032, 7.1: secret key, public key, message, signature
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551"
     "41438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d"
     "291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027"
     "beceea1ec40a"),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS, ids=["empty", "one", "two"])
def test_the_vectors_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    key, content, sealed = map(bytes.fromhex, (public, message, signature))
    assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).sign(content) == sealed
    assert verifier.verifies(key, sealed, content)
    for place in (0, 31, 32, 63):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1:]
        assert not verifier.verifies(key, changed, content)
    assert not verifier.verifies(key, sealed, content + b"x")
    assert not verifier.verifies(key, sealed[:32] + (int.from_bytes(sealed[32:], "little") + verifier.L).to_bytes(
        32, "little"), content), "Expected a signature with s beyond the order of the group to be refused"


@settings(max_examples=8)
@given(st.binary(max_size=100), st.integers(0, 1023))
def test_what_cryptography_signs_it_verifies_and_nothing_else(content: bytes, flip: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(content).digest())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    both = bytearray(public + key.sign(content))
    assert verifier.verifies(bytes(both[:32]), bytes(both[32:]), content)
    both[flip // 8 % 96] ^= 1 << flip % 8
    assert not verifier.verifies(bytes(both[:32]), bytes(both[32:]), content)


def test_a_countersignature_is_read_as_rfc_3161_says(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    (tmp_path / "tsa" / "data").write_bytes(b"0" * 64)
    authority._openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq")
    authority._openssl("ts", "-reply", "-config", "conf", "-queryfile", "q.tsq", "-out", "a.tsr")
    token = (tmp_path / "tsa" / "a.tsr").read_bytes()
    assert verifier.imprint_of(token) == ("sha256", hashlib.sha256(b"0" * 64).digest())
    place = token.index(hashlib.sha256(b"0" * 64).digest())
    with pytest.raises(ValueError, match="what was signed"):
        verifier.imprint_of(token[:place] + b"\0" + token[place + 1:])
    for cut in (10, len(token) // 2, len(token) - 1):
        with pytest.raises((ValueError, IndexError)):
            verifier.imprint_of(token[:cut])


# --- whatever is touched is named -------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def exported(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str]]:
    """(bundle of a case, bundle of the trail, id of the case)."""
    folder = tmp_path_factory.mktemp("exported")
    house = House(sqlite_url, folder / "house")
    case = lived(house)
    yield bundle(house, case, folder / "case.zip"), trail(house, folder / "trail.zip"), case
    house.close()


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, files: dict[str, bytes], fitting: bool = True) -> str:
    """What the verifier says is broken first; ``fitting``: with a manifest that fits, as a forger would leave it."""
    files = dict(files)
    manifest = json.loads(files.pop("manifest.json"))
    if fitting:
        manifest["files"] = {name: verifier.sha256(content) for name, content in files.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [("manifest.json", json.dumps(manifest).encode()), *files.items()]:
            info = zipfile.ZipInfo(name, verifier.DAY)
            info.external_attr = verifier.MODE
            archive.writestr(info, content)
    with pytest.raises(verifier.Broken) as broken:
        verifier.verify(str(path))
    return str(broken.value.args[0])


def entries_of(files: dict[str, bytes]) -> list[bytes]:
    return files["chains.jsonl"].splitlines(keepends=True)


def name_of(line: bytes) -> str:
    row = json.loads(line)
    return verifier.entry_name(row["chain"], row["seq"])


Touch = Callable[[Any, list[bytes]], tuple[list[bytes], int]]


def removed(data: Any, lines: list[bytes]) -> tuple[list[bytes], int]:
    place = data.draw(st.integers(0, len(lines) - 1))
    return lines[:place] + lines[place + 1:], place


def swapped(data: Any, lines: list[bytes]) -> tuple[list[bytes], int]:
    chain = json.loads(data.draw(st.sampled_from(lines)))["chain"]
    own = [place for place, line in enumerate(lines) if json.loads(line)["chain"] == chain]
    if len(own) < 2:
        return removed(data, lines)
    one, other = sorted(data.draw(st.permutations(own))[:2])
    found = list(lines)
    found[one], found[other] = found[other], found[one]
    return found, one


def altered(data: Any, lines: list[bytes]) -> tuple[list[bytes], int]:
    """One letter of what an entry says is another."""
    place = data.draw(st.integers(0, len(lines) - 1))
    row = json.loads(lines[place])
    at = data.draw(st.integers(0, len(row["entry"]) - 1))
    row["entry"] = row["entry"][:at] + chr(ord(row["entry"][at]) ^ 1) + row["entry"][at + 1:]
    return [*lines[:place], json.dumps(row).encode() + b"\n", *lines[place + 1:]], place


@settings(max_examples=12)
@given(st.data())
@pytest.mark.parametrize("kind", [0, 1], ids=["case", "trail"])
@pytest.mark.parametrize("touch", [removed, swapped, altered])
def test_the_first_entry_that_was_touched_is_named(exported: tuple[Path, Path, str], touch: Touch, kind: int,
                                                   data: Any) -> None:
    path = exported[kind]
    files = files_of(path)
    lines = entries_of(files)
    found, place = touch(data, lines)
    said = packed(path.with_suffix(".x.zip"), {**files, "chains.jsonl": b"".join(found)}, data.draw(st.booleans()))
    assert said in (name_of(lines[place]), f"chains.jsonl line {place + 1}")


@settings(max_examples=40)
@given(st.data())
@pytest.mark.parametrize("kind", [0, 1], ids=["case", "trail"])
def test_the_file_or_entry_of_a_flipped_byte_is_named(exported: tuple[Path, Path, str], kind: int, data: Any) -> None:
    whole = exported[kind].read_bytes()
    with zipfile.ZipFile(exported[kind]) as archive:
        info = data.draw(st.sampled_from([item for item in archive.infolist() if item.file_size]))
    start = info.header_offset + 30 + len(info.filename.encode())
    place = start + data.draw(st.integers(0, info.file_size - 1))
    path = exported[kind].with_suffix(".y.zip")
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << data.draw(st.integers(0, 7))]) + whole[place + 1:])
    with pytest.raises(verifier.Broken) as broken:
        verifier.verify(str(path))
    number = whole[start:place].count(b"\n") + 1
    names = {info.filename, f"{info.filename} line {number}"}
    if info.filename == "chains.jsonl":
        lines = entries_of(files_of(exported[kind]))
        names |= {name_of(line) for line in lines[number - 1:number + 1]}
    assert broken.value.args[0] in names


def test_a_forged_key_or_message_is_named(exported: tuple[Path, Path, str], tmp_path: Path) -> None:
    """A received message whose bytes, key or signature were made anew."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    files = {**files_of(exported[0]), **_message(key)}
    with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
        manifest = json.loads(files["manifest.json"])
        rest = {name: content for name, content in files.items() if name != "manifest.json"}
        manifest["files"] = {name: verifier.sha256(content) for name, content in rest.items()}
        for name, content in [("manifest.json", json.dumps(manifest).encode()), *rest.items()]:
            info = zipfile.ZipInfo(name, verifier.DAY)
            info.external_attr = verifier.MODE
            archive.writestr(info, content)
    assert "2 signatures of messages" in verifier.verify(str(tmp_path / "w.zip"))
    forged = {
        "messages/in-001.body": b"other", "messages/in-001.body.sig": bytes(64),
        "messages/in-001.receipt.sig": key.sign(b"x"),
        "messages/in-001.receipt.signed": b"r.1.{}", "messages/in-001.body.pem": _pem(Ed25519PrivateKey.generate())}
    for name, content in forged.items():
        said = packed(tmp_path / "f.zip", {**files, name: content})
        assert said.split(".")[:2] == name.split(".")[:2], (name, said)
    for name in ("messages/in-001.body.sig", "messages/in-001.receipt.json"):
        assert packed(tmp_path / "f.zip", {key: value for key, value in files.items() if key != name}) == \
            "messages/in-001.json"


def _message(key: Ed25519PrivateKey) -> dict[str, bytes]:
    raw = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    body, public = b'{"a":1}', {"id": "k", "algorithm": "ed25519", "public": f"whpk_{raw}"}
    receipt = json.dumps({"sha256": verifier.sha256(body)}).encode()
    path = "messages/in-001"
    files = {f"{path}.body": body, f"{path}.receipt.json": receipt}
    for part, content in (("body", body), ("receipt", receipt)):
        signed = b"id.1." + content
        files |= {f"{path}.{part}.signed": signed, f"{path}.{part}.sig": key.sign(signed),
                  f"{path}.{part}.pem": _pem(key)}
    said = {"body_sha256": verifier.sha256(body),
            "proof": {"key": public, "receipt_keys": [public], "files": sorted(files)}}
    return {**files, f"{path}.json": json.dumps(said).encode()}


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
