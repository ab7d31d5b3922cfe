"""Two engines, one answer: the same random paths in Kapok and in SpiffWorkflow."""

import json
import random
from collections.abc import Callable

import pytest

from engine.definition import SourceFile, load
from engine.definition.model import Definition
from engine.workbench import second_engine
from engine.workbench.scopes import Data
from engine.workbench.second_engine import SecondEngine
from engine.workbench.verify import START, verify
from tests.spiffworkflow.blocks import random_diagram
from tests.support import bpmn
from tests.support.bpmn import chain, end, flow, parallel, process, start, sub, user, xor


def definition(xml: bytes, process_id: str = "p") -> Definition:
    return load([SourceFile("p.bpmn", xml)]).definition(process_id)


CHOICE = process(
    "p",
    *(start("s"), user("a"), xor("g", default="g-no"), user("yes"), user("no"), end("e")),
    *(chain("s", "a", "g", "no", "e"), flow("g", "yes", '= answer = "yes"'), chain("yes", "e")),
)


def test_random_block_diagrams_agree(rng: random.Random, scale: Callable[[int, int], int]) -> None:
    for _ in range(scale(40, 5_000)):
        xml = random_diagram(rng)
        report = verify(definition(xml), paths=3, seed=rng.randrange(1000))
        assert not report.differences, f"{report.differences[0]}\n{xml.decode()}"
        assert report.outside_subset == ()


def test_paths_take_both_turns_of_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    complete = SecondEngine.complete
    monkeypatch.setattr(
        SecondEngine, "complete", lambda self, key, values: (seen.add(key[1]), complete(self, key, values))
    )
    assert verify(definition(CHOICE), paths=20).agreed == 20
    assert seen == {"a", "yes", "no"}


def test_difference_is_reported_with_the_moves_that_led_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_engine.Data, "holds", lambda self, condition, scope: True)
    report = verify(definition(CHOICE), paths=20, seed=3)
    assert report.agreed < report.paths
    difference = report.differences[0]
    assert difference.moves == ("start s", "complete a")
    assert (difference.about, difference.kapok, difference.spiffworkflow) == ("completed", "a, g", "a, g") or (
        difference.about == "waiting" and {difference.kapok, difference.spiffworkflow} == {"yes", "no"}
    )


def test_same_seed_gives_the_same_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_engine.Data, "holds", lambda self, condition, scope: True)
    first, second = (verify(definition(CHOICE), paths=20, seed=7) for _ in range(2))
    assert first == second


def test_no_matching_flow_is_agreed_upon() -> None:
    xml = process(
        "p",
        start("s"),
        xor("g"),
        end("e"),
        end("f"),
        chain("s", "g"),
        flow("g", "e", "= x = 9"),
        flow("g", "f", "= x = 8"),
    )
    assert verify(definition(xml), paths=10).differences == ()


def test_elements_outside_the_subset_are_named_and_not_entered() -> None:
    xml = process(
        "p",
        *(start("s"), user("a"), user("many", bpmn.multi("= [1, 2]", "item")), user("z"), end("e")),
        *(chain("s", "a", "many", "z", "e"), bpmn.boundary("reminder", "a", bpmn.timer("PT1H"), interrupting=False)),
        *(user("remind"), end("e2"), chain("reminder", "remind", "e2")),
    )
    report = verify(definition(xml), paths=5)
    assert set(report.outside_subset) == {"many", "reminder"}
    assert report.agreed == 5


def test_fork_and_join_in_a_loop_is_outside() -> None:
    xml = process(
        "p",
        *(start("s"), xor("m"), parallel("f"), user("a"), user("b"), parallel("j"), xor("g", default="g-e"), end("e")),
        *(chain("s", "m", "f", "a", "j", "g", "e"), chain("f", "b", "j"), flow("g", "m", "= again")),
    )
    assert set(verify(definition(xml), paths=3).outside_subset) == {"f", "j"}


def test_mappings_and_called_processes_have_the_same_data() -> None:
    called = bpmn.pool(
        "q",
        *(start("qs"), xor("qg", default="qg-qb"), user("qa"), user("qb"), end("qe")),
        *(chain("qs", "qg", "qb", "qe"), flow("qg", "qa", '= kind = "x"'), chain("qa", "qe")),
    )
    caller = bpmn.pool(
        "p",
        *(start("s"), user("a", bpmn.output("= answer.kind", "chosen")), end("e"), end("e2"), xor("g", default="g-e2")),
        bpmn.call("c", "q", bpmn.input("= chosen", "kind"), bpmn.output("= kind", "back"), parent=False),
        *(chain("s", "a", "c", "g", "e2"), flow("g", "e", '= back = "x"')),
    )
    report = verify(definition(bpmn.model(caller, called)), paths=40)
    assert report.outside_subset == ()
    assert report.agreed == 40


def test_sub_process_with_inputs_has_variables_of_its_own() -> None:
    body = sub(
        "b",
        *(
            bpmn.input("= 1", "n"),
            bpmn.output("= n", "result"),
            start("bs"),
            user("u"),
            end("be"),
            chain("bs", "u", "be"),
        ),
    )
    xml = process(
        "p", start("s"), body, xor("g", default="g-e"), user("z"), end("e"), chain("s", "b", "g", "e"), chain("z", "e"),
        flow("g", "z", "= result = 2 or n = 1"),
    )  # fmt: skip
    assert verify(definition(xml), paths=40).agreed == 40


def test_report_is_json() -> None:
    report = json.loads(json.dumps(verify(definition(CHOICE), paths=2).as_json()))
    assert report == {"paths": 2, "agreed": 2, "outside_subset": [], "differences": []}


def test_the_second_engine_never_makes_a_python_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a Python environment was made")

    monkeypatch.setattr("SpiffWorkflow.bpmn.workflow.PythonScriptEngine.__init__", refuse)
    data = Data(definition(CHOICE), {}, START)
    engine = SecondEngine(definition(CHOICE), "s", {}, data)
    engine.complete(("p", "a"), {"answer": "yes"})
    assert engine.waiting() == {("p", "yes"): 1}


def test_path_ends_before_the_second_engine_drowns_in_its_history() -> None:
    xml = process(
        "p",
        *(start("s"), xor("m"), bpmn.script("count", "= if n = null then 1 else n + 1", "n"), xor("g", default="g-e")),
        *(end("e"), chain("s", "m", "count", "g", "e"), flow("g", "m", "= n < 2000")),
    )
    assert verify(definition(xml), paths=1).agreed == 1
