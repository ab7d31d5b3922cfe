"""What errors say was expected and found has Chinese words; data inside it is quoted as it is."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from engine.domain.phrases import CHINESE, EXPECTED, FOUND, said
from engine.errors import Phrase

ROOMS = ("domain", "services", "execution", "http")
RAISED = {"InvalidInput": 0, "Malformed": 0, "unexpected": 1, "_unexpected": 0, "_undecided": 2}
"""What is called, and the place of ``expected`` among its arguments."""


def told() -> Iterator[tuple[str, str, str]]:
    """(where it is written, expected or found, words) of every error about input."""
    for file in sorted(path for room in ROOMS for path in Path("engine", room).rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name == "Phrase":
                yield from ((f"{file}:{call.lineno}", "expected", text) for text in words(call.args[0]))
            elif name in RAISED:
                place = RAISED[name]
                given = {key.arg: key.value for key in call.keywords}
                values = given.get("expected") or (call.args[place] if len(call.args) > place else None)
                for kind, value in (("expected", values), ("found", given.get("found"))):
                    yield from ((f"{file}:{call.lineno}", kind, text) for text in words(value))


def words(value: ast.AST | None) -> Iterator[str]:
    """The texts that a value may be; what is put together from data alone is none."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from (*words(value.body), *words(value.orelse))
    elif isinstance(value, ast.BoolOp):
        yield from (text for item in value.values for text in words(item))
    elif isinstance(value, ast.JoinedStr):
        yield from (part.value for part in value.values
                    if isinstance(part, ast.Constant) and any(map(str.isalpha, str(part.value))))


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_expectation_has_chinese_words() -> None:
    missing = [f"{where}: {text!r}" for where, kind, text in told()
               if kind == "expected" and text not in CHINESE and text.strip()]
    assert missing == []


@pytest.mark.parametrize("english", [text for text in CHINESE if "{ zh" not in text])
def test_both_languages_have_the_same_places(english: str) -> None:
    assert places(CHINESE[english]) == places(english)


def test_every_word_is_needed() -> None:
    """Words of errors that are gone go too; those of states and units come from data."""
    written = "".join(path.read_text("utf-8") for path in Path("engine").rglob("*.py") if path.name != "phrases.py")
    assert [text for text in EXPECTED if text.replace('"', "\\\"") not in written and text not in written] == []
    assert set(FOUND) & set(EXPECTED) == set()


def test_a_phrase_is_english_and_says_itself_in_chinese() -> None:
    phrase = Phrase("pause of {key} ({article})", key="dl.cnipa.oa1", article="审查指南 V-7-7")
    assert phrase == "pause of dl.cnipa.oa1 (审查指南 V-7-7)" and said(phrase, "en") == phrase
    assert said(phrase, "zh") == "dl.cnipa.oa1 的中止（审查指南 V-7-7）"
    inner = Phrase("{source}: {key}", source=Phrase("variable {name}", name="on"), key="dl.x")
    assert (inner, said(inner, "zh")) == ("variable on: dl.x", "变量 on：dl.x")
    assert said("甲公司", "zh") == "甲公司"
