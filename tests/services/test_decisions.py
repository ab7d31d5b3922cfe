"""Decisions of a case, and what diagrams may call beyond FEEL, as they are kept."""

from tests.support.bpmn import chain, end, flow, input, output, process, rule, script, service, start, user, xor
from tests.support.dmn import data, decision, dmn, table
from tests.support.house import House

FEES = dmn(data("i1", "claims", "number"), data("i2", "kind", "string"),
           decision("fee", table(["claims", "kind"], ["fee"], [
               ("<= 10", '"invention"', "950"), ("> 10", "-", "950 + 150 * (claims - 10)"), ("-", '"design"', "380"),
           ], policy="FIRST"), needs=["input:i1", "input:i2"]))


def test_an_evaluated_decision_is_history_with_inputs_rules_and_result(house: House) -> None:
    house.deploy(process("p", start("s"), rule("D", "fee", "amount"), user("A"), end("e"), chain("s", "D", "A", "e")),
                 ("fees.dmn", FEES))
    case = house.start("p", {"claims": 12, "kind": "invention"})
    (kept,) = house.history(case, "decision")
    assert (kept.element, kept.data) == ("D", {"decision": "fee", "inputs": {"claims": 12, "kind": "invention"},
                                               "matched": ["r2"], "result": 1250})
    house.complete(case, "A")
    assert house.case(case).state == "completed"


def test_diagrams_call_functions_whose_names_hold_spaces(house: House) -> None:
    house.deploy(process(
        "p", start("s"), script("B", "case number()", "before"),
        service("N", "case.number", input("=series", "series"), output("=case_no", "no")),
        script("C", "case number()", "after"),
        script("W", 'working days between("2026-03-02", add working days(date("2026-03-02"), 3))', "days"),
        xor("x", default="x-f"), user("A"), end("e"), end("f"), chain("s", "B", "N", "C", "W", "x"), chain("A", "e"),
        flow("x", "A", '= before = null and after = no and after = "TJ-2026-00001" and days = 3'),
        flow("x", "f", id="x-f")))
    case = house.start("p", {"series": "TJ"})
    house.settle()
    assert house.open_tasks(case) == ["A"]
