"""Countersignatures of a real timestamp authority over the anchors of the audit trail."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SHELL
from engine.domain.commands import FileRef
from engine.domain.paper_commands import AddEvidence
from engine.errors import ConfigurationError
from engine.house import timestamp_authority
from engine.services.proof import timestamps, verifier
from engine.services.proof.audits import verify_all
from engine.store import schema as s
from engine.workers.witness import Witness
from tests.services.test_audits import tamper
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import SUPERVISOR, House, emptied
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


EVIDENCE = b"%PDF-1.7 evidence"


def received(house: House) -> str:
    """The case that a piece of evidence has come into."""
    house.deploy(MODEL)
    case = house.start("p")
    staged = house.kapok.files.stage(io.BytesIO(EVIDENCE), "证据.pdf", "", SUPERVISOR)
    house.run(AddEvidence(case, "销售记录", "respondent", (FileRef(staged.sha256, "证据.pdf"),)), SUPERVISOR)
    return case


def stamp(house: House, case: str) -> Any:
    [row] = house.kapok.papers.room(SUPERVISOR, case).evidence
    return row.stamp


def test_evidence_is_stamped_by_its_content_and_the_bundle_proves_it(house: House, authority: Authority,
                                                                     tmp_path: Path) -> None:
    case = received(house)
    assert stamp(house, case).state == "pending"
    house.settle()
    house.advance(minutes=1)
    found = stamp(house, case)
    assert (found.state, found.authority, found.at is not None) == ("valid", authority.url, True)
    [row] = house.rows(s.evidence)
    assert authority.verifies(row.token, EVIDENCE)
    house.advance(minutes=5)
    assert house.rows(s.evidence) == [row]
    with (tmp_path / "b.zip").open("wb") as out:
        house.kapok.archive.bundle(SHELL, case, out)
    assert " 2 countersignatures" in verifier.verify(str(tmp_path / "b.zip"))
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert authority.verifies(bundle.read("timestamps/evidence-001.tsr"), EVIDENCE)


def test_evidence_is_received_while_the_authority_is_down_and_stamped_when_it_is_back(house: House) -> None:
    witness = house.pollers[-1]
    assert isinstance(witness, Witness)
    there = witness._authority
    witness._authority = timestamps.Authority("http://127.0.0.1:1/", there.certificates)
    case = received(house)
    house.settle()
    house.advance(minutes=1)
    assert stamp(house, case).state == "pending"
    witness._authority = there
    house.advance(hours=1)
    assert stamp(house, case).state == "valid"


@pytest.mark.parametrize("change", ["another token", "another file"])
def test_a_stamp_over_something_else_is_told(house: House, tmp_path: Path, change: str) -> None:
    case = received(house)
    house.settle()
    house.advance(minutes=1)
    [anchor] = house.rows(s.audit_timestamp)[-1:]
    if change == "another token":
        with house.kapok.database.writing() as connection:
            connection.execute(s.evidence.update().values(token=anchor.token))
        assert stamp(house, case).state == "broken"
        with (tmp_path / "b.zip").open("wb") as out:
            house.kapok.archive.bundle(SHELL, case, out)
        with pytest.raises(verifier.Broken, match="evidence-001"):
            verifier.verify(str(tmp_path / "b.zip"))
    else:
        with house.kapok.database.writing() as connection:
            connection.execute(s.document.update().values(sha256="0" * 64))
        assert stamp(house, case).state == "broken"


def test_evidence_is_stamped_by_setting_alone(database_url: str, tmp_path: Path, authority: Authority) -> None:
    house = House(emptied(database_url), tmp_path / "house", tsa_url=authority.url, tsa_certificates=authority.root,
                  tsa_evidence=False)
    case = received(house)
    house.settle()
    house.advance(minutes=1)
    assert stamp(house, case) is None and house.rows(s.evidence)[0].token is None
    assert len(house.rows(s.audit_timestamp)) == 1
    house.close()
