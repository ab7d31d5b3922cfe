"""Everything that the shipped models say to people is there in English too, with the places of its values."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.services.views.tasks import spoken
from engine.services.views.worded import FORM_TEXTS

MODELS = Path(__file__).parents[2] / "bpmn"
FOLDERS = sorted({path.parent for path in MODELS.glob("*/*.bpmn")})
HAN = re.compile(r"[\u3400-\u9fff]")
PLACES = re.compile(r"\{\{.*?\}\}")
LITERAL = re.compile(r'"[^"]*"')
PROPERTIES, INPUTS = ("stages", "stage", "action", "document"), ("title", "stage", "info_stage")


def local(element: Any) -> str:
    return str(etree.QName(element).localname)


def is_shown(element: Any) -> bool:
    """Whether people read what is written about it: who does it, who starts it, who may answer what it waits for."""
    begins = local(element) == "startEvent" and local(element.getparent()) == "process"
    asks = ("action",) if begins else ("action", "role")
    return local(element) in ("process", "userTask") or any(
        item.get("name") in asks for item in element.iterfind("{*}extensionElements/{*}properties/{*}property"))


def of_diagram(path: Path) -> Iterator[str]:
    for element in etree.parse(path).iter(etree.Element):
        kind = local(element)
        if kind == "documentation" and is_shown(element.getparent()):
            yield spoken(element.text or "")
        elif kind == "property" and element.get("name") in PROPERTIES:
            yield from (part.strip() for part in element.get("value").split(","))
        elif kind == "input" and element.get("target") in INPUTS:
            source = element.get("source")
            yield from re.findall(r'"([^"]*)"', source) or [source]
        if kind not in ("property", "definitions"):
            yield element.get("name") or ""


def of_form(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in FORM_TEXTS and isinstance(item, str) and not item.startswith("="):
                yield item
            else:
                yield from of_form(item)
    elif isinstance(value, list):
        for item in value:
            yield from of_form(item)


def said(folder: Path) -> set[str]:
    texts = [text for path in folder.glob("*.bpmn") for text in of_diagram(path)]
    texts += [text for path in folder.glob("forms/*.form") for text in of_form(json.loads(path.read_bytes()))]
    return {text for text in texts if HAN.search(text)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_text_has_its_english_and_no_english_is_left_over(folder: Path) -> None:
    words = json.loads((folder / "english.words").read_bytes())
    texts = said(folder)
    assert (sorted(texts - words.keys()), sorted(words.keys() - texts)) == ([], [])
    assert [text for text in words.values() if not text.strip()] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_translations_keep_the_places_of_values(folder: Path) -> None:
    words = json.loads((folder / "english.words").read_bytes())

    def places(text: str) -> list[str]:
        return sorted(LITERAL.sub('""', place) for place in PLACES.findall(text))

    assert [text for text, english in words.items() if places(text) != places(english)] == []


def test_one_text_is_one_text_in_all_folders() -> None:
    known: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for text, english in json.loads((folder / "english.words").read_bytes()).items():
            known.setdefault(text, set()).add(english)
    assert {text: found for text, found in known.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", sorted(MODELS.glob("*/*.bpmn")), ids=lambda path: path.stem)
def test_what_a_diagram_shows_is_no_code(path: Path) -> None:
    drawn = {shape.get("bpmnElement") for shape in etree.parse(path).iter("{*}BPMNShape", "{*}BPMNEdge")}
    names = [element.get("name") for element in etree.parse(path).iter(etree.Element) if element.get("id") in drawn]
    assert [name for name in names if name and not HAN.search(name)] == []
