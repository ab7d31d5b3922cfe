"""Mutated diagrams are refused or accepted, never a surprise: lint does not raise for content (RELIABILITY §2)."""

import random
import re

import pytest

from engine.definition import SourceFile, lint
from tests.definition.cases import CASES, VALID

DIAGRAMS = [content.decode() for content in (*VALID.values(), *(case[2] for case in CASES if case[2] is not None))]
ATTRIBUTE = re.compile(r' \w+="([^"]*)"')
EMPTY_ELEMENT = re.compile(r"<bpmn:\w+[^>]*/>")
ODD = ("", "²", "-1", "x:y", "=", "true")


def mutated(diagram: str, chance: random.Random) -> str:
    """An attribute lost, an attribute with another's value or an odd one, or an element in another's place."""
    attributes, elements = list(ATTRIBUTE.finditer(diagram)), list(EMPTY_ELEMENT.finditer(diagram))
    kind = chance.randrange(3)
    if kind == 2 and elements:
        place, other = chance.choice(elements), chance.choice(elements)
        return diagram[:place.start()] + other.group() + diagram[place.end():]
    place, other = chance.choice(attributes), chance.choice(attributes)
    if kind == 0:
        return diagram[:place.start()] + diagram[place.end():]
    return diagram[:place.start(1)] + chance.choice([other.group(1), *ODD]) + diagram[place.end(1):]


@pytest.mark.parametrize("seed", range(150))
def test_lint_never_raises(seed):
    chance = random.Random(seed)
    diagram = chance.choice(DIAGRAMS)
    for _ in range(chance.randint(1, 3)):
        diagram = mutated(diagram, chance)
    found = lint([SourceFile("a.bpmn", diagram.encode())])
    assert all(item.message.startswith("Expected") for item in found)
