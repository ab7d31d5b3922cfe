"""What the decision tables of pre-examination answer, also when little is known."""

from typing import Any

import pytest

from engine.definition import SourceFile, load
from tests.bpmn.procedures import BPMN

FOLDER = BPMN / "pre_examination"
DECISIONS = load([SourceFile(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.dmn"))]).decisions


def decide(decision: str, **variables: Any) -> Any:
    return DECISIONS[decision].evaluate(variables).value


def test_a_request_of_which_little_is_known_is_eligible() -> None:
    assert decide("r.pre.eligible", kind="invention") == {"result": "eligible", "codes": [], "reasons": []}


def test_every_reason_is_named_and_refusal_outweighs_repair() -> None:
    found = decide("r.pre.eligible", kind="invention", applicant={"registered": False, "quota_left": 0},
                   commitment=False, request_type="divisional", files={"claims": [], "search_report": []})
    assert found["result"] == "ineligible"
    assert found["codes"] == ["N01", "N06", "N08", "C01", "C02", "C03"]


@pytest.mark.parametrize(("files", "kind", "codes"), [
    ({"claims": [{"sha256": "a"}], "search_report": []}, "invention", ["C02"]),
    ({"claims": [], "search_report": [{"sha256": "a"}]}, "invention", ["C03"]),
    ({"claims": [], "search_report": [{"sha256": "a"}]}, "design", []),
])
def test_missing_files_can_be_repaired(files: dict[str, Any], kind: str, codes: list[str]) -> None:
    assert decide("r.pre.eligible", kind=kind, files=files)["codes"] == codes


@pytest.mark.parametrize(("variables", "mode", "factor"), [
    ({}, "ordinary", 1),
    ({"batch_id": "PL-2026-001"}, "batch", 1),
    ({"green_request": {"requested": True, "category": "vaccine", "evidence": True}}, "green", 0.5),
    ({"green_request": {"requested": True, "category": "vaccine", "evidence": False}}, "ordinary", 1),
    ({"green_request": {"requested": True, "category": "other", "evidence": True}}, "ordinary", 1),
])
def test_variant(variables: dict[str, Any], mode: str, factor: float) -> None:
    found = decide("r.pre.variant", kind="invention", **variables)
    assert (found["mode"], float(found["sla_factor"]), int(found["max_rounds"])) == (mode, factor, 2)


@pytest.mark.parametrize(("conflicts", "result"), [
    (None, "clear"),
    ([{"user": "examiner2", "level": "block"}], "clear"),
    ([{"user": "examiner1", "level": "disclose"}], "disclose"),
    ([{"user": "examiner1", "level": "disclose"}, {"user": "examiner1", "level": "block"}], "block"),
])
def test_recusal(conflicts: Any, result: str) -> None:
    assert decide("r.recuse", examiner="examiner1", conflicts=conflicts)["result"] == result


@pytest.mark.parametrize(("kind", "rounds", "result"), [
    ("invention", 0, "full"), ("utility_model", 0, "skip"), ("utility_model", 1, "sample"),
])
def test_quality_sampling(kind: str, rounds: int, result: str) -> None:
    applicant = {"credit": "A", "qualified_rate": 0.96}
    assert decide("r.pre.sample", applicant=applicant, kind=kind, n=rounds)["result"] == result


@pytest.mark.parametrize(("variables", "same"), [
    ({}, True),
    ({"filed_sha256": ["a"], "text_sha256": ["a", "b"]}, True),
    ({"filed_sha256": ["a", "c"], "text_sha256": ["a", "b"], "attested": True}, False),
    ({"attested": False}, False),
])
def test_filed_text(variables: dict[str, Any], same: bool) -> None:
    assert decide("r.pre.same_text", **variables)["same"] is same


@pytest.mark.parametrize(("variables", "result"), [
    ({}, "ok"), ({"fee_paid": False}, "pending"), ({"fee_paid": False, "fee_overdue": True}, "lost"),
    ({"e_filing": False}, "lost"), ({"same_day_double": True}, "lost"), ({"fee_paid": True, "fee_overdue": True}, "ok"),
])
def test_fast_lane(variables: dict[str, Any], result: str) -> None:
    assert decide("r.pre.fastlane", **variables)["result"] == result


@pytest.mark.parametrize(("code", "effect"), [
    ("一通", "office_action"), ("N通", "office_action"), ("答复", "answered"), ("授权通知", "grant_notice"),
    ("授权", "granted"), ("驳回", "refused"), ("视撤", "withdrawn"), ("撤回", "withdrawn"), ("移出快速通道", "removed"),
    ("受理", "info"), ("登记", "info"), ("恢复", "info"),
])
def test_official_events(code: str, effect: str) -> None:
    assert decide("r.cnipa.event", event_code=code)["effect"] == effect


def test_nothing_known_hits_no_indicator() -> None:
    assert decide("r.pre.indicators", screening={})["hits"] == []


def test_indicators_suggest_a_score_of_at_most_100() -> None:
    worst = {"near_duplicate_ratio": 0.9, "filings_12m": 200, "rd_staff": 2, "inventor_count": 20, "degraded": True,
             "agency_risk": "high", "same_text_elsewhere": True, "assignment_chain": True, "cnipa_listed": True}
    found = decide("r.pre.indicators", screening=worst)
    assert (len(found["hits"]), int(found["suggested"])) == (9, 100)


@pytest.mark.parametrize(("score", "level"), [
    (None, "clear"), (39, "clear"), (40, "suspect"), (69, "suspect"), (70, "severe"),
])
def test_levels_of_the_score(score: int | None, level: str) -> None:
    assert decide("r.pre.score", score=score) == level


@pytest.mark.parametrize(("variables", "measure"), [
    ({}, "remind"), ({"ground": "abnormal_filing"}, "warn"), ({"ledger": {"last_measure": "remind"}}, "interview"),
    ({"ledger": {"unqualified_rate": 0.6}}, "suspend"), ({"ledger": {"unqualified_rate": 0.8}}, "cancel"),
    ({"ledger": {"abnormal_confirmed_12m": 2}}, "cancel"),
])
def test_sanction_ladder(variables: dict[str, Any], measure: str) -> None:
    assert decide("r.sanction", **variables)["measure"] == measure


DRAFTS = [{"title": "一种示例装置", "kind": "invention"}, {"title": "一种示例方法", "kind": "invention"}]


@pytest.mark.parametrize(("variables", "result", "codes"), [
    ({}, "eligible", []),
    ({"flags": {}}, "ineligible", ["B01"]),
    ({"flags": {"pre_ipo": True}}, "repairable", ["B14"]),
    ({"drafts": DRAFTS[:1], "plan": {"technology": ""}}, "repairable", ["B11", "B13"]),
    ({"applicant": {"sanctioned": True}, "drafts": DRAFTS * 26}, "ineligible", ["B03", "B12"]),
])
def test_batch_plan(variables: dict[str, Any], result: str, codes: list[str]) -> None:
    plan = {"flags": {"zjtx": True}, "plan": {"technology": "示例图谱"}, "drafts": DRAFTS}
    found = decide("r.pre.batch", **{**plan, **variables})
    assert (found["result"], found["codes"]) == (result, codes)


@pytest.mark.parametrize(("drafts", "briefing", "codes"), [
    (DRAFTS, {}, []),
    ([*DRAFTS, DRAFTS[0]], {}, ["P01"]),
    ([*DRAFTS, {"title": "一种示例装置", "kind": "utility_model"}], {}, ["P02"]),
    (DRAFTS, {"conflict": True, "unity": True}, ["P03", "P04"]),
])
def test_portfolio(drafts: list[dict[str, Any]], briefing: dict[str, Any], codes: list[str]) -> None:
    assert decide("r.pre.portfolio", drafts=drafts, briefing=briefing)["codes"] == codes


@pytest.mark.parametrize(("variables", "codes"), [
    ({}, []), ({"flags": {}}, ["G01"]), ({"disclosed": True, "classified": True}, ["G04", "G05"]),
    ({"applicant": {"assessments_this_year": 20}}, ["G06"]),
])
def test_who_may_ask_for_an_assessment(variables: dict[str, Any], codes: list[str]) -> None:
    assert decide("r.pre.assess", **{"flags": {"lianzhu": True}, **variables})["codes"] == codes


@pytest.mark.parametrize(("scores", "kinds", "grade"), [
    ((5, 5, 5, 5), {"overseas": True}, "A"), ((5, 5, 5, 5), {}, "B"), ((5, 4, 2, 2), {"emerging": True}, "B"),
    ((0, 5, 5, 5), {"emerging": True}, "C"),
])
def test_suggested_grade(scores: tuple[int, ...], kinds: dict[str, bool], grade: str) -> None:
    named = dict(zip(("novelty", "inventiveness", "stability", "market"), scores, strict=True))
    assert decide("r.pre.value", assessment={**named, **kinds})["grade"] == grade
