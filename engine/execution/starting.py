"""How a case begins: at a start event, an instantiating receive task, or an event after an instantiating gateway."""

from __future__ import annotations

from typing import Any

from engine.definition.model import Kind
from engine.errors import InvalidInput
from engine.execution import data, events
from engine.execution.kernel import Kernel
from engine.execution.program import WAITED, Info
from engine.execution.state import Node, Op


def entry_of(kernel: Kernel, element: str | None) -> Info | None:
    """Where a case begins; None for the none start event or the elements without incoming flow."""
    root = kernel.program.root
    if element is None:
        if not root.entry:
            raise InvalidInput(expected="a process with a none start event", found="none", where=root.id)
        return None
    info = kernel.program.infos.get(element)
    if info is None or info.scope is not root or not (_is_start(info) or _gateway_before(kernel, info)):
        raise InvalidInput(expected="a start event of the process", found=element, where=root.id)
    return info


def _is_start(info: Info) -> bool:
    return info.kind is Kind.START_EVENT or info.element is not None and info.element.instantiate


def _gateway_before(kernel: Kernel, info: Info) -> Info | None:
    return next((each for each in kernel.program.root.elements if each.kind is Kind.EVENT_BASED_GATEWAY
                 and each.element is not None and each.element.instantiate
                 and any(link.target is info for link in each.outgoing)), None)


def start(kernel: Kernel, root: Node, key: str | None, variables: dict[str, Any] | None, event: int) -> Op | None:
    """Op: the event sub-processes of the root listen, then the first token enters.

    ``variables`` came with the event of the element ``key``; ``event`` is which of several definitions it was.
    """
    entry = kernel.program.infos[key] if key is not None else None
    gateway = _gateway_before(kernel, entry) if entry is not None and not _is_start(entry) else None
    seen = data.view(kernel, root)
    plans = events.plan_all(kernel, kernel.program.root.starts, seen)
    needed = _needed(kernel, entry, gateway, event, seen)
    if not events.listen(kernel, root, plans):
        return None
    if entry is None:
        return "begin", root.id
    root.live += 1
    if gateway is not None:
        node = kernel.spawn(gateway, root)
        events.listen(kernel, node, needed)
        events.gateway_answered(kernel, node, entry, variables or {})
        return None
    if entry.kind is Kind.RECEIVE_TASK:
        return "finish", kernel.spawn(entry, root).id, variables
    if not needed:
        return "enter", root.id, entry.key, variables
    node = kernel.spawn(entry, root)
    node.more().payload[entry.key] = variables or {}
    events.listen(kernel, node, needed)
    return None


def _needed(kernel: Kernel, entry: Info | None, gateway: Info | None, event: int, seen: data.View) -> list[events.Plan]:
    """What else must come: the other events of a parallel gateway, or of a parallel multiple start event."""
    if entry is None or entry.element is None:
        return []
    if gateway is not None and gateway.element is not None and gateway.element.parallel_gateway:
        return events.plan_all(kernel, [link.target for link in gateway.outgoing if link.target is not entry], seen)
    if entry.kind is Kind.START_EVENT and entry.element.parallel_multiple:
        return [events.plan(kernel, entry, each, seen) for each in entry.events
                if each.index != event and each.trigger in WAITED]
    return []
