"""What the decision tables of mediation answer: validity never reaches judicial confirmation, the court follows the
right, who adjudicates does not mediate.
"""

from typing import Any

import pytest

from engine.definition import SourceFile, load
from tests.bpmn.procedures import BPMN

FOLDER = BPMN / "mediation_handoff"
DECISIONS = load([SourceFile(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.dmn"))]).decisions
PARTIES = [{"role": "申请人", "name": "甲公司"}, {"role": "被申请人", "name": "乙商行"}]


def decide(decision: str, **variables: Any) -> Any:
    return DECISIONS[decision].evaluate(variables).value


@pytest.mark.parametrize(("variables", "result", "codes"), [
    ({}, "accept", []), ({"dispute_type": "infringement"}, "accept", []),
    ({"dispute_type": "validity"}, "refuse", ["R02"]), ({"dispute_type": "ownership"}, "refuse", ["R03"]),
    ({"already_decided": True, "applicant_consent": False}, "refuse", ["R04", "R05"]),
    ({"cause": "专利权权属纠纷"}, "refuse", ["R07"]), ({"cause": "侵害发明专利权纠纷"}, "accept", []),
])
def test_acceptance(variables: dict[str, Any], result: str, codes: list[str]) -> None:
    found = decide("r.med.accept", **variables)
    assert (found["result"], found["codes"]) == (result, codes)


@pytest.mark.parametrize(("variables", "track"), [
    ({"claim": 100000}, "simple"), ({"claim": 100001}, "complex"), ({"right_count": 2}, "complex"),
    ({"cross_border": True}, "complex"), ({"needs_appraisal": True}, "complex"), ({}, "simple"),
    ({"parties": [*PARTIES, {"role": "第三人", "name": "丙公司"}]}, "complex"),
])
def test_track(variables: dict[str, Any], track: str) -> None:
    assert decide("r.med.track", **{"parties": PARTIES, **variables})["track"] == track


@pytest.mark.parametrize(("variables", "result"), [
    ({}, "clear"), ({"linked_adjudicators": ["mediator1"]}, "block"), ({"linked_adjudicators": ["mediator2"]}, "clear"),
    ({"conflicts": [{"user": "mediator1", "level": "disclose"}]}, "disclose"),
    ({"conflicts": [{"user": "mediator1", "level": "disclose"}], "linked_adjudicators": ["mediator1"]}, "block"),
])
def test_who_adjudicates_a_linked_matter_does_not_mediate(variables: dict[str, Any], result: str) -> None:
    assert decide("r.med.recuse", mediator="mediator1", **variables)["result"] == result


def test_an_agreement_that_settles_validity_goes_back() -> None:
    found = decide("r.med.agreement", touches_validity=True, definite=False)
    assert (found["result"], len(found["reasons"])) == ("return", 2)
    assert decide("r.med.agreement", touches_validity=False)["result"] == "ok"


@pytest.mark.parametrize(("variables", "allowed"), [
    ({"source": "own", "touches_validity": False, "touches_ownership": False, "payment_type": True},
     ["none", "judicial", "arbitration", "notary"]),
    ({"source": "own", "touches_validity": True, "touches_ownership": False, "payment_type": True}, ["none"]),
    ({"source": "own", "touches_validity": False, "touches_ownership": True}, ["none"]),
    ({"source": "post_filing", "touches_validity": False, "touches_ownership": False},
     ["none", "judicial", "arbitration", "court"]),
])
def test_ways_to_enforceability(variables: dict[str, Any], allowed: list[str]) -> None:
    assert decide("r.med.force", **variables)["allowed"] == allowed


@pytest.mark.parametrize(("variables", "admissible"), [
    ({}, True), ({"touches_validity": True}, False), ({"touches_ownership": True}, False),
    ({"touches_status": True}, False),
])
def test_validity_never_goes_to_judicial_confirmation(variables: dict[str, Any], admissible: bool) -> None:
    assert decide("r.med.confirm", **variables)["admissible"] is admissible


@pytest.mark.parametrize(("right", "city", "code"), [
    ("发明", "广州", "粤73"), ("技术秘密", None, "粤73"), ("外观设计", "佛山", "粤73"), ("计算机软件", "深圳", "粤03"),
    ("外观设计", "深圳", "粤03"), ("商标", "深圳", ""), ("著作权", None, ""),
])
def test_the_competent_court_follows_the_right(right: str, city: str | None, code: str) -> None:
    assert decide("r.med.court", right={"type": right}, court_city=city)["code"] == code
