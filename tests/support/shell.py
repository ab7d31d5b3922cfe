"""The command line as its user meets it: arguments, exit status, standard output and error, one installation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from engine.cli import main


@dataclass(frozen=True)
class Shell:
    """``folder`` holds the installation; ``settings`` are further ``KAPOK_…`` variables."""

    folder: Path
    settings: Mapping[str, str]

    def run(self, *words: object, status: int | None = 0, typed: str | None = None) -> Result:
        """``kapok WORDS``; fails unless it exits with ``status`` (None: 0 or 1)."""
        settings = {"FOLDER": self.folder / "var", "DATABASE_URL": f"sqlite:///{self.folder / 'kapok.db'}"}
        env = {f"KAPOK_{name}": str(value) for name, value in {**settings, **self.settings}.items()}
        result = CliRunner().invoke(main, [str(word) for word in words], input=typed, env=env)
        told = (words, result.exit_code, result.stdout, result.stderr, result.exception)
        assert result.exit_code in ((0, 1) if status is None else (status,)), told
        return result

    def json(self, *words: object, status: int | None = 0, typed: str | None = None) -> Any:
        """What ``--format json`` prints: one document on standard output and nothing else."""
        result = self.run(*words, "--format", "json", status=status, typed=typed)
        return json.loads(result.stdout, parse_float=Decimal)
