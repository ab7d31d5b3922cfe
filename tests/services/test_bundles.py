"""Bundles: they open and are checked offline by a script that needs nothing but Python; one flipped byte is named."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SHELL
from engine.domain.administration import GrantAccess
from engine.domain.ciphers import SealBroken
from engine.domain.commands import AddUser, FileRef, StartCase, SuspendCase
from engine.errors import NotFound
from engine.services.proof import verifier
from engine.store import schema as s
from tests.support.bpmn import assign, chain, end, input, process, properties, service, start, user
from tests.support.house import ACTORS, SUPERVISOR, House

MODEL = process("p", start("s"), user("A"), end("e"), chain("s", "A", "e"))


def lived(house: House) -> str:
    house.deploy(MODEL, actor=SHELL)
    staged = house.kapok.files.stage(io.BytesIO("%PDF-1.7 甲公司".encode()), "交底书.pdf", "", SUPERVISOR)
    files = (FileRef(staged.sha256, "交底书.pdf"),)
    case = str(house.run(StartCase("p", {"title": "一种装置", "n": 1.5}, files=files), SUPERVISOR)["case_id"])
    house.run(SuspendCase(case, "法院通知"), SUPERVISOR)
    house.settle()
    house.advance(minutes=2)
    return case


def bundle(house: House, case: str, path: Path) -> Path:
    with path.open("wb") as out:
        house.kapok.archive.bundle(SHELL, case, out)
    return path


def trail(house: House, path: Path) -> Path:
    with path.open("wb") as out:
        house.kapok.archive.trail(SHELL, out)
    return path


def checked(path: Path) -> tuple[int, str]:
    """The script of the bundle itself, run by a Python that sees nothing of the house."""
    script = path.with_suffix(".py")
    with zipfile.ZipFile(path) as archive:
        script.write_bytes(archive.read("verify.py"))
    run = subprocess.run([sys.executable, "-I", "-S", str(script), str(path)], capture_output=True, timeout=60, cwd="/")
    assert run.stderr == b""
    return run.returncode, run.stdout.decode()


@pytest.mark.parametrize("make", [bundle, lambda house, case, path: trail(house, path)], ids=["case", "trail"])
def test_a_whole_bundle_is_found_whole(house: House, tmp_path: Path, make: Any) -> None:
    case = lived(house)
    status, said = checked(make(house, case, tmp_path / "b.zip"))
    assert (status, said.split()[0]) == (0, "WHOLE"), said


@pytest.mark.parametrize("make", [bundle, lambda house, case, path: trail(house, path)], ids=["case", "trail"])
def test_one_flipped_bit_anywhere_is_named(house: House, tmp_path: Path, make: Any, rng: random.Random,
                                           scale: Any) -> None:
    whole = make(house, lived(house), tmp_path / "b.zip").read_bytes()
    broken = tmp_path / "x.zip"
    tail = len(whole) - 200
    places = [*rng.sample(range(len(whole)), scale(250, 5_000)), *range(tail, len(whole))]
    for place in places:
        broken.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << rng.randrange(8)]) + whole[place + 1:])
        with pytest.raises((verifier.Broken, KeyError, ValueError)):
            verifier.verify(str(broken))
            pytest.fail(f"byte {place} was changed unnoticed")


def rewritten(path: Path, **changes: Any) -> Path:
    """The bundle with files changed, and its manifest made to fit, as a forger would."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes["files"].items():
        files[name] = change(files[name])
        if files[name] is None:
            del files[name]
    manifest = json.loads(files.pop("manifest.json"))
    manifest["files"] = {name: verifier.sha256(content) for name, content in files.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [("manifest.json", json.dumps(manifest)), *files.items()]:
            info = zipfile.ZipInfo(name, verifier.DAY)
            info.external_attr = verifier.MODE
            archive.writestr(info, content)
    return path


LETTER = "opinion_notice.docx"
DELIBERATED = process(
    "p", start("s"), user("A", properties(closed="adjudicator"), assign(groups="adjudicator")),
    service("Doc", "document.issue", input(LETTER, "template"), input("合议笔录", "title"),
            properties(closed="adjudicator")), user("B"), end("e"), chain("s", "A", "Doc", "B", "e"))


def test_what_is_closed_to_whoever_exports_is_withheld_and_named_by_its_hash(house: House, tmp_path: Path) -> None:
    house.deploy(DELIBERATED, (LETTER, (files("bpmn") / "pre_examination" / "documents" / LETTER).read_bytes()),
                 actor=SHELL)
    case = house.start("p", {"title": "一种装置"})
    panel = ACTORS["adjudicator"]
    house.claim(case, "A", panel)
    house.complete(case, "A", {"opinion": "多数意见甲"}, panel)
    house.settle()
    house.advance(minutes=2)
    outside, inside = tmp_path / "o.zip", tmp_path / "i.zip"
    for path, who in ((outside, SUPERVISOR), (inside, SHELL)):
        with path.open("wb") as out:
            house.kapok.archive.bundle(who, case, out)
        status, said = checked(path)
        assert status == 0, said
    digest = house.rows(s.document)[0].sha256
    with zipfile.ZipFile(outside) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
        assert not [word for word in ("多数意见甲", "合议笔录") if word in everything.replace(
            archive.read("chains.jsonl").decode(), "")]
        assert digest in archive.read("index.html").decode() and "withheld" in archive.read("index.html").decode()
        assert "state.bin" not in archive.namelist()
    with zipfile.ZipFile(inside) as archive:
        assert json.loads(archive.read("manifest.json"))["withheld"] == []
        assert "多数意见甲" in archive.read("index.html").decode()


def without_line(number: int) -> Any:
    return lambda content: b"".join(line for at, line in enumerate(content.splitlines(True)) if at != number)


@pytest.mark.parametrize(("name", "change", "said"), [
    ("history.jsonl", lambda content: content.replace("法院".encode(), "某人".encode()), "history does not match"),
    ("history.jsonl", without_line(0), "history does not match"),
    ("state.bin", lambda content: content + b" ", "state does not match"),
    ("documents.json", lambda content: b"[]", "a document is missing"),
    ("chains.jsonl", without_line(0), "entry 1: the entry is missing"),
    ("chains.jsonl", without_line(1), "entry 2: the entry is missing"),
    ("chains.jsonl", lambda content: content.replace(b"SuspendCase", b"ResumedCase"), "entry 2: content"),
    ("anchors.jsonl", lambda content: content.replace(b'"heads":2', b'"heads":3'), "anchor 1: content"),
])
def test_a_forged_file_in_a_fitting_manifest_is_named(house: House, tmp_path: Path, name: str, change: Any,
                                                      said: str) -> None:
    path = rewritten(bundle(house, lived(house), tmp_path / "b.zip"), files={name: change})
    status, answer = checked(path)
    assert status == 1 and said in answer, answer


def test_a_chain_cut_short_with_its_head_is_named_by_the_anchor(house: House, tmp_path: Path) -> None:
    case = lived(house)
    path = trail(house, tmp_path / "b.zip")

    def shorter(heads: bytes) -> bytes:
        found = json.loads(heads)
        with zipfile.ZipFile(path) as archive:
            rows = [json.loads(line) for line in archive.read("chains.jsonl").splitlines()]
        found[case] = [1, next(row["hash"] for row in rows if row["chain"] == case)]
        return json.dumps(found).encode()

    with zipfile.ZipFile(path) as archive:
        rows = [json.loads(line) for line in archive.read("chains.jsonl").splitlines()]
    place = next(at for at, row in enumerate(rows) if (row["chain"], row["seq"]) == (case, 2))
    status, said = checked(rewritten(path, files={"heads.json": shorter, "chains.jsonl": without_line(place)}))
    assert status == 1 and f"chain {case} entry 2: the entry is missing: anchor 1 has seen 2" in said


def test_the_page_asks_nothing_of_any_network(house: House, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle(house, lived(house), tmp_path / "b.zip")) as archive:
        page = archive.read("index.html").decode()
        assert not [word for word in ("http:", "https:", "src=", "<script", "@import", "url(") if word in page]
        assert "交底书.pdf" in page and "法院通知" in page, "Expected what was written to be read on the page"
        assert archive.read("documents/001-交底书.pdf") == "%PDF-1.7 甲公司".encode()


def test_a_bundle_needs_the_right_and_a_second_persons_leave(fresh_database_url: str, tmp_path: Path) -> None:
    house = House(fresh_database_url, tmp_path / "house", two_persons=True)
    case = lived(house)
    for who in (SUPERVISOR, ACTORS["intake"]):
        with pytest.raises(NotFound):
            house.kapok.archive.bundle(who, case, io.BytesIO())
    refused = [json.loads(row.entry)["detail"] for row in house.audit("access")]
    assert refused == [{"case": case, "refused": "not_found"}] * 2
    house.run(AddUser("supervisor1", "", (), "x"), SHELL)
    house.run(GrantAccess("export", "supervisor1", case, "法院调取", timedelta(days=1)), SHELL)
    house.kapok.archive.bundle(SUPERVISOR, case, io.BytesIO())
    assert house.broken() == []
    house.close()


@pytest.mark.parametrize("scope", ["*", "", "p", "%", "00000000-0000-7000-8000-000000000000"])
def test_an_export_is_granted_case_by_case_and_never_in_bulk(shared_house: House, scope: str) -> None:
    house, case = shared_house, shared_house.rows(s.case)[0].id
    house.run(GrantAccess("export", "supervisor1", scope or "all", "全部导出", timedelta(days=1)), SHELL)
    with pytest.raises(NotFound):
        house.kapok.archive.bundle(SUPERVISOR, case, io.BytesIO())


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("bulk")
    house = House(f"sqlite:///{folder}/k.db", folder / "house", two_persons=True)
    lived(house)
    house.run(AddUser("supervisor1", "", (), "x"), SHELL)
    yield house
    house.close()


def test_a_changed_file_at_rest_is_noticed_before_it_leaves(house: House, tmp_path: Path) -> None:
    case = lived(house)
    path = house.content(house.rows(s.document)[0].sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(SealBroken, match="sealed content"):
        bundle(house, case, tmp_path / "c.zip")
