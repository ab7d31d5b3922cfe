"""What the decision tables of the specialist procedure answer, and the separations its diagrams ask for."""

from typing import Any

import pytest

from engine.definition import SourceFile, load
from tests.bpmn.procedures import BPMN, NS, tree

FOLDER = BPMN / "specialist_dispatch"
DECISIONS = load([SourceFile(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.dmn"))]).decisions
CANDIDATE = {"name": "示例专员", "account": "specialist1", "department": "审查部", "age": 30, "qualification": "master",
             "years": 5, "conflict_cities": "汕头、潮州", "relatives": ["quality1"]}


def decide(decision: str, **variables: Any) -> Any:
    return DECISIONS[decision].evaluate(variables).value


@pytest.mark.parametrize(("k", "posts"), [(1, 12), (3, 12), (4, 0), (None, 12)])
def test_twelve_a_year_for_three_years(k: int | None, posts: int) -> None:
    assert decide("r.sp.cohort", k=k)["posts"] == posts


def test_every_reason_against_an_applicant_is_named() -> None:
    old = {**CANDIDATE, "age": 41, "qualification": "below", "years": 1}
    found = decide("r.sp.eligible", applied={"candidate": old, "head_opinion": "disagree"})
    assert (found["result"], found["codes"]) == ("ineligible", ["E1", "E2", "E3", "E4"])
    assert decide("r.sp.eligible", applied={"candidate": CANDIDATE})["result"] == "eligible"


def test_colleagues_and_relatives_leave_the_panel_before_it_scores() -> None:
    panel = [{"account": "quality1", "department": "质检部"}, {"account": "quality2", "department": "审查部"},
             {"account": "mentor1", "department": "业务部"}]
    found = decide("r.sp.panel", panel=panel, candidate=CANDIDATE)
    assert found == {"sitting": ["mentor1"], "recused": ["quality1", "quality2"]}


@pytest.mark.parametrize(("city", "result"), [("汕头", "block"), ("韶关", "clear")])
def test_nobody_is_posted_where_there_are_relatives(city: str, result: str) -> None:
    assert decide("r.sp.match", candidate=CANDIDATE, posting={"host": {"city": city}})["result"] == result


@pytest.mark.parametrize(("one", "other", "result"), [
    (("hr1", "人事部"), ("quality1", "质检部"), "clear"), (("hr1", "人事部"), ("hr1", "人事部"), "block"),
    (("hr1", "人事部"), ("examiner1", "审查部"), "block"),
])
def test_two_people_of_other_departments_inquire(one: tuple[str, str], other: tuple[str, str], result: str) -> None:
    inquirers = [{"account": account, "department": department} for account, department in (one, other)]
    assert decide("r.sp.inquirers", inquirers=inquirers, accused=CANDIDATE)["result"] == result


@pytest.mark.parametrize(("scores", "total", "suggested"), [
    ((90, 90, 90), 90, "excellent"), ((100, 50, 50), 70, "pass"), ((50, 50, 100), 60, "pass"),
    ((40, 60, 60), 52, "fail"),
])
def test_final_scores_weigh_40_40_20(scores: tuple[int, ...], total: int, suggested: str) -> None:
    raters = zip(("host", "centre", "firms"), scores, strict=True)
    final_scores = [{"key": key, "score": score} for key, score in raters]
    found = decide("r.sp.final", final_scores=final_scores)
    assert (float(found["total"]), found["suggested"]) == (total, suggested)


@pytest.mark.parametrize(("diagram", "task", "others"), [
    ("specialist_posting", "S18_Grade", "S17_Appraise"), ("specialist_posting", "S15_Midterm", "S15a_Host"),
    ("specialist_posting", "S20_Recall", "S16_Recheck, S14r_Review"),
    ("specialist_objection", "S10x_Inquire", "S10x_Inquire"), ("specialist_objection", "S10d_Decide", "S10x_Inquire"),
    ("specialist_month", "S14h_Confirm", "S14b_Report, S14m_Comment"),
])
def test_whoever_did_one_step_may_not_do_the_other(diagram: str, task: str, others: str) -> None:
    node = tree(FOLDER / f"{diagram}.bpmn").find(f".//bpmn:userTask[@id='{task}']//zeebe:property[@name='notBy']", NS)
    assert node is not None and node.get("value") == others


@pytest.mark.parametrize(("diagram", "scored", "person", "gateway"), [
    ("specialist_posting", "S17r_Final", "S18_Grade", "S18x_Passed"),
    ("specialist_evaluation", "S07s_Suggest", "S07c_Conclude", "S07_EvaluationEnd"),
])
def test_a_score_never_decides_alone(diagram: str, scored: str, person: str, gateway: str) -> None:
    """From the table that weighs scores, every path leads through the person who concludes."""
    root = tree(FOLDER / f"{diagram}.bpmn")
    onward: dict[str, list[str]] = {}
    for flow in root.iterfind(".//bpmn:sequenceFlow", NS):
        onward.setdefault(flow.get("sourceRef"), []).append(flow.get("targetRef"))
    reached, ahead = set(), [scored]
    while ahead:
        found = ahead.pop()
        if found not in reached and found != person:
            reached.add(found)
            ahead += onward.get(found, [])
    assert gateway not in reached
    assert gateway in onward[person]
