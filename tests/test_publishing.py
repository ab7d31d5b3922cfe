"""Publishing lets the second engine play; what it found is in the audit trail."""

import json

from click.testing import CliRunner

from engine.cli import main
from tests.support.bpmn import chain, end, process, start, user


def test_a_published_model_is_played_by_the_second_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("KAPOK_DATABASE_URL", f"sqlite:///{tmp_path}/kapok.db")
    monkeypatch.setenv("KAPOK_FOLDER", str(tmp_path))
    model = tmp_path / "p.bpmn"
    model.write_bytes(process("p", start(), user("a"), end(), chain("start", "a", "end")))
    result = CliRunner().invoke(main, ["deploy", str(model), "--format", "json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["differences"] == []
    verdict = CliRunner().invoke(main, ["audit", "verify", "--format", "json"])
    told = json.loads(verdict.stdout)
    assert (told["chains"], told["entries"], told["broken"]) == (1, 2, [])
