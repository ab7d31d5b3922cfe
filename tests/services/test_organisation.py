"""The tree of departments, nodes and host bodies, and who is whose superior; on both databases."""

from __future__ import annotations

import pytest

from engine.domain.actors import SHELL
from engine.domain.administration import AddUnit, ChangeUnit, SetUnit
from engine.domain.commands import AddUser
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.services.people.organisation import superiors
from engine.store import schema as s
from tests.support.house import ACTORS, House

ADMIN = ACTORS["admin"]


@pytest.fixture
def tree(house: House) -> dict[str, str]:
    """A centre headed by ``head``, a department headed by ``chief``, a node below it without a head."""
    for name in ("head", "chief", "clerk"):
        house.run(AddUser(name, name, ("examiner",), "!"), SHELL)

    def add(name: str, kind: str, parent: str | None, head: str | None) -> str:
        return str(house.run(AddUnit(name, kind, parent, head), ADMIN)["unit"])

    centre = add("中心", "centre", None, "head")
    department = add("预审部", "department", centre, "chief")
    return {"centre": centre, "department": department, "node": add("节点", "node", department, None)}


def above(house: House, user: str) -> tuple[str, ...]:
    with house.kapok.database.reading() as connection:
        return superiors(connection, user)


@pytest.mark.parametrize(("user", "unit", "expected"), [
    ("clerk", "node", ("chief", "head")), ("clerk", "department", ("chief", "head")),
    ("chief", "department", ("head",)), ("head", "centre", ()), ("clerk", None, ())])
def test_superiors_are_the_heads_above_the_nearest_first(house: House, tree: dict[str, str], user: str,
                                                         unit: str | None, expected: tuple[str, ...]) -> None:
    if unit:
        house.run(SetUnit(user, tree[unit]), ADMIN)
    assert above(house, user) == expected


def test_a_unit_does_not_get_below_itself(house: House, tree: dict[str, str]) -> None:
    for below in (tree["node"], tree["centre"]):
        with pytest.raises(InvalidInput):
            house.run(ChangeUnit(tree["centre"], "中心", below, None), ADMIN)
    house.run(ChangeUnit(tree["node"], "新节点", tree["centre"], "clerk"), ADMIN)
    assert house.rows(s.org_unit, s.org_unit.c.id == tree["node"])[0].name == "新节点"


def test_the_tree_is_shown_from_the_top(house: House, tree: dict[str, str]) -> None:
    house.run(SetUnit("clerk", tree["node"]), ADMIN)
    shown = [(unit.name, unit.depth, unit.head_name, unit.members) for unit in house.kapok.people.units(ADMIN)]
    assert shown == [("中心", 0, "head", 0), ("预审部", 1, "chief", 0), ("节点", 2, "", 1)]
    with pytest.raises(NotFound):
        house.kapok.people.units(ACTORS["applicant"])


def test_what_is_not_there_is_refused(house: House, tree: dict[str, str]) -> None:
    for wrong, error in ((AddUnit("x", "castle"), InvalidInput), (AddUnit(" ", "node"), InvalidInput),
                         (AddUnit("x", "node", "absent"), NotFound), (AddUnit("x", "node", None, "absent"), NotFound),
                         (SetUnit("absent", tree["node"]), NotFound), (SetUnit("clerk", "absent"), NotFound)):
        with pytest.raises(error):
            house.run(wrong, ADMIN)


@pytest.mark.parametrize("role", ["examiner", "supervisor", "security", "auditor", "applicant"])
def test_only_who_manages_the_organisation_changes_it(house: House, tree: dict[str, str], role: str) -> None:
    for command in (AddUnit("x", "node"), ChangeUnit(tree["node"], "x", None, None), SetUnit("clerk", tree["node"])):
        with pytest.raises(NotAllowed):
            house.run(command, ACTORS[role])


def test_every_change_is_in_the_trail(house: House, tree: dict[str, str]) -> None:
    house.run(ChangeUnit(tree["node"], "新节点", None, None), ADMIN)
    assert [row.action for row in house.audit()][-4:] == ["AddUnit", "AddUnit", "AddUnit", "ChangeUnit"]
    assert house.broken() == []
