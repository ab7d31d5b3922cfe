"""The partner's handbooks: their table is the catalogue, their Python examples work."""

import io
import json
import re
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.webhooks.wire import answering, listening
from tests.webhooks.world import CATALOGUE, CNIPA, HMAC_KEY, NOW, MemoryStore
from webhooks.catalogue.__main__ import main, table
from webhooks.receiver import receive
from webhooks.signature import sign

HANDBOOKS = [Path(__file__).parents[2] / "docs" / name for name in ("partners.md", "partners.en.md")]
handbooks = pytest.mark.parametrize("handbook", HANDBOOKS, ids=lambda path: path.name)


def blocks(handbook: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", handbook.read_text("utf-8"), re.DOTALL)


@handbooks
def test_the_table_is_the_catalogue(handbook: Path) -> None:
    assert table(CATALOGUE) in handbook.read_text("utf-8")


@handbooks
def test_the_example_message_is_valid(handbook: Path) -> None:
    envelope = json.loads(blocks(handbook, "json")[0])
    assert CATALOGUE.validate_envelope(envelope) + CATALOGUE.validate_message(envelope) == []


@handbooks
def test_the_sending_example_is_accepted(handbook: Path) -> None:
    seen: list[tuple[bytes, bytes]] = []
    with listening(answering(202, b"{}", seen=seen)) as centre, redirect_stdout(io.StringIO()) as said:
        source = blocks(handbook, "python")[0].replace("127.0.0.1:8080", f"127.0.0.1:{centre.port}")
        exec(compile(source, str(handbook), "exec"), {})  # noqa: S102 - the handbook's own example
    assert said.getvalue().startswith("202")
    head, body = seen[0]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])}
    now = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert receive(body, headers, CNIPA, MemoryStore(), now, CATALOGUE).status == 202


@handbooks
def test_the_verifying_example_agrees(handbook: Path) -> None:
    names: dict = {}
    exec(compile(blocks(handbook, "python")[1], str(handbook), "exec"), names)  # noqa: S102 - the handbook's own example
    good = sign((HMAC_KEY,), "msg_1", NOW, b"{}")
    verify = names["is_from_the_centre"]
    assert verify(good, b"{}", NOW.timestamp())
    assert verify(good | {"webhook-signature": "v1,xx " + good["webhook-signature"]}, b"{}", NOW.timestamp())
    assert not verify(good, b"{} ", NOW.timestamp())
    assert not verify(good, b"{}", NOW.timestamp() + 301)
    for changes in ({"webhook-id": "a.b"}, {"webhook-timestamp": "x"}, {"webhook-signature": "é"}):
        assert not verify(good | changes, b"{}", NOW.timestamp())
    assert not verify({}, b"{}")


@handbooks
def test_all_four_languages_and_every_status_are_there(handbook: Path) -> None:
    text = handbook.read_text("utf-8")
    assert [len(blocks(handbook, language)) for language in ("javascript", "java", "bash")] == [1, 1, 1]
    assert all(status in text for status in ("202", "400", "401", "403", "409", "413", "415", "422", "429", "503"))


def test_the_command_prints_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.strip() == table(CATALOGUE)
    assert main(["--openapi"]) == 0
    assert set(json.loads(capsys.readouterr().out)["webhooks"]) == set(CATALOGUE.types)
