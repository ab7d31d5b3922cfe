"""SpiffWorkflow's place at deployment: the BPMN schema check and the list of processes, by its public interface.

Stock SpiffWorkflow refuses data stores that have no implementation; ``DATA_STORE_CLASSES`` is its extension point for
that. Specs are never asked of it: it raises on zeebe call activities and business rule tasks (docs/adr).
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from lxml.etree import LxmlError
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, BpmnValidator
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.definition.markup import BPMN, EXTENSIONS, Node, line, local
from engine.definition.report import Report


class _AnyDataStore(dict[str, Any]):
    """Data stores are documentation here; every name is known."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return lambda *details: details


_NAMED = re.compile(r"Element '(?:bpmn:)?(\w+)'")
VALIDATOR = BpmnValidator()


def validate(root: Node, report: Report) -> tuple[str, ...]:
    """Ids of the file's executable processes; the first schema violation becomes a finding with its line."""
    parser = BpmnParser(validator=VALIDATOR)
    parser.DATA_STORE_CLASSES = _AnyDataStore()
    try:
        # The validator rewrites correlation expressions in place; our reader keeps the original.
        parser.add_bpmn_xml(_copy(root), filename=report.file)
    except ValidationException as error:
        at, reason = int(error.line_number or 0), _plain(str(error))
        report.add("schema", _element(root, at, reason), at, reason=reason)
        return ()
    except (LxmlError, ValueError, KeyError, TypeError, AttributeError) as error:
        report.add("schema", reason=_plain(str(error)))
        return ()
    return tuple(parser.get_process_ids())


_ROOTS: dict[str, tuple[str, ...]] = {f"{{{BPMN}}}{name}": ("id",) for name in (
    "message", "signal", "error", "escalation", "correlationProperty")}
_ROOTS[f"{{{BPMN}}}dataStore"] = ("id", "name")
"""What SpiffWorkflow asks of root elements where BPMN leaves the choice (8.4, 10.4.1)."""


def _copy(root: Node) -> Node:
    """Without extensions of the file as a whole: the schema forgot what the metamodel allows (BPMN 8.1), and tools
    write them. Root elements that need no id or name get one."""
    copied = deepcopy(root)
    for extension in copied.findall(EXTENSIONS):
        copied.remove(extension)
    for number, node in enumerate(copied.iterchildren(*_ROOTS)):
        for attribute in _ROOTS[node.tag]:
            if attribute not in node.attrib:
                node.set(attribute, node.get("id") or f"nameless-{number}")
    return copied


def _plain(message: str) -> str:
    plain = message.replace("{http://www.omg.org/spec/BPMN/20100524/MODEL}", "bpmn:").split("\n")[0]
    return plain.rstrip(". ")


def _element(root: Node, at: int, reason: str) -> str:
    """The id of what a violation is about: the first element of its line that bears the name that the schema tells,
    or else the next one around it with an id; empty when none has one."""
    named = _NAMED.match(reason)
    here = (node for node in root.iter("{*}*") if line(node) == at)
    found = next((node for node in here if named is not None and local(node) == named[1]), None)
    while found is not None and found.get("id") is None:
        found = found.getparent()
    return (found.get("id") or "") if found is not None else ""
