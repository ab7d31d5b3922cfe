"""Every door for files says the same of a bad one, in the reader's language, and keeps nothing of it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest

from engine.domain.actors import SHELL
from engine.domain.commands import CreateToken
from engine.services.people.identity import new_token
from engine.store import schema as s
from tests.support import hostile
from tests.ui.test_administration import Desk
from tests.ui.test_papers import Room, room

__all__ = ["room"]
BAD: dict[str, tuple[str, bytes, str, str]] = {
    "nothing": ("a.pdf", b"", "空文件", "an empty file"),
    "a program": ("a.exe", b"MZ", "程序", "a program"),
    "a drawing in disguise": ("<b>a.png", b"<svg onload=alert(1)>", "网页或矢量图", "a web page or drawing"),
    "macros": ("a.docx", hostile.word_with(**{"word/vbaProject.bin": b"x"}), "宏", "macros"),
    "a bomb": ("a.docx", hostile.bomb(120 << 20), "解压后不超过 200 MB", "at most 200 MB unpacked"),
    "a script": ("a.pdf", hostile.pdf(b"<</S/JavaScript/JS(1)>>"), "脚本", "a script"),
    "a bomb of points": ("a.png", hostile.png(50_000, 50_000), "百万像素", "million points"),
}
Door = Callable[[Room, Desk, str, bytes], Any]


def of_forms(room: Room, desk: Desk, name: str, content: bytes) -> Any:
    return desk.post("/files", file=(io.BytesIO(content), name))


def of_evidence(room: Room, desk: Desk, name: str, content: bytes) -> Any:
    return desk.post(f"/cases/{room.case}/evidence", title="x", source="other", file=(io.BytesIO(content), name))


def of_programs(room: Room, desk: Desk, name: str, content: bytes) -> Any:
    secret, digest = new_token()
    room.house.run(CreateToken("supervisor", digest, ("cases:write",)), SHELL)
    sent = {"resources": [{"name": name, "content": base64.b64encode(content).decode()}]}
    return room.app.test_client().post("/api/v1/files", json=sent, headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("door", [of_forms, of_evidence, of_programs])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_file_is_told_and_not_kept(room: Room, door: Door, bad: tuple[str, bytes, str, str]) -> None:
    name, content, chinese, english = bad
    answer = door(room, room.desk("supervisor"), name, content)
    said = answer.json["message"] if door is of_forms else answer.json["detail"] if door is of_programs else answer.text
    assert answer.status_code == 422 and (english if door is of_programs else chinese) in said
    assert door is not of_evidence or "<b>a.png" not in said
    assert room.house.rows(s.file) == room.house.rows(s.staging) == room.house.rows(s.evidence) == []
    assert list(room.house.kapok.parts.files.shelf.names()) == []


@pytest.mark.parametrize("door", [of_forms, of_evidence, of_programs])
def test_what_is_too_large_is_told_and_not_kept(room: Room, door: Door) -> None:
    limit = room.house.kapok.parts.files.limit
    answer = door(room, room.desk("supervisor"), "a.pdf", b"%PDF-1.7\n" + bytes(limit))
    assert answer.status_code in (413, 422)
    told = answer.get_data(as_text=True) if not answer.is_json else str(answer.json)
    assert any(word in told for word in ("超过", "MB", "too large", "exceed"))
    assert list(room.house.kapok.parts.files.shelf.names()) == []


UNREADABLE = {
    "a name in GBK": 'filename="证据.pdf"\r\n\r\n%PDF-1.7\r\n--x--\r\n'.encode("gbk"),
    "one cut off": b'filename="a.pdf"\r\n\r\n%PDF-1.7',
}


@pytest.mark.parametrize("path", ["/files", "/cases/{case}/evidence", "/sign-in", "/api/v1/files"])
@pytest.mark.parametrize("rest", UNREADABLE.values(), ids=UNREADABLE)
def test_a_form_that_cannot_be_read_is_told_and_is_no_stale_page(room: Room, path: str, rest: bytes) -> None:
    secret, digest = new_token()
    room.house.run(CreateToken("supervisor", digest, ("cases:write",)), SHELL)
    sent = b'--x\r\nContent-Disposition: form-data; name="file"; ' + rest
    answer = room.desk("supervisor").client.post(
        path.format(case=room.case), data=sent, content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 422 and "UTF-8" in answer.text
    assert room.house.rows(s.file) == []


@pytest.mark.parametrize(("name", "shown"), [
    ("../../证据.pdf", "证据.pdf"), ("证据\u202efdp.pdf", "证据fdp.pdf"), ("con.pdf", "_con.pdf"),
    ("<img src=x>.pdf", "&lt;img src=x&gt;.pdf"), ("证" * 300 + ".pdf", "证" * 196 + ".pdf")], ids=repr)
def test_a_name_comes_in_without_its_traps(room: Room, name: str, shown: str) -> None:
    desk = room.desk("supervisor")
    assert of_evidence(room, desk, name, hostile.pdf()).status_code == 303
    page = desk.get(room.url).text
    assert f'<span class="mute small">{shown}</span>' in page
