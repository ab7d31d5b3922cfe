"""Countersignatures of a real timestamp authority over the anchors of the audit trail."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.actors import SHELL
from engine.errors import ConfigurationError
from engine.house import timestamp_authority
from engine.services.proof import timestamps, verifier
from engine.services.proof.audits import verify_all
from engine.store import schema as s
from tests.services.test_audits import tamper
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import House, emptied
from tests.support.timestamping import Authority, serving

MODEL = process("p", start("s"), user("A"), end("e"), chain("s", "A", "e"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with serving(tmp_path_factory.mktemp("tsa") / "tsa") as found:
        yield found


@pytest.fixture
def house(database_url: str, tmp_path: Path, authority: Authority) -> Iterator[House]:
    built = House(emptied(database_url), tmp_path / "house", tsa_url=authority.url, tsa_certificates=authority.root)
    yield built
    built.close()


def broken(house: House) -> list[str]:
    trusted = timestamp_authority(house.kapok.settings)
    assert trusted is not None
    with house.kapok.database.reading() as connection:
        return [f"{item['chain']} {item['seq']}: {item['reason']}"
                for item in verify_all(connection, trusted.fault)["broken"]]


def test_the_newest_anchor_is_countersigned_and_the_signature_holds(house: House, authority: Authority,
                                                                   tmp_path: Path) -> None:
    house.deploy(MODEL)
    house.start("p")
    house.settle()
    house.advance(minutes=1)
    [stamp], [anchor] = house.rows(s.audit_timestamp), house.rows(s.audit_anchor)
    assert (stamp.anchor, stamp.authority) == (anchor.seq, authority.url)
    assert authority.verifies(stamp.token, anchor.hash.encode())
    assert not authority.verifies(stamp.token, b"another")
    assert broken(house) == []
    with (tmp_path / "b.zip").open("wb") as out:
        house.kapok.archive.trail(SHELL, out)
    assert "1 anchors, 1 countersignatures" in verifier.verify(str(tmp_path / "b.zip"))
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert authority.verifies(bundle.read("timestamps/1.tsr"), bundle.read("timestamps/1.txt"))


def test_a_trail_written_anew_with_all_its_anchors_is_noticed(house: House) -> None:
    house.deploy(MODEL)
    house.settle()
    house.advance(minutes=1)
    assert broken(house) == []
    forged = f"UPDATE audit_anchor SET hash = '{'0' * 64}'"
    tamper(house, forged)
    assert [line.split(":")[0] for line in broken(house)] == ["anchors 1", "timestamps 1"]


def test_a_signature_of_somebody_else_is_none(house: House, tmp_path: Path) -> None:
    house.deploy(MODEL)
    house.settle()
    house.advance(minutes=1)
    with serving(tmp_path / "other") as other:
        trusted = timestamps.authority(other.url, other.root.read_bytes())
        with house.kapok.database.reading() as connection:
            report = verify_all(connection, trusted.fault)
    assert [(item["chain"], item["seq"]) for item in report["broken"]] == [("timestamps", 1)]


def test_an_authority_that_does_not_answer_is_asked_again(house: House) -> None:
    house.deploy(MODEL)
    witness = house.pollers[-1]
    witness._authority = timestamps.Authority("http://127.0.0.1:1/", witness._authority.certificates)
    house.settle()
    assert house.rows(s.audit_timestamp) == []
    assert broken(house) == []


def test_certificates_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="KAPOK_TSA_CERTIFICATES"):
        timestamps.authority("http://x/", b"nothing")
