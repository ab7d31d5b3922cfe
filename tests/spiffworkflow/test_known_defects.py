"""What SpiffWorkflow 3.2.0 does wrong on the way of a long-running case, one small model each.

Each test asserts TODAY'S WRONG RESULT, and its docstring says what would be right. When a new release mends one, its
test fails: move the element into ``engine/workbench/subset.py``, drop the test, and amend docs/adr/0005.
"""

from datetime import UTC, datetime

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from tests.spiffworkflow.stock import do, do_all, named, ready, signal, start_stock
from tests.support import bpmn
from tests.support.bpmn import chain, end, flow, manual, parallel, process, start, xor


def test_loop_is_reported_completed_with_a_task_still_open() -> None:
    """Right: it goes on until ``done``. Here tree scans stop at depth 1,000."""
    workflow = start_stock(
        process(
            "p",
            *(
                start("s"),
                xor("m"),
                manual("a"),
                manual("b"),
                manual("c"),
                manual("d"),
                xor("g", default="g-m"),
                end("e"),
            ),
            *(chain("s", "m", "a", "b", "c", "d", "g"), flow("g", "m"), flow("g", "e", "done")),
        ),
        {"done": False},
    )
    done = do_all(workflow, until=lambda count: count > 1000)
    assert done < 1000
    assert workflow.is_completed()
    assert [task.task_spec.name for task in workflow.tasks.values() if task.state == TaskState.READY]


def test_fork_and_join_in_a_loop_breaks_when_the_branches_change_places() -> None:
    """Right: any order of the two tasks in each round. Here the third round breaks the tree."""
    workflow = start_stock(
        process(
            "p",
            *(
                start("s"),
                xor("m"),
                parallel("f"),
                manual("a"),
                manual("b"),
                parallel("j"),
                xor("g", default="g-e"),
                end("e"),
            ),
            *(chain("s", "m", "f", "a", "j", "g", "e"), chain("f", "b", "j"), flow("g", "m", "again")),
        ),
        {"again": True},
    )
    with pytest.raises(AttributeError):
        for name in "baabb":
            do(workflow, name)


def test_two_tokens_into_a_one_input_parallel_gateway_split_once() -> None:
    """Right: each token splits, so a and b are each ready twice (BPMN 2.0.2, 13.4.1)."""
    workflow = start_stock(
        process(
            "p",
            *(start("s"), parallel("f"), xor("m"), parallel("g"), manual("a"), manual("b"), end("e")),
            *(chain("s", "f", "m", "g", "a", "e"), flow("f", "m", id="second"), chain("g", "b", "e")),
        )
    )
    assert ready(workflow) == ["a", "b"]


def test_link_event_ends_the_process_silently() -> None:
    """Right: the throw jumps to the catch of the same name, and a is ready."""
    workflow = start_stock(
        process(
            "p",
            *(start("s"), bpmn.throw("t", bpmn.link("l")), bpmn.catch("c", bpmn.link("l")), manual("a"), end("e")),
            *(chain("s", "t"), chain("c", "a", "e")),
        )
    )
    assert ready(workflow) == []
    assert workflow.is_completed()


def test_signal_end_event_is_not_heard() -> None:
    """Right: the waiting catch event hears it, and a is ready."""
    workflow = start_stock(
        process(
            "p",
            *(start("s"), parallel("f"), bpmn.catch("c", bpmn.signal("x")), manual("a"), end("e")),
            *(end("e2", bpmn.signal("x")), chain("s", "f", "c", "a", "e"), chain("f", "e2")),
        )
    )
    assert ready(workflow) == []
    assert "c" in named(workflow, TaskState.WAITING)


def test_conditional_flows_out_of_a_task_are_refused() -> None:
    """Right: they are a choice (BPMN 2.0.2, 8.4.13)."""
    with pytest.raises(ValidationException, match="Multiple outgoing flows"):
        start_stock(
            process(
                "p",
                *(start("s"), manual("a"), manual("b"), manual("c"), end("e"), chain("s", "a"), chain("b", "e")),
                *(chain("c", "e"), flow("a", "b", "False"), flow("a", "c", "True")),
            )
        )


def test_single_conditional_flow_out_of_a_task_is_taken_whatever_it_says() -> None:
    """Right: the condition is false, so b is not reached."""
    workflow = start_stock(
        process(
            "p",
            start("s"),
            manual("a"),
            manual("b"),
            end("e"),
            chain("s", "a"),
            flow("a", "b", "False"),
            chain("b", "e"),
        )
    )
    do(workflow, "a")
    assert ready(workflow) == ["b"]


def test_compensation_does_not_parse() -> None:
    """Right: BPMN 2.0.2, 10.7."""
    with pytest.raises(ValidationException, match="Unsupported Catch Event"):
        start_stock(
            process(
                "p",
                *(start("s"), manual("a"), bpmn.boundary("b", "a", bpmn.compensation())),
                *(manual("u", isForCompensation=True), bpmn.throw("t", bpmn.compensation()), end("e")),
                *(chain("s", "a", "t", "e"), bpmn.association("b", "u")),
            )
        )


def event_sub_process(trigger: bpmn.Node, interrupting: bool) -> bpmn.Node:
    begin = start("s2", trigger, interrupting=interrupting)
    return bpmn.sub("es", begin, manual("b"), end("e2"), chain("s2", "b", "e2"), event=True)


def test_interrupting_event_sub_process_leaves_the_main_path_running() -> None:
    """Right: only b is ready."""
    workflow = start_stock(
        process("p", start("s"), manual("a"), end("e"), event_sub_process(bpmn.signal("x"), True), chain("s", "a", "e"))
    )
    signal(workflow, "x")
    assert ready(workflow) == ["a", "b"]


def test_event_sub_process_of_a_sub_process_is_not_reached() -> None:
    """Right: a is interrupted and b is ready."""
    inner = event_sub_process(bpmn.signal("x"), True)
    body = bpmn.sub("q", start("s1"), manual("a"), end("e1"), chain("s1", "a", "e1"), inner)
    workflow = start_stock(process("p", start("s"), body, end("e"), chain("s", "q", "e")))
    signal(workflow, "x")
    assert ready(workflow) == ["a"]


def test_unfired_timer_of_an_event_sub_process_keeps_the_case_open() -> None:
    """Right: the case is completed when its last token is gone."""
    late = event_sub_process(bpmn.timer('"PT1H"', "duration"), False)
    workflow = start_stock(process("p", start("s"), manual("a"), end("e"), late, chain("s", "a", "e")))
    do(workflow, "a")
    assert not workflow.is_completed()
    assert named(workflow, TaskState.WAITING) == ["p.EndJoin", "s2"]


def test_event_gateway_with_two_timers_waits_for_the_first_drawn() -> None:
    """Right: the timer of no length has fired, and the process is over."""
    workflow = start_stock(
        process(
            "p",
            *(start("s"), bpmn.event_gateway("g"), end("e"), chain("s", "g", "long", "e"), chain("g", "short", "e")),
            *(
                bpmn.catch("long", bpmn.timer('"PT1H"', "duration")),
                bpmn.catch("short", bpmn.timer('"PT0S"', "duration")),
            ),
        )
    )
    workflow.refresh_timers()
    workflow.do_engine_steps()
    assert not workflow.is_completed()


def test_non_interrupting_signal_boundary_fires_once() -> None:
    """Right: three signals, three reminders."""
    reminder = bpmn.boundary("b", "a", bpmn.signal("x"), interrupting=False)
    workflow = start_stock(
        process(
            "p",
            *(start("s"), manual("a"), reminder, manual("r"), end("e"), chain("s", "a", "e"), chain("b", "r", "e")),
        )
    )
    for _ in range(3):
        signal(workflow, "x")
    assert ready(workflow) == ["a", "r"]


def test_a_month_after_the_last_of_january_is_the_third_of_march() -> None:
    """Right: 28 February."""
    january = datetime(2026, 1, 31, tzinfo=UTC)
    duration = TimerEventDefinition.get_timedelta_from_start(TimerEventDefinition.parse_iso_duration("P1M"), january)
    assert (january + duration).date().isoformat() == "2026-03-03"


@pytest.mark.parametrize(
    ("condition", "engine"),
    [
        ("__import__('os').getpid() > 0", None),
        ("().__class__.__base__.__subclasses__() != []", PythonScriptEngine(TaskDataEnvironment({"__builtins__": {}}))),
    ],
    ids=["stock", "builtins taken away"],
)
def test_condition_reaches_the_interpreter(condition: str, engine: PythonScriptEngine | None) -> None:
    """Right: a condition of a diagram computes with the case's data and nothing else."""
    choice = (start("s"), xor("g", default="g-safe"), end("reached"), end("safe"))
    workflow = start_stock(
        process("p", *choice, chain("s", "g", "safe"), flow("g", "reached", condition)), script_engine=engine
    )
    assert "reached" in named(workflow, TaskState.COMPLETED)


def test_variable_named_typename_makes_a_case_unloadable() -> None:
    """Right: what was saved can be loaded."""
    workflow = start_stock(
        process("p", start("s"), manual("a"), end("e"), chain("s", "a", "e")), {"form": {"typename": "A4"}}
    )
    serializer = BpmnWorkflowSerializer()
    saved = serializer.serialize_json(workflow)
    with pytest.raises(TypeError):
        serializer.deserialize_json(saved)


def test_long_chain_does_not_parse() -> None:
    """Right: a chain of 600 tasks is dull, and valid."""
    names = [f"t{number}" for number in range(600)]
    with pytest.raises(ValidationException, match="RecursionError"):
        start_stock(process("p", start("s"), *map(bpmn.task, names), end("e"), chain("s", *names, "e")))


def test_state_grows_with_every_round() -> None:
    """Right: a case that has gone round twenty times is as large as one that has gone round twice."""
    workflow = start_stock(
        process(
            "p",
            *(start("s"), xor("m"), manual("a"), xor("g", default="g-m"), end("e"), chain("s", "m", "a", "g", "m")),
            flow("g", "e", "done"),
        ),
        {"done": False},
    )
    serializer = BpmnWorkflowSerializer()
    sizes = []
    for _ in range(2):
        for _ in range(20):
            do(workflow, "a")
        sizes.append(len(serializer.serialize_json(workflow)))
    assert sizes[1] > sizes[0] * 1.5
