"""The partner's handbooks: their table is the catalogue, their examples work, in every language on this machine."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.webhooks.wire import answering, listening
from tests.webhooks.world import CATALOGUE, CNIPA, HMAC_KEY, NOW, SEED_KEY, MemoryStore
from webhooks import receiver
from webhooks.catalogue.__main__ import main, table
from webhooks.receiver import receive
from webhooks.sandbox.kinds import KINDS
from webhooks.sandbox.postman import FAULTS
from webhooks.sandbox.server import MODES
from webhooks.signature import sign

HANDBOOKS = [Path(__file__).parents[2] / "docs" / name for name in ("partners.md", "partners.en.md")]
handbooks = pytest.mark.parametrize("handbook", HANDBOOKS, ids=lambda path: path.name)


def blocks(handbook: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", handbook.read_text("utf-8"), re.DOTALL)


@handbooks
def test_the_table_is_the_catalogue(handbook: Path) -> None:
    assert table(CATALOGUE) in handbook.read_text("utf-8")


@handbooks
def test_the_example_messages_are_valid(handbook: Path) -> None:
    envelopes = [json.loads(block) for block in blocks(handbook, "json") if '"payload"' in block]
    assert [envelope["type"] for envelope in envelopes] == ["court.confirm.result", "court.mediation.delegate"]
    for envelope in envelopes:
        assert CATALOGUE.validate_envelope(envelope) + CATALOGUE.validate_message(envelope) == []


def test_both_languages_have_the_same_programs() -> None:
    for language in ("python", "javascript", "java", "bash"):
        assert blocks(HANDBOOKS[0], language) == blocks(HANDBOOKS[1], language)


@dataclass(frozen=True)
class Program:
    """A sending example: which block of which language, and what runs it once it lies in a file."""

    language: str
    number: int
    file: str
    command: tuple[str, ...]

    @property
    def source(self) -> str:
        return blocks(HANDBOOKS[0], self.language)[self.number]


PROGRAMS = (
    Program("python", 0, "send.py", (sys.executable, "send.py")),
    Program("bash", 0, "send.sh", ("bash", "-eu", "-o", "pipefail", "send.sh")),
    Program("bash", 1, "send.sh", ("bash", "-eu", "-o", "pipefail", "send.sh")),
    Program("javascript", 0, "send.mjs", ("node", "send.mjs")),
    Program("javascript", 1, "send.mjs", ("node", "send.mjs")),
    Program("java", 0, "Send.java", ("java", "Send.java")),
)
ALWAYS = ("python", "bash")
HERE = [one for one in PROGRAMS if one.language in ALWAYS or shutil.which(one.command[0])]
"""Python, openssl and curl are wherever Kapok is tested; Node and Java need not be."""
SENDER = replace(CNIPA, verify_keys=(HMAC_KEY, SEED_KEY))


@pytest.mark.parametrize("program", HERE, ids=lambda one: f"{one.language}-{one.number}")
def test_the_sending_examples_are_accepted(program: Program, tmp_path: Path) -> None:
    seen: list[tuple[bytes, bytes]] = []
    with listening(answering(202, b"{}", seen=seen)) as centre:
        source = program.source.replace("127.0.0.1:8080", f"127.0.0.1:{centre.port}")
        assert source != program.source
        (tmp_path / program.file).write_text(source, "utf-8")
        done = subprocess.run(program.command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "202" in done.stdout
    (head, body), = seen
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /webhooks/v1/cnipa HTTP/1.1"
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    now = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert receive(body, headers, SENDER, MemoryStore(), now, CATALOGUE).status == 202


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
def test_every_answer_and_every_fault_is_explained(handbook: Path) -> None:
    text = handbook.read_text("utf-8")
    statuses = {str(status) for status in receiver._STATUS.values()} | {"202", "400", "401"}
    assert all(status in text for status in statuses)
    assert all(word in text for word in (*FAULTS, *MODES, *KINDS))


def test_the_command_prints_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.strip() == table(CATALOGUE)
    assert main(["--openapi"]) == 0
    assert set(json.loads(capsys.readouterr().out)["webhooks"]) == set(CATALOGUE.types)
