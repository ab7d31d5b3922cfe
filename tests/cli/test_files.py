"""What the command line says of files that are not what it needs: one line, never a traceback."""

import pytest
from click.testing import CliRunner

from engine.cli import main


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize("words", [("run",), ("decide", "--decision", "d", "--context", "{}")])
def test_a_folder_where_a_file_is_wanted_is_a_wrong_call(tmp_path, words):
    answer = call(*words, tmp_path)
    assert answer.exit_code == 2
    assert "is a directory" in answer.stderr


def test_a_script_of_other_bytes_is_refused_in_one_line(tmp_path):
    model, script = tmp_path / "m.bpmn", tmp_path / "s.json"
    model.write_text("<x/>")
    script.write_bytes(b"\xbb\xff")
    answer = call("run", model, "--script", script, "--format", "json")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "kapok: Expected text in UTF-8, but found other bytes in a file or an argument.\n"


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KAPOK_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("KAPOK_FOLDER", str(tmp_path / "file" / "below"))
    answer = call("audit", "verify", "--format", "json")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith("kapok: ") and answer.stderr.count("\n") == 1
