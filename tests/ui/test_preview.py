"""What people have handed in is looked at and never run: its headers, its parts, its mark."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL
from engine.domain.commands import AddUser, FileRef, StartCase
from tests.support import hostile
from tests.support.bpmn import chain, end, process, properties, start, user
from tests.support.house import SUPERVISOR, House, emptied
from tests.ui.test_administration import Desk
from tests.ui.test_papers import HASHED

FILES = {"证据.pdf": hostile.pdf(), "照片.png": hostile.png(40, 30), "照片.jpg": hostile.jpeg(40, 30),
         "说明.docx": hostile.word("证据说明"), "票据.ofd": hostile.packed({"OFD.xml": b"<OFD/>"})}


Shown = tuple[House, FlaskClient, dict[str, str]]


@pytest.fixture
def shown(sqlite_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shown]:
    """A house, somebody who is signed in, and the hashes of files in one case."""
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    house.run(AddUser("supervisor", "示例", ("supervisor",), HASHED), SHELL)
    level = properties(level=getattr(request, "param", "L1"))
    house.deploy(process("p", level, start(), user("A"), end(), chain("start", "A", "end")))
    staged = {name: house.kapok.files.stage(io.BytesIO(content), name, "", SUPERVISOR).sha256
              for name, content in FILES.items()}
    house.run(StartCase("p", {}, tuple(FileRef(sha256, name) for name, sha256 in staged.items())), SUPERVISOR)
    client = create_app(Settings(database_url=url, folder=folder, secure_cookies=False, **wanted),
                        house.kapok).test_client()
    assert Desk(client).sign_in("supervisor").status_code == 302
    yield house, client, staged
    house.close()


@pytest.mark.parametrize("name", FILES)
def test_content_leaves_in_a_sandbox_and_says_what_it_is(shown: Shown, name: str) -> None:
    _, client, staged = shown
    answer = client.get(f"/files/{staged[name]}")
    policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "sandbox"} <= policy and not any("script" in part for part in policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    inline = name.endswith((".pdf", ".png", ".jpg"))
    assert answer.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert answer.data == FILES[name] and answer.content_length == len(FILES[name])


@pytest.mark.parametrize(("name", "seen"), [
    ("证据.pdf", "<iframe"), ("照片.png", "<img class=\"picture\""), ("照片.jpg", "<img class=\"picture\""),
    ("说明.docx", "证据说明"), ("票据.ofd", "不能预览")])
def test_a_preview_shows_what_can_be_shown(shown: Shown, name: str,
                                           seen: str) -> None:
    _, client, staged = shown
    answer = client.get(f"/files/{staged[name]}/preview")
    assert answer.status_code == 200 and seen in answer.text and name in answer.text
    assert client.get(f"/files/{'0' * 64}/preview").status_code == 404


def test_parts_can_be_asked_for(shown: Shown) -> None:
    _, client, staged = shown
    path, whole = f"/files/{staged['证据.pdf']}", FILES["证据.pdf"]
    assert client.get(path).headers["Accept-Ranges"] == "bytes"
    part = client.get(path, headers={"Range": "bytes=5-99"})
    assert (part.status_code, part.data) == (206, whole[5:100])
    assert part.headers["Content-Range"] == f"bytes 5-99/{len(whole)}"
    assert client.get(path, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


@pytest.mark.parametrize("shown", ["L3"], indirect=True)
def test_what_is_on_record_leaves_whole_and_marked(shown: Shown) -> None:
    _, client, staged = shown
    answer = client.get(f"/files/{staged['证据.pdf']}", headers={"Range": "bytes=5-99"})
    assert answer.status_code == 200 and answer.data.startswith(FILES["证据.pdf"]) and b"CONFIDENTIAL" in answer.data
    assert "watermark" in client.get(f"/files/{staged['证据.pdf']}/preview").text
