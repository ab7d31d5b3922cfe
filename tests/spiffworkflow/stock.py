"""SpiffWorkflow as it comes: its own parser, its own specs, its own Python script engine."""

from collections.abc import Callable
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions import SignalEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.util.task import TaskState


def start_stock(xml: bytes, data: dict[str, Any] | None = None, **options: Any) -> BpmnWorkflow:
    """An instance of process ``p``, moved to its first rest."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(xml))
    workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"), **options)
    for task in workflow.get_tasks(state=TaskState.READY):
        task.data.update(data or {})
    workflow.do_engine_steps()
    return workflow


def ready(workflow: BpmnWorkflow) -> list[str]:
    """Tasks that a person could do now."""
    tasks = workflow.get_tasks(state=TaskState.READY)
    return sorted(task.task_spec.name for task in tasks if task.task_spec.manual)


def do(workflow: BpmnWorkflow, name: str, **data: Any) -> None:
    task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()


def do_all(workflow: BpmnWorkflow, until: Callable[[int], bool] = lambda _: False) -> int:
    """Do the first task that is ready, again and again; how many were done."""
    done = 0
    while (names := ready(workflow)) and not until(done):
        do(workflow, names[0])
        done += 1
    return done


def signal(workflow: BpmnWorkflow, name: str) -> None:
    workflow.catch(BpmnEvent(SignalEventDefinition(name)))
    workflow.do_engine_steps()


def named(workflow: BpmnWorkflow, state: int) -> list[str]:
    return sorted(task.task_spec.name for task in workflow.get_tasks(state=state))
