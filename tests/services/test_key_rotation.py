"""A new master key by two persons, while the service runs; what was sealed before and after opens everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.administration import DecideApproval, RequestApproval, RotateKeys
from engine.domain.recusal_commands import Declare
from engine.errors import InvalidInput, NotAllowed
from engine.services.files import FileStore
from engine.services.people.approvals import SecondPersonNeeded
from engine.services.proof.rotation import WrapAnew
from engine.store import schema as s
from engine.workers.keeper import Keeper
from tests.support.house import ACTORS, MASTER_KEYS, House

ADMIN, SECURITY = ACTORS["admin"], ACTORS["security"]


def opened(folder: Path) -> House:
    return House(f"sqlite:///{folder}/kapok.db", folder / "house", two_persons=True, master_keys="",
                 master_key_file=folder / "master.keys")


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "master.keys").write_text(MASTER_KEYS + "\n")
    house = opened(tmp_path)
    yield house
    house.close()


def test_two_persons_change_the_master_key(sealed: House, tmp_path: Path) -> None:
    files = sealed.kapok.parts.files
    elsewhere = FileStore(files.shelf, files.limit, files.ring)
    old = files.put("旧内容".encode(), "a.pdf", "application/pdf").sha256
    with sealed.kapok.database.writing() as connection:
        connection.execute(s.user.insert(), {
            "id": "hr1", "name": "人事", "password_hash": "!", "roles": ["hr"], "enabled": True,
            "added_at": sealed.clock.now(), "failed_sign_ins": 0, "kind": "person"})
    sealed.run(Declare("hr1", "relative", "示例亲属"), ACTORS["hr"])
    with pytest.raises(SecondPersonNeeded):
        sealed.run(RotateKeys(), ADMIN)
    key = sealed.run(RequestApproval(RotateKeys(), "年度更换"), ADMIN)["request"]
    with pytest.raises(NotAllowed):
        sealed.run(WrapAnew(), SECURITY)
    assert (tmp_path / "master.keys").read_text() == MASTER_KEYS + "\n"  # a trial touches nothing
    sealed.run(DecideApproval(key, approve=True), SECURITY)
    assert len((tmp_path / "master.keys").read_text().splitlines()) == 2
    assert '"files":1' in sealed.audit()[-1].entry.replace(" ", "")
    new = files.put(b"new", "b.pdf", "application/pdf").sha256
    assert {master.master for master in sealed.rows(s.data_key)} == {files.ring.present.id if files.ring else ""}
    assert (elsewhere.read(old).decode(), elsewhere.read(new)) == ("旧内容", b"new")  # another process
    assert sealed.broken() == []
    sealed.close()
    again = opened(tmp_path)
    assert [row.subject for row in again.kapok.recusals.declarations(ACTORS["hr"])] == ["示例亲属"]
    assert again.kapok.parts.files.read(old).decode() == "旧内容"
    again.close()


def approved(house: House) -> None:
    key = house.run(RequestApproval(RotateKeys(), "年度更换"), ADMIN)["request"]
    assert house.run(DecideApproval(key, approve=True), SECURITY)["state"] == "approved"


def rotated(house: House, folder: Path) -> bool:
    """All by the newest of two master keys, and nothing left to do."""
    lines = (folder / "master.keys").read_text().splitlines()
    assert len(lines) == 2
    return {(row.master, row.stale_since) for row in house.rows(s.data_key)} == {(lines[-1].split()[0], None)}


def test_what_was_allowed_is_done_after_the_process_died(sealed: House, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed.kapok.runner, "_drain", lambda follow_ups: None)  # killed after the commit
    approved(sealed)
    sealed.close()
    again = opened(tmp_path)
    Keeper(again.kapok.runner).poll()
    assert rotated(again, tmp_path)
    done = len(again.audit())
    Keeper(again.kapok.runner).poll()
    assert (rotated(again, tmp_path), len(again.audit())) == (True, done)
    again.close()


def test_what_a_killed_process_left_among_the_keys_is_passed_over(sealed: House, tmp_path: Path) -> None:
    files = sealed.kapok.parts.files
    files.put(b"x", "a.pdf", "application/pdf")
    folder = next((sealed.kapok.settings.folder / "files" / "keys").iterdir())
    (folder / "staging-abc123").write_bytes(b"")
    approved(sealed)
    assert rotated(sealed, tmp_path)


def test_a_rotation_that_fails_is_on_record_and_tried_again(sealed: House, tmp_path: Path) -> None:
    files = sealed.kapok.parts.files
    files.put(b"x", "a.pdf", "application/pdf")
    key = next((sealed.kapok.settings.folder / "files" / "keys").glob("*/*"))
    good = key.read_bytes()
    key.write_bytes(good.replace(b" 0011223344556677 ", b" ffffffffffffffff "))
    approved(sealed)
    for _ in range(2):
        Keeper(sealed.kapok.runner).poll()
        assert "not rotated" in sealed.audit()[-1].entry
    key.write_bytes(good)
    Keeper(sealed.kapok.runner).poll()
    assert rotated(sealed, tmp_path)
    assert sealed.broken() == []


def test_keys_in_a_setting_are_changed_by_the_operator(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path}/kapok.db", tmp_path / "house", two_persons=True)
    with pytest.raises(InvalidInput):
        house.run(RequestApproval(RotateKeys(), "年度更换"), ADMIN)
    house.close()
