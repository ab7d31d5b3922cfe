"""What the articles that steps stand on say, in a sentence: ``bpmn/laws.toml``. What is not there is never made up."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from engine.domain.period_texts import Text


@dataclass(frozen=True)
class Law:
    """The words of a source, where they stand in the domain document, and how well they are known (a, b, c)."""

    words: Text
    source: str
    mark: str


@dataclass(frozen=True)
class Laws:
    """``known``: by source as diagrams write it; ``without``: sources that are cited by number alone."""

    known: Mapping[str, Law]
    without: frozenset[str]


@cache
def shipped_laws() -> Laws:
    content = tomllib.loads(resources.files("bpmn").joinpath("laws.toml").read_text("utf-8"))
    known = {name: Law(Text(row["zh"], row["en"]), row["source"], row["mark"]) for name, row in content["law"].items()}
    return Laws(known, frozenset(content["without"]))
