"""What the decision tables of the joint trial answer."""

from typing import Any

import pytest

from engine.definition import SourceFile, load
from tests.bpmn.procedures import BPMN

FOLDER = BPMN / "joint_adjudication"
DECISIONS = load([SourceFile(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.dmn"))]).decisions
CENTRE, AUTHORITY = "广东省知识产权保护中心", "广东省市场监督管理局（知识产权局）"


def decide(decision: str, **variables: Any) -> Any:
    return DECISIONS[decision].evaluate(variables).value


@pytest.mark.parametrize(("authority", "conditions", "result"), [
    (AUTHORITY, {}, "file"), (CENTRE, {}, "correct"), (AUTHORITY, {"court_suit": True}, "refuse"),
    (AUTHORITY, {"arbitration": True}, "refuse"), (CENTRE, {"competent": False}, "correct"),
])
def test_filing_and_whose_name_stands_on_the_decision(authority: str, conditions: dict[str, Any], result: str) -> None:
    assert decide("r.adj.accept", authority_name=authority, conditions=conditions)["result"] == result


@pytest.mark.parametrize(("members", "mediators", "result"), [
    (["a", "b", "c"], None, "clear"), (["a", "b"], None, "block"), (["a", "b", "c", "d"], None, "block"),
    (["a", "b", "c"], ["c"], "block"), (["a", "b", "c"], ["d"], "clear"),
])
def test_a_panel_is_odd_and_holds_no_mediator(members: list[str], mediators: list[str] | None, result: str) -> None:
    assert decide("r.adj.recuse", panel={"members": members}, mediators=mediators, conflicts=None)["result"] == result


@pytest.mark.parametrize(("more", "result"), [
    ({}, "fit"), ({"same_patent": False}, "single"), ({"pending": False}, "single"), ({"timely": False}, "single"),
    ({"parties_overlap": False}, "single"), ({"objection_upheld": True}, "single"),
])
def test_fitness_for_a_joint_trial(more: dict[str, Any], result: str) -> None:
    known = {"same_patent": True, "pending": True, "timely": True, "parties_overlap": True, "objection_upheld": False}
    found = decide("r.joint.fit", invalidation={**known, **more}, slot_on="2026-04-20", close_on="2026-06-02")
    assert found["result"] == result


def test_a_slot_after_the_limit_does_not_fit() -> None:
    assert decide("r.joint.fit", invalidation={}, slot_on="2026-06-03", close_on="2026-06-02")["result"] == "single"


@pytest.mark.parametrize(("extensions", "asked", "extend", "suspend"), [
    (0, True, True, True), (1, False, True, False), (2, True, False, True), (2, False, False, False),
])
def test_two_extensions_at_most_and_no_suspension_unasked(extensions: int, asked: bool, extend: bool,
                                                         suspend: bool) -> None:
    found = decide("r.adj.clock", extensions=extensions, suspension_requested=asked)
    assert (found["may_extend"], found["may_suspend"]) == (extend, suspend)
