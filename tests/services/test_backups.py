"""Backups: everything comes back on either database, sealed as it was, and the trail is whole; keys change in place."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from engine.cli import main
from engine.domain.ciphers import KeyMissing, SealBroken
from engine.domain.commands import FileRef, StartCase, SuspendCase
from engine.errors import InvalidInput
from engine.services.files import FileStore
from engine.services.proof import backups, keys
from engine.services.shelves.folder import FolderShelf
from engine.store import migrate
from engine.store import schema as s
from engine.store.database import Database
from tests.conftest import BOTH_DATABASES
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import MASTER_KEYS, SUPERVISOR, House
from tests.support.postgres import Postgres

MODEL = process("p", start("s"), user("A"), end("e"), chain("s", "A", "e"))
PDF = "%PDF-1.7 未公开的申请".encode()
RING = keys.load(MASTER_KEYS, Path(), False)


def lived(house: House) -> str:
    house.deploy(MODEL)
    staged = house.kapok.files.stage(io.BytesIO(PDF), "a.pdf", "", SUPERVISOR)
    command = StartCase("p", {"secret": "一种装置"}, (FileRef(staged.sha256, "a.pdf"),))
    case = str(house.run(command, SUPERVISOR)["case_id"])
    house.run(SuspendCase(case, "法院"), SUPERVISOR)
    house.settle()
    return case


def backup(house: House, path: Path) -> Path:
    with path.open("wb") as out:
        backups.write(house.kapok.database, house.kapok.parts.files.shelf, house.clock.now(), out)
    return path


@pytest.fixture(params=BOTH_DATABASES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'target.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


def restored(url: str, folder: Path, source: Path, ring: keys.KeyRing = RING) -> None:
    database = Database(url)
    migrate.upgrade(database)
    try:
        backups.read_in(database, FolderShelf(folder / "files"), ring, source)
    finally:
        database.close()


def test_everything_comes_back_on_either_database_and_goes_on(house: House, target: str, tmp_path: Path) -> None:
    case = lived(house)
    restored(target, tmp_path / "new", backup(house, tmp_path / "b.zip"))
    again = House(target, tmp_path / "new", clock=house.clock)
    for table in s.metadata.sorted_tables:
        assert [tuple(row) for row in again.rows(table)] == [tuple(row) for row in house.rows(table)], table.name
    assert again.broken() == []
    document = again.rows(s.document)[0]
    assert again.kapok.archive.file(SUPERVISOR, document.sha256).open().read() == PDF
    again.complete(again.start("p"), "A")
    assert again.broken() == [] and again.case(case).state == "suspended"
    again.close()


def test_a_backup_tells_nothing_without_its_keys(house: House, tmp_path: Path, fresh_database_url: str) -> None:
    lived(house)
    path = backup(house, tmp_path / "b.zip")
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"%PDF" not in content and "一种装置".encode() not in content and b"\\u4e00\\u79cd" not in content
    other = keys.load("", tmp_path / "other.keys", False)
    with pytest.raises(KeyMissing):
        restored(fresh_database_url, tmp_path / "new", path, other)


def test_what_is_not_empty_or_not_whole_is_refused(house: House, tmp_path: Path, fresh_database_url: str) -> None:
    lived(house)
    path = backup(house, tmp_path / "b.zip")
    with pytest.raises(InvalidInput, match="empty"):
        backups.read_in(house.kapok.database, FolderShelf(tmp_path / "new"), RING, path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["tables/user_task.jsonl"] = files["tables/user_task.jsonl"].replace(b'"open"', b'"done"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(InvalidInput, match="user_task"):
        restored(fresh_database_url, tmp_path / "new", path)


@pytest.mark.parametrize("national", [False, True], ids=["aes", "sm4"])
def test_files_are_sealed_and_a_changed_one_is_noticed(tmp_path: Path, national: bool) -> None:
    ring = keys.load("", tmp_path / "master.keys", national)
    shelf = FolderShelf(tmp_path / "files")
    store = FileStore(shelf, 20 << 20, ring, keys.algorithm(national))
    large = bytes(range(256)) * 10_000
    for content in (b"x", large, bytes(1 << 20)):
        staged = store.put(content, "n", "m")
        path = shelf.path(f"{staged.sha256[:2]}/{staged.sha256}")
        kept_whole = store.read(staged.sha256) == content  # a name, for pytest would draw a diff of megabytes for hours
        assert kept_whole
        assert content[:64] not in path.read_bytes() or len(content) == 1
        sealed = path.read_bytes()
        for place in (0, 10, 25, len(sealed) // 2, len(sealed) - 1):
            path.write_bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1:])
            with pytest.raises((SealBroken, KeyMissing)):  # at 0 it is no sealed file any more, but its hash tells
                store.read(staged.sha256)
        path.write_bytes(sealed[:-17])
        with pytest.raises(SealBroken):
            store.read(staged.sha256)
        path.write_bytes(sealed)


def test_a_new_master_key_rewrites_no_content(tmp_path: Path) -> None:
    ring = keys.load("", tmp_path / "master.keys", False)
    shelf = FolderShelf(tmp_path / "files")
    store = FileStore(shelf, 1 << 20, ring)
    staged = store.put(PDF, "n", "m")
    path = shelf.path(f"{staged.sha256[:2]}/{staged.sha256}")
    before = path.stat().st_mtime_ns
    newer = keys.with_new_master(ring, False)
    assert store.wrap_anew(newer) == 1
    only_new = keys.KeyRing({newer.present.id: newer.present})
    assert FileStore(shelf, 1 << 20, only_new).read(staged.sha256) == PDF
    assert path.stat().st_mtime_ns == before
    assert FileStore(shelf, 1 << 20, ring).read(staged.sha256) == PDF, "Expected the file to be read again"
    with pytest.raises(KeyMissing):
        FileStore(shelf, 1 << 20, keys.KeyRing(ring.keys)).read(staged.sha256)


def call(*words: object) -> dict[str, object]:
    answer = CliRunner().invoke(main, [*map(str, words), "--format", "json"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def test_from_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAPOK_MASTER_KEY_FILE", str(tmp_path / "apart" / "master.keys"))
    for name in ("old", "new"):
        (tmp_path / name).mkdir()

    def at(name: str) -> None:
        monkeypatch.setenv("KAPOK_FOLDER", str(tmp_path / name))
        monkeypatch.setenv("KAPOK_DATABASE_URL", f"sqlite:///{tmp_path / name}/k.db")

    at("old")
    call("user", "add", "a", "--role", "intake")
    first = call("keys", "rotate")["master"]
    assert call("audit", "verify", "--export", tmp_path / "t.zip")["broken"] == []
    assert call("backup", tmp_path / "b.zip")["master_keys"] == [first]
    at("new")
    assert call("restore", tmp_path / "b.zip")["broken"] == []
    assert call("audit", "verify")["broken"] == []
    database = Database(f"sqlite:///{tmp_path}/new/k.db")
    with database.writing() as connection:
        names = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(sa.text("UPDATE audit SET entry = replace(entry, 'shell', 'shall') WHERE seq = 2"))
    database.close()
    broken = CliRunner().invoke(main, ["audit", "verify"])
    assert broken.exit_code == 1 and "system: entry 2: content does not match its hash" in broken.stdout
