"""Every role, procedure and closed space that a diagram names is one of the access table, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.domain.participants import SIDES
from engine.domain.permissions import OVERSEERS, PARTIES, REACH, RIGHTS, ROLES, holders
from tests.bpmn.procedures import NS, files, name_of, tree

GROUP = re.compile(r'\bgroup: "(\w+)"')
ROOTS = [(name_of(path), tree(path).getroot()) for path in files("*.bpmn")]


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip() and not part.lstrip().startswith("=")]


def _properties(name: str) -> Iterator[tuple[str, str, str]]:
    for file, root in ROOTS:
        for item in root.iterfind(f".//zeebe:property[@name='{name}']", NS):
            owner = item.getparent().getparent().getparent()
            yield file, owner.get("id"), item.get("value")


def test_every_group_that_works_is_a_role() -> None:
    named = []
    for file, root in ROOTS:
        for item in root.iterfind(".//zeebe:assignmentDefinition", NS):
            named += [(file, role) for role in _parts(item.get("candidateGroups"))]
        for item in root.iterfind(".//zeebe:input[@target='role']", NS):
            named.append((file, item.get("source")))
        for item in root.iterfind(".//zeebe:loopCharacteristics", NS):
            named += [(file, role) for role in GROUP.findall(item.get("inputCollection"))]
    assert len(named) > 100
    assert [(file, role) for file, role in named if role not in ROLES] == []


def test_every_role_that_starts_answers_or_is_alone_is_one() -> None:
    for name in ("role", "startableBy", "closed"):
        for file, element, value in _properties(name):
            known = ROLES.keys() | SIDES.keys() if name == "role" else ROLES.keys()
            assert set(_parts(value)) <= known, (file, element, value)


def test_whom_a_task_or_a_paper_is_for_is_a_capacity_of_the_case() -> None:
    for file, element, value in _properties("party"):
        assert set(_parts(value)) <= SIDES.keys(), (file, element, value)
    for file, root in ROOTS:
        for item in root.iterfind(".//zeebe:input[@target='recipients']", NS):
            assert set(_parts(item.get("source"))) <= SIDES.keys(), (file, item.get("source"))


def test_who_may_start_a_procedure_has_the_right_to() -> None:
    for file, element, value in _properties("startableBy"):
        assert set(_parts(value)) <= RIGHTS["case.start"], (file, element)


def test_who_is_offered_a_start_is_let_start() -> None:
    for file, root in ROOTS:
        process = root.find("bpmn:process", NS)
        startable = process.find("bpmn:extensionElements/zeebe:properties/zeebe:property[@name='startableBy']", NS)
        for start in process.iterfind("bpmn:startEvent", NS):
            offered = start.find(".//zeebe:property[@name='role']", NS)
            if offered is not None and startable is not None:
                assert set(_parts(offered.get("value"))) <= set(_parts(startable.get("value"))), file


def test_what_the_table_calls_a_procedure_is_one_and_somebody_runs_it() -> None:
    drawn = {value for _, _, value in _properties("procedure")}
    known = {name for reach in REACH.values() for name in reach.procedures or ()}
    assert drawn - {"recusal"} <= known
    for procedure in drawn:
        assert holders("case.suspend", procedure) & OVERSEERS, procedure
        assert holders("deadline.confirm", procedure), procedure


def test_only_the_supervisor_runs_pre_examination_and_only_the_committee_mediation() -> None:
    assert holders("case.suspend", "") == {"supervisor"}
    assert holders("case.suspend", "mediation") == {"committee"}
    assert holders("case.suspend", "posting") == {"hr"}
    assert holders("case.suspend", "adjudication") == holders("case.suspend", "invalidation") == {"coordinator"}


def test_no_task_is_offered_to_all_parties_at_once() -> None:
    """A party's task has its name on it (``may_work_on``); a group of parties alone would be nobody's."""
    for file, root in ROOTS:
        for item in root.iterfind(".//zeebe:assignmentDefinition", NS):
            groups = set(_parts(item.get("candidateGroups")))
            assert item.get("assignee") or not groups or groups - PARTIES, file
