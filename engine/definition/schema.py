"""SpiffWorkflow's place at deployment: the BPMN schema check and the list of processes, by its public interface.

Stock SpiffWorkflow refuses data stores that have no implementation; ``DATA_STORE_CLASSES`` is its extension point for
that. Specs are never asked of it: it raises on zeebe call activities and business rule tasks (docs/adr).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lxml.etree import LxmlError
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, BpmnValidator
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.definition.markup import EXTENSIONS, Node
from engine.definition.report import Report


class _AnyDataStore(dict[str, Any]):
    """Data stores are documentation here; every name is known."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return lambda *details: details


VALIDATOR = BpmnValidator()


def validate(root: Node, report: Report) -> tuple[str, ...]:
    """Ids of the file's executable processes; the first schema violation becomes a finding with its line."""
    parser = BpmnParser(validator=VALIDATOR)
    parser.DATA_STORE_CLASSES = _AnyDataStore()
    try:
        # The validator rewrites correlation expressions in place; our reader keeps the original.
        parser.add_bpmn_xml(_copy(root), filename=report.file)
    except ValidationException as error:
        report.add("schema", line=int(error.line_number or 0), reason=_plain(str(error)))
        return ()
    except (LxmlError, ValueError, KeyError, TypeError, AttributeError) as error:
        report.add("schema", reason=_plain(str(error)))
        return ()
    return tuple(parser.get_process_ids())


def _copy(root: Node) -> Node:
    """Without extensions of the file as a whole: the schema forgot what the metamodel allows (BPMN 8.1), and tools
    write them."""
    copied = deepcopy(root)
    for extension in copied.findall(EXTENSIONS):
        copied.remove(extension)
    return copied


def _plain(message: str) -> str:
    return message.replace("{http://www.omg.org/spec/BPMN/20100524/MODEL}", "bpmn:").split("\n")[0].strip()
