"""The page of permissions says what the table says."""

from __future__ import annotations

from engine.domain.access_matrix import page
from engine.domain.permissions import LEVELS, REACH, RIGHTS, ROLES, Scope
from tests.architecture.source import ROOT


def test_the_page_is_the_table() -> None:
    assert (ROOT / "docs" / "permissions.md").read_text("utf-8") == page(), "write page() to docs/permissions.md"


def test_every_role_of_the_table_is_one() -> None:
    assert REACH.keys() <= ROLES.keys()
    assert {role for roles in RIGHTS.values() for role in roles} <= {*ROLES, "worker"}
    assert all(reach.clearance in LEVELS for reach in REACH.values())


def test_who_oversees_says_which_procedures() -> None:
    assert all((reach.procedures is not None) is (reach.scope is Scope.UNIT) for reach in REACH.values())
