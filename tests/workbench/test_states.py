"""``kapok verify --states``: what is sound is proved, with its size; what is broken is named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.definition import SourceFile, load
from engine.definition.markup import parse
from engine.definition.read import read
from engine.definition.report import Report
from engine.workbench.states import prove
from tests.support.bpmn import (
    boundary,
    call,
    chain,
    end,
    error,
    event_gateway,
    flow,
    message,
    model,
    parallel,
    pool,
    process,
    receive,
    service,
    start,
    sub,
    task,
    terminate,
    timer,
    user,
    xor,
)

BPMN = Path(__file__).parents[2] / "bpmn"


def proofs(content, most=1000):
    found = read(parse(content, report := Report("a.bpmn")), report).processes
    return {(proof.process, proof.scope): proof for proof in prove({process.id: process for process in found}, most)}


def proof(content, scope="p", **options):
    return proofs(content, **options)["p", scope]


def split_and_join(split, join):
    first, last = (xor("f", default="f-b") if split is xor else split("f")), join("j")
    return (first, task("a"), task("b"), last, flow("start", "f"), flow("f", "a", "= x" if split is xor else None),
            chain("a", "j", "end"), chain("f", "b", "j"))


def test_what_is_sound_is_proved_and_says_how_much_was_looked_at():
    found = proof(process("p", start(), end(), *split_and_join(parallel, parallel)))
    assert found.holds
    assert (found.states, found.steps) == (16, 19)


def test_a_deadlock_is_named_by_where_tokens_wait():
    found = proof(process("p", start(), end(), *split_and_join(xor, parallel)))
    assert (found.stuck, found.dead) == (("j",), ("end", "j"))


def test_a_circle_without_a_way_out_cannot_end():
    content = process("p", start(), xor("x", default="x-a"), user("a"), user("b"), end(), chain("start", "x"),
                      chain("x", "a", "b", "a"), flow("x", "end", "= over"))
    assert proof(content).stuck == ("a", "b")
    assert not proof(content).dead


def test_a_leftover_token_is_named():
    assert proof(process("p", start(), end(), *split_and_join(parallel, xor))).doubled == ("end", "j")


def test_what_interrupts_nothing_but_joins_the_main_path_leaves_a_token_over():
    apart = (start(), user("a"), boundary("b", "a", timer("PT1H"), interrupting=False), user("c"), end(),
             chain("start", "a", "c", "end"))
    assert proof(process("p", *apart, end("e2"), chain("b", "e2"))).holds
    assert proof(process("p", *apart, chain("b", "c"))).doubled == ("c", "end")


def test_an_element_nobody_comes_to_is_dead():
    inner = sub("s", start("s1"), user("u"), end("stop", error("no")), chain("s1", "u", "stop"))
    content = process("p", start(), inner, boundary("no", "s", error("no")), boundary("other", "s", error("other")),
                      task("after"), end(), end("e2"), end("e3"), chain("start", "s", "after", "end"),
                      chain("no", "e2"), chain("other", "e3"))
    assert set(proof(content).dead) == {"after", "end", "e3", "other", "s-after"}
    assert not proof(content).stuck


def test_an_error_that_nobody_catches_is_no_end():
    content = process("p", start(), user("u"), end("stop", error("no")), chain("start", "u", "stop"))
    assert proof(content).stuck == ("stop",)


def test_errors_leave_a_called_process_and_end_where_they_are_caught():
    called = pool("q", start("s"), xor("x", default="x-ok"), end("ok"), end("stop", error("no")), chain("s", "x"),
                  chain("x", "ok"), flow("x", "stop", "= bad"))
    caller = pool("p", start(), call("c", "q"), boundary("b", "c", error("no")), end(), end("e2"),
                  chain("start", "c", "end"), chain("b", "e2"))
    found = proofs(model(caller, called))
    assert all(each.holds for each in found.values())
    alone = pool("p", start(), call("c", "q"), end(), chain("start", "c", "end"))
    assert proofs(model(alone, called))["p", "p"].stuck == ("c",)


def test_an_event_sub_process_takes_an_error_over():
    taking = sub("h", start("hs", error("no")), user("mend"), end("he"), chain("hs", "mend", "he"), event=True)
    content = process("p", start(), user("u"), end("stop", error("no")), taking, chain("start", "u", "stop"))
    assert proof(content).holds


def test_terminate_ends_what_else_is_under_way():
    content = process("p", start(), parallel("f"), user("a"), user("b"), parallel("j"), xor("x", default="x-j"),
                      end("stop", terminate()), end(), chain("start", "f", "a", "x", "j", "end"),
                      chain("f", "b", "j"), flow("x", "stop", "= over"))
    assert proof(content).holds


def test_either_event_of_a_gateway_is_looked_at():
    content = process("p", start(), event_gateway("g"), receive("r", message("m", "= key")),
                      receive("s", message("n", "= key")), service("work"), end(), chain("start", "g", "r", "end"),
                      chain("g", "s", "work", "end"))
    assert proof(content).holds


def test_the_bound_is_told_and_proves_nothing():
    names = [f"t{number}" for number in range(8)]
    content = process("p", start(), parallel("f"), *(task(name) for name in names), parallel("j"), end(),
                      flow("start", "f"), *(part for name in names for part in chain("f", name, "j")), flow("j", "end"))
    found = proof(content, most=500)
    assert (found.bounded, found.holds, found.states) == (True, False, 500)
    assert proof(content, most=10_000).states == 6568


def bundled():
    files = [path for path in sorted(BPMN.rglob("*")) if path.suffix in (".bpmn", ".dmn", ".form")]
    return load([SourceFile(str(path), path.read_bytes()) for path in files])


@pytest.fixture(scope="module")
def found():
    return prove(bundled().processes)


def test_every_bundled_diagram_can_always_end_with_no_dead_element_and_no_leftover_token(found):
    assert [proof for proof in found if not proof.holds] == []
    assert {proof.process for proof in found} >= {
        "pre_examination", "invalidation_trial", "joint_adjudication", "mediation_handoff", "specialist_dispatch"}


def test_the_command_tells_sizes_and_faults(tmp_path):
    (tmp_path / "good.bpmn").write_bytes(process("p", start(), user("u"), end(), chain("start", "u", "end")))
    told = CliRunner().invoke(main, ["verify", "--states", str(tmp_path)])
    assert told.exit_code == 0
    assert "p: 6 states" in told.stdout and "can always end" in told.stdout
    (tmp_path / "bad.bpmn").write_bytes(process("bad", start(), end(), *split_and_join(xor, parallel)))
    answer = CliRunner().invoke(main, ["verify", "--states", str(tmp_path), "--format", "json"])
    report = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert [(item["process"], item["stuck"]) for item in report["scopes"] if not item["holds"]] == [("bad", ["j"])]
    assert report["states"] == sum(item["states"] for item in report["scopes"]) > 6


def test_the_command_tells_where_the_bound_was_met(tmp_path):
    (tmp_path / "p.bpmn").write_bytes(process("p", start(), user("u"), end(), chain("start", "u", "end")))
    told = CliRunner().invoke(main, ["verify", "--states", "--bound", "3", str(tmp_path)])
    assert told.exit_code == 1
    assert "p: the bound of 3 states was met" in told.stdout
