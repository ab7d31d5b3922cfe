"""Where files lie: a folder and a bucket do the same, are asked over the wire, and keep nothing half."""

from __future__ import annotations

import hashlib
import io
import random
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.config import Settings
from engine.domain.actors import SYSTEM
from engine.domain.ciphers import AES, SealBroken, new_key
from engine.domain.commands import FileRef, StartCase
from engine.errors import ConfigurationError, NotFound
from engine.house import shelf_of
from engine.services.files import FileStore
from engine.services.proof import backups, keys
from engine.services.shelves.folder import FolderShelf
from engine.services.shelves.shelf import Shelf, StorageDown
from engine.store import migrate
from engine.store import schema as s
from engine.store.database import Database
from engine.workers.cleaner import Cleaner
from tests.support import objects
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, MASTER_KEYS, SUPERVISOR, House

MODEL = process("p", start("s"), user("A"), end("e"), chain("s", "A", "e"))
RING = keys.load(MASTER_KEYS, Path(), False)
LIMIT, LARGE, MOST_HELD = 64 << 20, 20 << 20, 16 << 20
"""``MOST_HELD``: of a file of ``LARGE``, both ways."""


@pytest.fixture(scope="module")
def server() -> Iterator[objects.ObjectStore]:
    with objects.serving() as found:
        yield found


@pytest.fixture
def bucket(server: objects.ObjectStore) -> objects.ObjectStore:
    return server.emptied()


def settings(**more: Any) -> Settings:
    return replace(Settings(), **more)


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "folder":
        return FolderShelf(tmp_path / "files")
    return shelf_of(settings(**request.getfixturevalue("bucket").settings()))


@pytest.fixture(params=["folder", "bucket"])
def where(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of a house that keeps its files there."""
    return {} if request.param == "folder" else dict(request.getfixturevalue("bucket").settings())


def kept(shelf: Shelf) -> dict[str, bytes]:
    found = {}
    for name in shelf.names():
        with shelf.open(name) as content:
            found[name] = content.read()
    return found


def large() -> bytes:
    return b"%PDF-1.7\n" + random.Random(1).randbytes(LARGE)


def test_a_shelf_keeps_replaces_lists_and_forgets(shelf: Shelf) -> None:
    assert list(shelf.names()) == [] and not shelf.exists("aa/1")
    shelf.put("aa/1", [b"one", b"", b" piece"])
    shelf.put("keys/bb/2", [])
    shelf.put("aa/1", iter([b"another"]))
    assert kept(shelf) == {"aa/1": b"another", "keys/bb/2": b""}
    assert list(shelf.names("keys/")) == ["keys/bb/2"] and shelf.exists("keys/bb/2")
    shelf.remove("aa/1")
    shelf.remove("aa/1")
    with pytest.raises(FileNotFoundError):
        shelf.open("aa/1")


def test_what_fails_in_the_middle_was_never_there(shelf: Shelf, bucket: objects.ObjectStore) -> None:
    def broken() -> Iterator[bytes]:
        yield from (bytes(1 << 20) for _ in range(20))
        raise ValueError("torn")

    shelf.put("aa/1", [b"before"])
    with pytest.raises(ValueError, match="torn"):
        shelf.put("aa/1", broken())
    assert kept(shelf) == {"aa/1": b"before"} and bucket.unfinished() == []


def test_a_large_file_is_streamed_both_ways_and_sealed(shelf: Shelf, tmp_path: Path) -> None:
    store = FileStore(shelf, LIMIT, RING)
    path = tmp_path / "large.pdf"
    path.write_bytes(large())
    store.put(b"warm", "a", "m")  # what the client loads at its first use is not the file's
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            staged = store.stage(stream, "large.pdf")
        digest = hashlib.sha256()
        with store.open(staged.sha256) as content:
            while piece := content.read(1 << 20):
                digest.update(piece)
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (staged.sha256, staged.size) == (digest.hexdigest(), path.stat().st_size)
    assert held < MOST_HELD, f"held {held >> 20} MB"
    sealed = kept(shelf)[f"{staged.sha256[:2]}/{staged.sha256}"]
    assert b"%PDF" not in sealed[:100] and len(sealed) > LARGE


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "plain"])
def test_another_content_in_its_place_is_noticed(shelf: Shelf, sealed: bool) -> None:
    store = FileStore(shelf, LIMIT, RING if sealed else None)
    one, two = (store.put(content, "a", "m").sha256 for content in (b"one", b"two"))
    place = f"{one[:2]}/{one}"
    own, other = kept(shelf)[place], kept(shelf)[f"{two[:2]}/{two}"]
    for content in (other, own[:-1] + bytes([own[-1] ^ 1]), own[:-1], b""):
        shelf.put(place, [content])
        with pytest.raises(SealBroken):
            store.open(one)
    shelf.put(place, [own])
    assert store.read(one) == b"one"
    with pytest.raises(NotFound):
        store.open("0" * 64)


def test_a_house_lives_on_either(where: dict[str, Any], fresh_database_url: str, tmp_path: Path) -> None:
    house = House(fresh_database_url, tmp_path / "house", **where)
    house.deploy(MODEL)
    sent = {name: house.kapok.files.stage(io.BytesIO(f"%PDF-1.7 {name}".encode()), f"{name}.pdf", "", SUPERVISOR)
            for name in ("filed", "lost")}
    case = house.run(StartCase("p", {}, (FileRef(sent["filed"].sha256, "a.pdf"),)), SUPERVISOR)["case_id"]
    assert house.kapok.archive.file(SUPERVISOR, sent["filed"].sha256).open().read() == b"%PDF-1.7 filed"
    house.clock.advance(timedelta(days=2))
    Cleaner(house.kapok.runner).poll()
    shelf = house.kapok.parts.files.shelf
    assert [house.kapok.parts.files.holds(file.sha256) for file in sent.values()] == [True, False]
    assert len(list(shelf.names("keys/"))) == 1 and len(list(shelf.names())) == 2
    house.kapok.archive.bundle(SYSTEM, str(case), io.BytesIO())
    newer = new_key(AES)
    assert house.kapok.parts.files.wrap_anew(keys.KeyRing({**RING.keys, newer.id: newer})) == 1
    assert house.kapok.parts.files.read(sent["filed"].sha256) == b"%PDF-1.7 filed"
    assert house.broken() == []
    house.close()
    if where:
        assert not (tmp_path / "house" / "files").exists()


@pytest.mark.parametrize("back", [False, True], ids=["into a bucket", "into a folder"])
def test_a_backup_moves_files_between_shelves(bucket: objects.ObjectStore, tmp_path: Path, back: bool) -> None:
    there = dict(bucket.settings())
    house = House(f"sqlite:///{tmp_path}/old.db", tmp_path / "old", **(there if back else {}))
    house.deploy(MODEL)
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-1.7 x"), "a.pdf", "", SUPERVISOR)
    house.run(StartCase("p", {}, (FileRef(staged.sha256, "a.pdf"),)), SUPERVISOR)
    with (tmp_path / "b.zip").open("wb") as out:
        backups.write(house.kapok.database, house.kapok.parts.files.shelf, house.clock.now(), out)
    house.close()
    target = shelf_of(settings(folder=tmp_path / "new", **({} if back else there)))
    database = Database(f"sqlite:///{tmp_path}/new.db")
    migrate.upgrade(database)
    backups.read_in(database, target, RING, tmp_path / "b.zip")
    database.close()
    again = House(f"sqlite:///{tmp_path}/new.db", tmp_path / "new", **({} if back else there))
    assert again.kapok.parts.files.read(staged.sha256) == b"%PDF-1.7 x"
    assert len(again.rows(s.document)) == 1 and again.broken() == []
    again.close()


@pytest.mark.parametrize(("wrong", "named"), [
    ({"s3_key_id": "AKIAUNKNOWN"}, "KAPOK_S3_KEY_ID"), ({"s3_secret": "wrong"}, "KAPOK_S3_KEY_ID"),
    ({"s3_bucket": "not-there"}, "KAPOK_S3_BUCKET"), ({"s3_endpoint": "http://127.0.0.1:9"}, "KAPOK_S3_ENDPOINT"),
], ids=["unknown key", "wrong secret", "no bucket", "nobody there"])
def test_a_wrong_setting_is_named_at_the_start(bucket: objects.ObjectStore, wrong: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        shelf_of(settings(**bucket.settings(**wrong)))


def test_without_its_library_a_bucket_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "engine.services.shelves.bucket", raising=False)
    with pytest.raises(ConfigurationError, match=r"kapok\[s3\]"):
        shelf_of(settings(s3_bucket="b"))


def test_a_store_that_dies_in_mid_upload_keeps_nothing(bucket: objects.ObjectStore, tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path}/k.db", tmp_path / "house", max_upload=LIMIT, **bucket.settings())
    wire = objects.Wire(bucket.url, 12 << 20)
    house.kapok.parts.files.shelf = shelf_of(settings(**bucket.settings(s3_endpoint=wire.url)))
    with pytest.raises(StorageDown, match="keep a file"):
        house.kapok.files.stage(io.BytesIO(large()), "large.pdf", "", ACTORS["applicant"])
    assert house.rows(s.file) == house.rows(s.staging) == []
    assert [name for name in bucket.names() if not name.startswith("keys/")] == []
    with pytest.raises(StorageDown):
        house.kapok.parts.files.open("0" * 64)
    wire.close()
    house.close()
